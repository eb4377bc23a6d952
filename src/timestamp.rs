//! Points in time in the dozen forms in which the service writes them.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use crate::ser::{Out, Scalar, Writable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::de::{Filled, Read, Source, Take, Value, Want};

/// A point in time: the string as the service sent it, and what it means.
///
/// The service writes RFC 3339 with 0 to 9 fraction digits in most places, and in some the form that Go prints (`2026-09-17
/// 14:42:41.445984 +0000 UTC`), a date alone, or no zone (which means UTC). Its zero time `0001-01-01T00:00:00Z` means "not set".
/// A string in any other form is kept without a meaning, so that one odd field does not fail a whole response.
///
/// ```
/// use singlestore_management::Timestamp;
///
/// let expires: Timestamp = "2026-09-17 14:42:41.445984 +0000 UTC".parse()?;
/// assert_eq!(expires.as_str(), "2026-09-17 14:42:41.445984 +0000 UTC");
/// assert_eq!(expires.unix_seconds(), Some(1_789_656_161));
/// assert!(!Timestamp::from("0001-01-01T00:00:00Z").is_set());
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone)]
pub struct Timestamp {
    text: Box<str>,
    at: Option<OffsetDateTime>,
}

impl Timestamp {
    /// The string as sent on the wire.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is a point in time: neither blank, nor the zero time, nor an unknown form.
    pub fn is_set(&self) -> bool {
        self.at.is_some()
    }

    /// The point in time, with the offset in the string; `None` if [`is_set`](Self::is_set) is false.
    pub fn to_offset_date_time(&self) -> Option<OffsetDateTime> {
        self.at
    }

    /// The point in time for the standard library; `None` if [`is_set`](Self::is_set) is false.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        self.at.map(SystemTime::from)
    }

    /// Whole seconds since 1970-01-01 UTC; `None` if [`is_set`](Self::is_set) is false.
    pub fn unix_seconds(&self) -> Option<i64> {
        self.at.map(OffsetDateTime::unix_timestamp)
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.as_str().to_owned()
    }
}

impl From<&Timestamp> for Timestamp {
    fn from(timestamp: &Timestamp) -> Self {
        timestamp.clone()
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self { at: read(text.trim()), text: text.into() }
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self { at: read(text.trim()), text: text.into() }
    }
}

impl FromStr for Timestamp {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self { text: write(at).into(), at: Some(at) }
    }
}

impl From<SystemTime> for Timestamp {
    fn from(at: SystemTime) -> Self {
        Self::from(OffsetDateTime::from(at))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.text)
    }
}

impl PartialEq for Timestamp {
    /// Two times are equal if they are the same instant, in any form; without a meaning, if they are the same string.
    fn eq(&self, other: &Self) -> bool {
        match (self.at, other.at) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.text == other.text,
            _ => false,
        }
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.at.zip(other.at).map(|(a, b)| a.cmp(&b)).or_else(|| (self == other).then_some(std::cmp::Ordering::Equal))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl Writable for Timestamp {
    #[inline]
    fn write(&self, out: &mut dyn Out) {
        out.scalar(Scalar::Text(&self.text));
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::de::read(deserializer)
    }
}

struct Reading<'a>(&'a mut Option<Timestamp>);

impl Take for Reading<'_> {
    fn take(&mut self, text: &str) -> Result<(), String> {
        *self.0 = Some(Timestamp::from(text));
        Ok(())
    }
}

impl Value for Timestamp {
    fn blank() -> Self {
        Self { text: Box::default(), at: None }
    }

    fn read(&mut self, null: bool, source: &mut dyn Source) -> Read {
        let mut read = None;
        source.read(Want::text(null, &mut Reading(&mut read)))?;
        if let Some(value) = read {
            *self = value;
        }
        Ok(())
    }
}

impl Filled for Timestamp {
    fn read_filled(slot: &mut Option<Self>, source: &mut dyn Source) -> Read {
        source.read(Want::filled_text(&mut Reading(slot)))
    }
}

/// RFC 3339, with as many fraction digits as needed.
fn write(at: OffsetDateTime) -> String {
    let (date, time, offset) = (at.date(), at.time(), at.offset());
    let mut text = format!("{:04}-{:02}-{:02}T", date.year(), u8::from(date.month()), date.day());
    text.push_str(&format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()));
    if time.nanosecond() > 0 {
        text.push_str(format!(".{:09}", time.nanosecond()).trim_end_matches('0'));
    }
    if offset.is_utc() {
        text.push('Z');
    } else {
        let (hours, minutes, _) = offset.as_hms();
        let sign = if offset.is_negative() { '-' } else { '+' };
        text.push_str(&format!("{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs()));
    }
    text
}

/// Reads any of the forms; `None` for the zero time and unknown forms.
fn read(text: &str) -> Option<OffsetDateTime> {
    // Go appends its monotonic clock: "... +0000 UTC m=+0.000000001".
    let text = if text.as_bytes().contains(&b'=') { text.split(" m=").next()? } else { text };
    let date = read_date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    let at = match rest.strip_prefix(['T', 't', ' ']) {
        Some(rest) => {
            let end = rest.bytes().position(|b| !matches!(b, b'0'..=b'9' | b':' | b'.')).unwrap_or(rest.len());
            let (clock, zone) = rest.split_at(end);
            PrimitiveDateTime::new(date, read_clock(clock)?).assume_offset(read_zone(zone.trim())?)
        }
        None if rest.is_empty() => PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_utc(),
        None => return None,
    };
    (at.year() > 1).then_some(at)
}

fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The number of one to nine digits at the beginning of a string, and what follows it. Hand-written because lists contain many
/// times.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    matches!(end, 1..=9).then(|| (digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')), rest))
}

/// The same for a small number.
fn small(text: &[u8]) -> Option<(u8, &[u8])> {
    number(text).and_then(|(number, rest)| Some((u8::try_from(number).ok()?, rest)))
}

fn read_date(text: &str) -> Option<Date> {
    let (year, rest) = number(text.as_bytes())?;
    let (month, rest) = small(rest.strip_prefix(b"-")?)?;
    let (day, rest) = small(rest.strip_prefix(b"-")?)?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, Month::try_from(month).ok()?, day);
    date.ok().filter(|_| rest.is_empty())
}

fn read_clock(text: &str) -> Option<Time> {
    let (hour, rest) = small(text.as_bytes())?;
    let (minute, rest) = small(rest.strip_prefix(b":")?)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => small(rest)?,
        None => (0, rest),
    };
    let nanos = match rest.strip_prefix(b".") {
        Some(fraction) if !fraction.is_empty() => {
            let kept = fraction.get(..9).unwrap_or(fraction);
            let (number, rest) = number(kept)?;
            if !rest.is_empty() {
                return None;
            }
            number * 10_u32.pow(9_u32.saturating_sub(u32::try_from(kept.len()).ok()?))
        }
        None if !rest.is_empty() => return None,
        _ => 0,
    };
    Time::from_hms_nano(hour, minute, second, nanos).ok()
}

/// `Z`, nothing, `+05:30`, `-0500`, each optionally followed by the name of a zone.
fn read_zone(text: &str) -> Option<UtcOffset> {
    let offset = text.split(' ').next()?;
    if matches!(offset, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(UtcOffset::UTC);
    }
    let sign = match offset.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let figures: String = offset.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = (figures.get(..2)?, figures.get(2..4).unwrap_or("00"));
    let part = |text: &str| digits(text).and_then(|n| i8::try_from(n).ok());
    UtcOffset::from_hms(sign * part(hours)?, sign * part(minutes)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_the_service_is_known_for_is_read() {
        for (text, seconds) in [
            ("2026-09-17T13:42:41.493848Z", 1_789_652_561),
            ("2026-09-18T12:39:20.43888Z", 1_789_735_160),
            ("2026-09-18T12:39:20.438880123Z", 1_789_735_160),
            ("2023-09-18T09:56:56Z", 1_695_031_016),
            ("2026-09-18T12:39:20.438880+00:00", 1_789_735_160),
            ("2222-01-01T00:00:00+07:00", 7_952_317_200),
            ("2026-09-17 14:42:41.445984 +0000 UTC", 1_789_656_161),
            ("2026-09-17 14:42:41.4 +0000 UTC", 1_789_656_161),
            ("2026-09-17 09:42:41 -0500 EST", 1_789_656_161),
            ("2026-09-17 20:12:41 +0530 IST", 1_789_656_161),
            ("2026-09-17 20:12:41 +05:30 IST", 1_789_656_161),
            ("2026-09-17 14:42:41 +0000 UTC m=+0.000000001", 1_789_656_161),
            ("2026-09-17 20:12:41+05:30", 1_789_656_161),
            ("2026-09-17 14:42:41.445984+00:00", 1_789_656_161),
            ("2026-09-17T14:42:41", 1_789_656_161),
            ("2026-09-17", 1_789_603_200),
        ] {
            let time = Timestamp::from(text);
            assert_eq!(time.unix_seconds(), Some(seconds), "{text}");
            assert_eq!(serde_json::to_string(&time).unwrap(), format!("{text:?}"), "the text is kept");
        }
    }

    #[test]
    fn the_zero_time_and_unknown_forms_are_not_set() {
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01 00:00:00 +0000 UTC",
            "0001-01-01 00:00:00 +0000 GMT",
            "0001-01-01",
            "",
            "soon",
            "2026-13-01",
            "2026-02-30T00:00:00Z",
            "2026-09-17T25:00:00Z",
            "2026-09-17T10:00:00 tomorrow",
            "2026-09-17x",
            "20260-9-17",
            "\u{00e9}\u{00e9}\u{00e9}\u{00e9}\u{00e9}",
            "2026-09-17T10:00:00.12x4Z",
        ] {
            assert!(!Timestamp::from(text).is_set(), "{text}");
        }
    }

    #[test]
    fn a_constructed_time_is_written_as_rfc_3339() {
        let time = Timestamp::from(SystemTime::UNIX_EPOCH);
        assert_eq!(time.as_str(), "1970-01-01T00:00:00Z");
        for text in ["2026-09-17T14:42:41.0450001Z", "2026-09-17T09:42:41-05:30", "2222-01-01T00:00:00.9+07:00"] {
            let at = Timestamp::from(text).to_offset_date_time().unwrap();
            assert_eq!(Timestamp::from(at).as_str(), text);
        }
        assert_eq!(time, Timestamp::from("1970-01-01 00:00:00 +0000 UTC"));
    }
}
