//! Times as the service writes them.

use std::cell::Cell;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The date and time of day in UTC.
struct Parts {
    date: String,
    time: String,
}

fn parts(at: SystemTime) -> Parts {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Civil date from the day number, counted from 0000-03-01 so that a leap day ends its year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    // The service omits trailing zeros of the fraction.
    let micros = format!("{:06}", since.subsec_micros());
    let fraction = micros.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Parts {
        date: format!("{year:04}-{month:02}-{day:02}"),
        time: format!("{:02}:{:02}:{:02}{point}{fraction}", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// A time as RFC 3339 with zero to six fraction digits.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    let Parts { date, time } = parts(at);
    format!("{date}T{time}Z")
}

/// A time as Go prints it, as in `expiresAt` of a cluster.
pub(crate) fn go_time(at: SystemTime) -> String {
    let Parts { date, time } = parts(at);
    format!("{date} {time} +0000 UTC")
}

thread_local! {
    /// How far the world that this thread works on is ahead of the machine's clock.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Sets how far the clock is ahead; done when a world is locked, after which the thread works on that world alone.
pub(crate) fn set_ahead(ahead: Duration) {
    AHEAD.set(ahead);
}

/// The world's current time.
pub(crate) fn system() -> SystemTime {
    let now = SystemTime::now();
    now.checked_add(AHEAD.get()).unwrap_or(now)
}

/// The world's current time on a monotonic clock.
pub(crate) fn instant() -> Instant {
    let now = Instant::now();
    now.checked_add(AHEAD.get()).unwrap_or(now)
}

/// The current time as RFC 3339.
pub(crate) fn now() -> String {
    rfc3339(system())
}

/// A time as in pre-signed URLs, such as `20260918T123920Z`.
pub(crate) fn compact(at: SystemTime) -> String {
    let Parts { date, time } = parts(at);
    format!("{}T{}Z", date.replace('-', ""), time.get(..8).unwrap_or_default().replace(':', ""))
}

/// Reads what [`compact`] writes.
pub(crate) fn read_compact(text: &str) -> Option<SystemTime> {
    let part = |range: std::ops::Range<usize>| text.get(range);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, second) = (part(9..11)?, part(11..13)?, part(13..15)?);
    read(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The current time shifted by this many seconds.
pub(crate) fn shifted(seconds: i64) -> SystemTime {
    let (now, by) = (system(), Duration::from_secs(seconds.unsigned_abs()));
    let shifted = if seconds < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    shifted.unwrap_or(now)
}

/// Reads what a create accepts as expiry: a duration such as `1h30m`, a date, or a time with or without a zone.
pub(crate) fn expiry(text: &str) -> Option<SystemTime> {
    duration(text).and_then(|duration| system().checked_add(duration)).or_else(|| read(text))
}

fn duration(text: &str) -> Option<Duration> {
    let mut total = 0;
    let mut number = String::new();
    for character in text.chars() {
        let unit = match character {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let amount = number.parse::<u64>().ok()?.checked_mul(unit)?;
        total = u64::checked_add(total, amount)?;
        number.clear();
    }
    (number.is_empty() && !text.is_empty()).then(|| Duration::from_secs(total))
}

fn read(text: &str) -> Option<SystemTime> {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u64>().ok());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (hour, minute, second) = match text.len() {
        10 => (0, 0, 0),
        _ => (number(11, 13)?, number(14, 16)?, number(17, 19)?),
    };
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year;
    let seconds = (days - 719_468) * 86_400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Whether a string is one of the forms in which the service writes times.
pub(crate) fn is_time(text: &str) -> bool {
    // Year, month and day are enough to tell a time from a word; Go's zero time is before 1970.
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let zoned = text.len() == 10
        || text.ends_with('Z')
        || text.ends_with("UTC")
        || text.get(19..).is_some_and(|tail| tail.contains(['+', '-']));
    digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7) && bytes.get(7) == Some(&b'-') && digits(8..10) && zoned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_are_written_and_read() {
        let at = UNIX_EPOCH + Duration::from_micros(1_789_735_160_438_880);
        assert_eq!(rfc3339(at), "2026-09-18T12:39:20.43888Z");
        assert_eq!(go_time(UNIX_EPOCH + Duration::from_secs(951_782_400)), "2000-02-29 00:00:00 +0000 UTC");
        let exact = UNIX_EPOCH + Duration::from_secs(1_789_735_160);
        assert_eq!((compact(exact).as_str(), read_compact("20260918T123920Z")), ("20260918T123920Z", Some(exact)));
        assert_eq!(read("2000-02-29"), Some(UNIX_EPOCH + Duration::from_secs(951_782_400)));
        assert_eq!(read("2026-09-18T12:39:20Z"), Some(UNIX_EPOCH + Duration::from_secs(1_789_735_160)));
    }

    #[test]
    fn durations_are_understood_and_words_are_not() {
        assert_eq!(duration("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!((duration("soon"), duration(""), expiry("never")), (None, None, None));
        assert_eq!((expiry("99999999999999999999h"), expiry("18446744073709551615s")), (None, None));
        assert!(is_time("0001-01-01T00:00:00Z") && is_time("2026-09-17 09:42:41 -0500 EST") && !is_time("tomorrow"));
    }
}
