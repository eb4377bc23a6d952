//! The caller's words in a request. The service repeats them in its messages, and they must not affect what a message
//! means.

use percent_encoding::percent_decode_str;
use reqwest::Url;

use super::nouns;
use crate::json::Json;
use crate::operation::OperationInfo;

/// The strings of a request, and whether it names something by an id.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestWords {
    /// In lower case.
    strings: Vec<String>,
    names_a_resource: bool,
    names_a_file: bool,
    /// What the request is about; empty if it names nothing that the service has.
    nouns: Vec<&'static str>,
}

/// Shorter strings cannot be mistaken for a message.
const SHORTEST: usize = 3;

impl RequestWords {
    pub(crate) fn of(operation: &OperationInfo, url: &Url, body: Option<&[u8]>) -> Self {
        let names_a_file = url.path().contains("/fs/");
        // A path given by the caller has no template: anything that looks like an id counts as one.
        let free = !operation.path.starts_with('/');
        let nouns = nouns::nouns(if free { url.path() } else { operation.path });
        let names_a_resource = operation.path.contains('{');
        let mut words = Self { strings: Vec::new(), names_a_resource, names_a_file, nouns };
        for segment in url.path_segments().into_iter().flatten().skip(1) {
            words.names_a_resource |= free && segment.contains(|c: char| c.is_ascii_digit() || "-_.%".contains(c));
            words.add(&percent_decode_str(segment).decode_utf8_lossy());
        }
        for (name, value) in url.query_pairs() {
            words.add_named(&name, &value);
        }
        if let Some(body) = body.and_then(Json::read) {
            words.add_json(&body);
        }
        words
    }

    /// Whether the request names something that can be missing.
    pub(crate) fn names_a_resource(&self) -> bool {
        self.names_a_resource
    }

    /// Whether a lower-case word of a message is what the request is about. If the request names nothing known, it may
    /// be about anything that the service has.
    pub(crate) fn is_about(&self, word: &str) -> bool {
        self.is_about_file(word)
            || nouns::noun(word).is_some_and(|noun| self.nouns.is_empty() || self.nouns.contains(&noun))
    }

    /// Whether a lower-case word of a message is the file or folder that the request names.
    pub(crate) fn is_about_file(&self, word: &str) -> bool {
        self.names_a_file && nouns::FILES.contains(&word)
    }

    /// Whether a part of a lower-case message is the caller's: all of it lies within strings of the request, or one of
    /// them overlaps its edge. A word of the caller's inside a longer phrase does not make the phrase the caller's.
    pub(crate) fn own(&self, text: &str, phrase: std::ops::Range<usize>) -> bool {
        // However a server cuts or escapes a name that contains the phrase, the phrase may come from the name.
        let words = text.get(phrase.clone()).unwrap_or_default();
        if self.strings.iter().any(|string| string.contains(words)) {
            return true;
        }
        let mut covered = vec![false; phrase.len()];
        for string in &self.strings {
            for (start, found) in text.match_indices(string.as_str()) {
                let end = start + found.len();
                if end <= phrase.start || start >= phrase.end {
                    continue;
                }
                if start < phrase.start || end > phrase.end {
                    return true;
                }
                covered[start - phrase.start..end - phrase.start].fill(true);
            }
        }
        text.as_bytes().get(phrase).is_some_and(|bytes| {
            let mut pairs = bytes.iter().zip(&covered);
            pairs.all(|(byte, covered)| *covered || byte.is_ascii_whitespace())
        })
    }

    fn add_named(&mut self, name: &str, value: &str) {
        let names_an_id = name.ends_with("ID") || name.ends_with("Id");
        if names_an_id && name != "organizationID" && !value.is_empty() {
            self.names_a_resource = true;
            self.nouns.extend(nouns::nouns(name));
        }
        self.add(value);
    }

    fn add_json(&mut self, value: &Json) {
        match value {
            Json::Text(text) => self.add(text),
            Json::List(items) => items.iter().for_each(|item| self.add_json(item)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    self.add(name);
                    match value {
                        Json::Text(text) => self.add_named(name, text),
                        other => self.add_json(other),
                    }
                }
            }
            Json::Number(_) | Json::Other => {}
        }
    }

    fn add(&mut self, text: &str) {
        let text = text.trim().to_lowercase();
        if text.len() < SHORTEST {
            return;
        }
        // As shown in a quoted string, in JSON and in Go.
        let quoted = serde_json::to_string(&text).unwrap_or_default();
        let quoted = quoted.trim_matches('"');
        if quoted != text {
            self.strings.push(quoted.to_owned());
        }
        // As HTML and others show it.
        let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if spaced != text {
            self.strings.push(spaced);
        }
        self.strings.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationInfo;

    fn words(path: &'static str, url: &str, body: &str) -> RequestWords {
        let info = OperationInfo { path, ..OperationInfo::other("POST", false) };
        RequestWords::of(&info, &url.parse().unwrap(), Some(body.as_bytes()))
    }

    #[test]
    fn names_in_path_query_and_body_of_a_request_are_known() {
        for (path, url, body, want) in [
            ("/v1/projects", "https://h/v1/projects", "", false),
            ("/v1/projects/{projectID}", "https://h/v1/projects/3f25", "", true),
            ("/v1/projects", "https://h/v1/projects?organizationID=3f25", "", false),
            ("/v1/workspaces", "https://h/v1/workspaces?workspaceGroupID=3f25", "", true),
            ("/v1/workspaces", "https://h/v1/workspaces?workspaceGroupID=", "", false),
            ("/v1/workspaces", "https://h/v1/workspaces", r#"{"workspaceGroupID":"3f25"}"#, true),
            ("/v1/workspaces", "https://h/v1/workspaces", r#"{"a":[{"projectID":"3f25"}]}"#, true),
            ("/v1/workspaces", "https://h/v1/workspaces", r#"{"projectID":null,"name":"a"}"#, false),
            ("any", "https://h/v1/sharedtier/virtualWorkspaces", "", false),
            ("any", "https://h/v1/projects/3f25", "", true),
        ] {
            assert_eq!(words(path, url, body).names_a_resource(), want, "{path} {url} {body}");
        }
    }

    #[test]
    fn a_phrase_is_the_callers_only_if_all_of_it_is() {
        for (name, text, want) in [
            ("already exists", "x (already exists): no", true),
            ("team already exists", "x (team already exists): no", true),
            ("already exists", "x (already exists): already exists", true),
            ("exists", "exists already exists", false),
            ("already", "already exists", false),
            ("ALREADY exists", "already exists", true),
            ("a", "already exists", false),
            ("", "already exists", false),
        ] {
            let words = words("/v1/x", "https://h/v1/x", &serde_json::json!({ "name": name }).to_string());
            let phrases = text.match_indices("already exists").map(|(start, found)| start..start + found.len());
            let all = phrases.map(|phrase| words.own(text, phrase)).collect::<Vec<_>>();
            assert_eq!(all.iter().all(|own| *own), want, "{name:?} in {text:?}: {all:?}");
        }
        let two = words("/v1/x", "https://h/v1/already?q=exists", "");
        assert!(two.own("already exists", 0..14), "two strings side by side");
    }
}
