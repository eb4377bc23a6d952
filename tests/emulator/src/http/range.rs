//! Requests for a part of a content.

use super::reader::Head;

/// Which part of a content a request asks for, and under which condition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Range {
    pub(crate) range: Option<String>,
    pub(crate) if_match: Option<String>,
    /// Bytes that a fault moves the start by.
    pub(crate) shift: i64,
}

impl Range {
    pub(crate) fn of(head: &Head) -> Range {
        let header = |name: &str| head.header(name).map(str::to_owned);
        Range { range: header("range"), if_match: header("if-match"), shift: 0 }
    }

    /// The first byte and the length; `None` when the whole is requested, an error when there is no such part.
    pub(crate) fn resolve(&self, total: u64) -> Result<Option<(u64, u64)>, ()> {
        let Some((first, last)) = self.range.as_deref().and_then(|text| text.strip_prefix("bytes=")?.split_once('-'))
        else {
            return Ok(None);
        };
        let (start, end) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(start), Ok(end)) if start <= end => (start, end.saturating_add(1).min(total)),
            (Ok(start), Err(_)) if last.trim().is_empty() => (start, total),
            (Err(_), Ok(count)) if first.trim().is_empty() => (total.saturating_sub(count), total),
            // A malformed range is ignored.
            _ => return Ok(None),
        };
        if start >= total {
            return Err(());
        }
        let start = start.saturating_add_signed(self.shift).min(end);
        Ok(Some((start, end - start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_field_reads_them() {
        let resolve = |text: &str| Range { range: Some(text.to_owned()), ..Range::default() }.resolve(10);
        assert_eq!(resolve("bytes=2-5"), Ok(Some((2, 4))));
        assert_eq!(resolve("bytes=2-"), Ok(Some((2, 8))));
        assert_eq!(resolve("bytes=-3"), Ok(Some((7, 3))));
        assert_eq!(resolve("bytes=8-99"), Ok(Some((8, 2))));
        assert_eq!((resolve("bytes=10-"), resolve("bytes=5-2"), resolve("lines=1-2")), (Err(()), Ok(None), Ok(None)));
    }
}
