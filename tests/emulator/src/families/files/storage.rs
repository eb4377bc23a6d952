//! The store behind pre-signed URLs: signatures, their expiry, entity tags, ranges, and errors in XML.

use std::sync::Arc;
use std::time::Duration;

use crate::faults::Action;
use crate::http::range::Range;
use crate::http::reader::Head;
use crate::http::response::{Response, Slice};
use crate::http::url::decode;
use crate::world::disk::Stored;
use crate::world::{World, clock, ids};

/// A content, or the requested part of it.
pub(super) fn part_of(content: &Arc<Stored>, media: &str, range: &Range) -> Response {
    let (total, etag) = (content.length, content.etag());
    let matches = |wanted: &str| wanted == "*" || wanted.split(',').any(|tag| tag.trim() == etag);
    if range.if_match.as_deref().is_some_and(|wanted| !matches(wanted)) {
        return error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    }
    let response = match range.resolve(total) {
        Err(()) => {
            let refused = error(416, "InvalidRange", "The requested range is not satisfiable");
            return refused.with_header("Content-Range", format!("bytes */{total}"));
        }
        Ok(None) => Response::file(200, media, Slice { content: content.clone(), start: 0, length: total }),
        Ok(Some((start, length))) => {
            let slice = Slice { content: content.clone(), start, length };
            let last = (start + length).saturating_sub(1);
            Response::file(206, media, slice).with_header("Content-Range", format!("bytes {start}-{last}/{total}"))
        }
    };
    response.with_header("ETag", etag).with_header("Accept-Ranges", "bytes")
}

/// The signature of one URL; the only part that a client cannot produce.
pub(super) fn sign(space: &str, path: &str, date: &str, number: u64) -> String {
    ids::uuid_of(&format!("{space}/{path}?{date}&{number}"))
}

/// Responds to a request for a pre-signed URL.
pub(crate) fn stored(
    world: &World,
    head: &Head,
    path: &str,
    query: &[(String, String)],
    fault: Option<&Action>,
) -> Response {
    if head.method != "GET" {
        // The method is part of what is signed.
        return error(403, "SignatureDoesNotMatch", "The request signature does not match the one you provided");
    }
    let mut segments = path.trim_start_matches('/').splitn(2, '/').map(|segment| decode(segment, false));
    let (space, file) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let value =
        |name: &str| query.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let (date, number) = (value("X-Amz-Date"), value("X-Amz-Number").parse::<u64>().unwrap_or_default());
    if value("X-Amz-Signature") != sign(&space, &file, date, number) {
        return error(403, "SignatureDoesNotMatch", "The request signature does not match the one you provided");
    }
    let lifetime = value("X-Amz-Expires").parse::<u64>().unwrap_or_default();
    let expires = clock::read_compact(date).and_then(|at| at.checked_add(Duration::from_secs(lifetime)));
    if number <= world.urls_expired || expires.is_none_or(|at| at < clock::system()) {
        return error(403, "AccessDenied", "Request has expired");
    }
    let range = match fault {
        Some(Action::IgnoreRange) => Range::default(),
        Some(Action::ShiftRange(by)) => Range { shift: *by, ..Range::of(head) },
        _ => Range::of(head),
    };
    match world.files.get(&space).and_then(|tree| tree.get(&file)).and_then(|node| node.content.as_ref()) {
        Some(content) => part_of(content, "binary/octet-stream", &range),
        None => error(404, "NoSuchKey", "The specified key does not exist."),
    }
}

pub(crate) fn error(status: u16, code: &str, message: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>EMULATED0REQUEST</RequestId><HostId>emulated-host-id</HostId></Error>"
    );
    Response::bytes(status, "application/xml", body.into_bytes())
}
