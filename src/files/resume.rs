//! What the head of a response means for a download that may already have started. Nothing here does I/O.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode, Version};

use crate::error::{Meaning, is_retryable};

/// How often a download starts over because it cannot be resumed.
pub(crate) const MAX_RESTARTS: u32 = 2;

/// What has been received of a file, and what is known of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// The bytes handed on.
    pub(crate) offset: u64,
    /// The announced length; `None` for a body whose framing marks its end.
    pub(crate) total: Option<u64>,
    /// Whether the total was announced twice, as the length and in a range.
    pub(crate) confirmed: bool,
    /// The strong validator, if any.
    etag: Option<String>,
    encoding: Option<String>,
}

/// What to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The file from its beginning.
    Whole,
    /// The rest of this version of the file.
    Rest { from: u64, etag: String },
}

/// What to do with a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Its body continues what was received.
    Continue,
    /// Its body is the file from the beginning.
    Start,
    /// It does not continue what was received: ask for the whole file.
    AskWhole(&'static str),
    /// The pre-signed URL has expired or was refused.
    Refused,
    /// Try again later.
    Later,
    /// No further attempt can succeed.
    Fail(&'static str),
}

impl Held {
    /// What to ask for next. Without a strong validator, the rest may belong to another version.
    pub(crate) fn ask(&self) -> Ask {
        match &self.etag {
            Some(etag) if self.offset > 0 => Ask::Rest { from: self.offset, etag: etag.clone() },
            _ => Ask::Whole,
        }
    }

    /// Whether everything that was announced has arrived.
    pub(crate) fn is_complete(&self) -> bool {
        self.total == Some(self.offset)
    }

    /// Judges the head of a response, and records what it says if its body is to be read.
    pub(crate) fn judge(&mut self, ask: &Ask, status: StatusCode, version: Version, headers: &HeaderMap) -> Head {
        match (status.as_u16(), ask) {
            (200, _) => self.start(version, headers),
            (206, Ask::Rest { from, etag }) => self.resume(*from, etag, headers),
            (206, Ask::Whole) => Head::Fail("the server sent a part of the file although the whole file was requested"),
            (412, Ask::Rest { .. }) => Head::AskWhole("the file has changed since the download began"),
            (416, Ask::Rest { .. }) => Head::AskWhole("the server has no such part of the file"),
            (401 | 403, _) => Head::Refused,
            (404 | 410, _) => Head::Fail("the storage does not have the file"),
            (status, _) if is_retryable(status, Meaning::default()) => Head::Later,
            _ => Head::Fail("the storage refused to serve the file"),
        }
    }

    fn start(&mut self, version: Version, headers: &HeaderMap) -> Head {
        let total = match length(headers) {
            Ok(total) => total,
            Err(why) => return Head::Fail(why),
        };
        let framed = headers.contains_key(TRANSFER_ENCODING) || version >= Version::HTTP_2;
        if total.is_none() && !framed {
            return Head::Fail("the server announced no length, so it is not known whether the file is complete");
        }
        *self = Self { offset: 0, total, confirmed: false, etag: strong_etag(headers), encoding: encoding(headers) };
        Head::Start
    }

    fn resume(&mut self, from: u64, etag: &str, headers: &HeaderMap) -> Head {
        let Some((start, end, total)) = content_range(headers) else {
            return Head::AskWhole("the server sent a part of the file and did not say which");
        };
        if start != from || end.checked_add(1) != Some(total) {
            return Head::AskWhole("the server sent a different part of the file than requested");
        }
        if self.total.is_some_and(|known| known != total) || from >= total {
            return Head::AskWhole("the file has a different length than when the download began");
        }
        if strong_etag(headers).as_deref() != Some(etag) {
            return Head::AskWhole("the server sent a part of another version of the file");
        }
        if encoding(headers) != self.encoding {
            return Head::AskWhole("the server sent a part of the file in another encoding");
        }
        match length(headers) {
            Ok(Some(length)) if total.checked_sub(from) != Some(length) => {
                return Head::AskWhole("the server announced two lengths that contradict each other");
            }
            Ok(_) => {}
            Err(why) => return Head::Fail(why),
        }
        self.total = Some(total);
        self.confirmed = true;
        Head::Continue
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn length(headers: &HeaderMap) -> Result<Option<u64>, &'static str> {
    match headers.get(CONTENT_LENGTH) {
        None => Ok(None),
        Some(value) => match value.to_str().ok().and_then(|text| text.trim().parse().ok()) {
            Some(length) => Ok(Some(length)),
            None => Err("the server announced a length that is not a number"),
        },
    }
}

/// A validator that vouches for every byte; a weak one does not.
fn strong_etag(headers: &HeaderMap) -> Option<String> {
    let etag = text(headers, &ETAG)?;
    let strong = etag.len() >= 2 && etag.starts_with('"') && etag.ends_with('"');
    strong.then(|| etag.to_owned())
}

fn encoding(headers: &HeaderMap) -> Option<String> {
    text(headers, &CONTENT_ENCODING).filter(|name| !name.eq_ignore_ascii_case("identity")).map(str::to_ascii_lowercase)
}

/// The first and last byte, and the length of the whole.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64, u64)> {
    let value = text(headers, &CONTENT_RANGE)?;
    let (unit, range) = value.split_once(' ')?;
    let (range, total) = range.trim().split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let range = (start.trim().parse().ok()?, end.trim().parse().ok()?, total.trim().parse().ok()?);
    (unit.eq_ignore_ascii_case("bytes") && range.0 <= range.1).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn begun(pairs: &[(&str, &str)], offset: u64) -> Held {
        let mut held = Held::default();
        let head = held.judge(&Ask::Whole, StatusCode::OK, Version::HTTP_11, &headers(pairs));
        assert_eq!(head, Head::Start);
        held.offset = offset;
        held
    }

    #[test]
    fn transient_statuses_are_retried_as_everywhere() {
        for status in 400..600 {
            let later = !matches!(status, 401 | 403 | 404 | 410 | 412 | 416)
                && crate::error::is_retryable(status, crate::error::Meaning::default());
            let status = StatusCode::from_u16(status).unwrap();
            let head = Held::default().judge(&Ask::Whole, status, Version::HTTP_11, &HeaderMap::new());
            assert_eq!(head == Head::Later, later, "{status}");
        }
    }

    #[test]
    fn only_a_strong_validator_asks_for_the_rest() {
        let etag = "\"v1\"".to_owned();
        assert_eq!(begun(&[("content-length", "100"), ("etag", "\"v1\"")], 40).ask(), Ask::Rest { from: 40, etag });
        for weak in ["W/\"v1\"", "v1", "\"", ""] {
            assert_eq!(begun(&[("content-length", "100"), ("etag", weak)], 40).ask(), Ask::Whole, "{weak}");
        }
        assert_eq!(begun(&[("content-length", "100"), ("etag", "\"v1\"")], 0).ask(), Ask::Whole);
    }

    #[test]
    fn a_part_is_accepted_only_if_it_is_the_right_one() {
        let good = [("content-range", "bytes 40-99/100"), ("etag", "\"v1\""), ("content-length", "60")];
        let with = |name: &str, value: &'static str| {
            let mut pairs = good.to_vec();
            pairs.retain(|(have, _)| *have != name);
            if !value.is_empty() {
                pairs.push((
                    if name == "content-encoding" {
                        "content-encoding"
                    } else {
                        good.iter().find(|(have, _)| *have == name).map_or("x", |(have, _)| have)
                    },
                    value,
                ));
            }
            pairs
        };
        let judge = |pairs: &[(&str, &str)]| {
            let mut held = begun(&[("content-length", "100"), ("etag", "\"v1\"")], 40);
            let ask = held.ask();
            let head = held.judge(&ask, StatusCode::PARTIAL_CONTENT, Version::HTTP_11, &headers(pairs));
            assert_eq!(held.offset, 40);
            (head, held.confirmed)
        };
        assert_eq!(judge(&good), (Head::Continue, true));
        for pairs in [
            with("content-range", "bytes 41-99/100"),
            with("content-range", "bytes 0-99/100"),
            with("content-range", "bytes 40-98/100"),
            with("content-range", "bytes 40-100/101"),
            with("content-range", "bytes 40-99/*"),
            with("content-range", "items 40-99/100"),
            with("content-range", "nonsense"),
            with("content-range", ""),
            with("etag", "\"v2\""),
            with("etag", "W/\"v1\""),
            with("etag", ""),
            with("content-length", "59"),
            with("content-encoding", "gzip"),
        ] {
            let (head, _) = judge(&pairs);
            assert!(matches!(head, Head::AskWhole(_)), "{pairs:?}: {head:?}");
        }
    }

    #[test]
    fn statuses_decide_how_a_download_continues() {
        let rest = Ask::Rest { from: 40, etag: "\"v1\"".into() };
        for (status, ask, want) in [
            (412, &rest, "AskWhole"),
            (416, &rest, "AskWhole"),
            (412, &Ask::Whole, "Fail"),
            (416, &Ask::Whole, "Fail"),
            (206, &Ask::Whole, "Fail"),
            (204, &Ask::Whole, "Fail"),
            (403, &rest, "Refused"),
            (401, &Ask::Whole, "Refused"),
            (404, &rest, "Fail"),
            (400, &rest, "Fail"),
            (503, &rest, "Later"),
            (500, &Ask::Whole, "Later"),
            (429, &rest, "Later"),
            (501, &rest, "Fail"),
        ] {
            let mut held = begun(&[("content-length", "100"), ("etag", "\"v1\"")], 40);
            let head = held.judge(ask, StatusCode::from_u16(status).unwrap(), Version::HTTP_11, &HeaderMap::new());
            assert!(format!("{head:?}").starts_with(want), "{status}: {head:?}");
            assert_eq!(held.offset, 40);
        }
    }

    #[test]
    fn a_whole_file_restarts_from_zero() {
        let mut held = begun(&[("content-length", "100"), ("etag", "\"v1\"")], 40);
        let ask = held.ask();
        let fresh = headers(&[("content-length", "7"), ("etag", "\"v2\"")]);
        assert_eq!(held.judge(&ask, StatusCode::OK, Version::HTTP_11, &fresh), Head::Start);
        assert_eq!((held.offset, held.total, held.confirmed), (0, Some(7), false));
        held.offset = 7;
        assert!(held.is_complete());
    }

    #[test]
    fn a_body_without_a_known_end_is_not_a_file() {
        let mut held = Held::default();
        let judge = |held: &mut Held, version, pairs: &[(&str, &str)]| {
            held.judge(&Ask::Whole, StatusCode::OK, version, &headers(pairs))
        };
        assert!(matches!(judge(&mut held, Version::HTTP_11, &[]), Head::Fail(_)));
        assert!(matches!(judge(&mut held, Version::HTTP_11, &[("content-length", "x")]), Head::Fail(_)));
        assert_eq!(judge(&mut held, Version::HTTP_11, &[("transfer-encoding", "chunked")]), Head::Start);
        assert_eq!(judge(&mut held, Version::HTTP_2, &[]), Head::Start);
        assert!(!held.is_complete());
    }
}
