//! The header `Retry-After`: seconds, or a date.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE, RETRY_AFTER};

/// How long the server asks to wait; `None` without the header, or if it is neither seconds nor a date.
///
/// A date is compared with the server's clock if the response carries its time, otherwise with ours.
pub(crate) fn parse(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit a u64 are still a number: an absurd one, which no deadline allows.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    if let Some(time) = fraction(text) {
        return Some(time);
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let now = server_time(headers).unwrap_or(now);
    // A date in the past means now.
    Some(at.duration_since(now).unwrap_or(Duration::ZERO))
}

/// Seconds with a fraction. Not parsed as a float, which takes as much code as the rest of a retry.
fn fraction(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.')?;
    if whole.is_empty() || !(whole.bytes().chain(part.bytes())).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = part
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'));
    Some(Duration::new(whole.parse().unwrap_or(u64::MAX), nanos))
}

/// The server's time, from the `Date` header; `None` if a cache sent the response, or if two dates disagree.
pub(crate) fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    if headers.get(AGE).is_some_and(|age| age.as_bytes().trim_ascii() != b"0") {
        return None;
    }
    let mut dates = headers.get_all(DATE).iter();
    let date = dates.next().filter(|date| dates.all(|other| other == date))?;
    httpdate::parse_http_date(date.to_str().ok()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, http::HeaderValue::from_bytes(text.as_bytes()).ok()?);
        parse(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
    }

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else() {
        let secs = |n| Some(Duration::from_secs(n));
        for (text, want) in [
            ("0", secs(0)),
            (" 120 ", secs(120)),
            ("1.5", Some(Duration::from_millis(1500))),
            ("1.", secs(1)),
            ("0.0000000019", Some(Duration::from_nanos(1))),
            ("99999999999999999999999999.9", Some(Duration::new(u64::MAX, 900_000_000))),
            ("1.5.1", None),
            ("1.-5", None),
            (".5", None),
            ("99999999999999999999999999", secs(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", secs(10)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", secs(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", secs(0)),
            ("", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("soon", None),
            ("12 s", None),
            ("\u{ff11}", None),
        ] {
            assert_eq!(read(text), want, "{text:?}");
        }
        assert_eq!(parse(&HeaderMap::new(), SystemTime::now()), None);
    }

    #[test]
    fn no_text_makes_it_panic() {
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..20_000 {
            let length = random.usize(..40);
            let text: String = (0..length).map(|_| random.char(' '..'\u{7f}')).collect();
            let _ = read(&text);
        }
    }

    #[test]
    fn a_date_that_is_not_the_servers_current_time_is_ignored() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        let read = |fields: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, value.parse().unwrap());
            }
            server_time(&headers)
        };
        assert!(read(&[("date", now)]).is_some() && read(&[("date", now), ("age", "0")]).is_some());
        assert!(read(&[("date", now), ("date", now)]).is_some(), "the same twice");
        assert_eq!(read(&[("date", now), ("date", "Sun, 06 Nov 1994 09:49:37 GMT")]), None, "two that differ");
        assert_eq!(read(&[("date", now), ("age", "86")]), None, "a cache kept it");
        assert_eq!(read(&[("date", now), ("age", "-")]), None);
        assert_eq!(read(&[("date", "1994-11-06T08:49:37Z")]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn a_date_is_compared_with_the_clock_of_the_server() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:47 GMT"));
        headers.insert(DATE, http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:40 GMT"));
        // Our clock is years ahead; the server's seven seconds still count as seven.
        assert_eq!(parse(&headers, SystemTime::now()), Some(Duration::from_secs(7)));
        headers.insert(DATE, http::HeaderValue::from_static("yesterday"));
        assert_eq!(parse(&headers, SystemTime::now()), Some(Duration::ZERO));
    }
}
