//! Takes the one part of an upload out of its multipart frame.

/// The part named `file` of a multipart body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// Reads the first part; the message of a failure says what a client got wrong.
pub(crate) fn first_part(content_type: &str, body: &[u8]) -> Result<Part, String> {
    if !content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err(format!("request Content-Type isn't multipart/form-data: {content_type}"));
    }
    let boundary = parameter(content_type, "boundary").ok_or("no multipart boundary param in Content-Type")?;
    let opening = format!("--{boundary}\r\n");
    let closing = format!("\r\n--{boundary}");
    let start =
        find(body, opening.as_bytes()).ok_or("multipart: the body does not begin with its boundary")? + opening.len();
    let rest = body.get(start..).unwrap_or_default();
    let head_end = find(rest, b"\r\n\r\n").ok_or("multipart: the part has no end of its headers")?;
    let head = String::from_utf8_lossy(rest.get(..head_end).unwrap_or_default()).into_owned();
    let content = rest.get(head_end + 4..).unwrap_or_default();
    let end = find(content, closing.as_bytes()).ok_or("multipart: NextPart: EOF")?;
    if !content.get(end + closing.len()..).unwrap_or_default().starts_with(b"--") {
        return Err("multipart: there is more than one part, or the last boundary is not closed".to_owned());
    }
    let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
    let disposition = disposition.ok_or("multipart: the part has no Content-Disposition")?;
    Ok(Part {
        name: parameter(disposition, "name").ok_or("multipart: the part has no name")?,
        file_name: parameter(disposition, "filename"),
        content: content.get(..end).unwrap_or_default().to_vec(),
    })
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    // Looks for the first byte before comparing: uploads of many megabytes pass through here.
    while let Some(offset) = haystack.get(from..)?.iter().position(|byte| *byte == first) {
        let at = from + offset;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"b1\"";

    #[test]
    fn the_part_and_its_names_are_found() {
        let body =
            b"--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b\r\n--b1--\r\n";
        let part = first_part(TYPE, body).unwrap();
        assert_eq!(part, Part { name: "file".into(), file_name: Some("a.txt".into()), content: b"x\r\n--b".to_vec() });
    }

    #[test]
    fn broken_frames_are_refused_with_a_reason() {
        for (kind, body) in [
            ("application/json", "{}"),
            (TYPE, "--b2\r\n"),
            (TYPE, "--b1\r\nA: b\r\n\r\nx"),
            ("multipart/form-data", ""),
        ] {
            assert!(first_part(kind, body.as_bytes()).is_err(), "{kind} {body}");
        }
    }
}
