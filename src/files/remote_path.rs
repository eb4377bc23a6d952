//! Paths on the service: checked before they become part of a URL.

use crate::{Error, path_check};

/// A path inside a Stage or a file space, without a leading slash. A folder ends in `/`; the root is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemotePath(String);

impl RemotePath {
    /// The root folder.
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    /// A path of a file or a folder, as written. One leading slash is removed.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let path = text.strip_prefix('/').unwrap_or(text);
        match problem(path) {
            Some(problem) => Err(Error::invalid_request(format!("the path {text:?} {problem}"))),
            None => Ok(Self(path.to_owned())),
        }
    }

    /// The path of a file: with a name, and without a trailing slash.
    pub(crate) fn file(text: &str) -> Result<Self, Error> {
        let path = Self::parse(text)?;
        if path.0.is_empty() {
            return Err(Error::invalid_request("the path of a file must not be empty"));
        }
        if path.is_folder() {
            return Err(Error::invalid_request(format!(
                "the path {text:?} ends in `/` and so names a folder; leave the slash away for a file, or use the method \
                 for folders"
            )));
        }
        Ok(path)
    }

    /// The path of a folder, with or without its trailing slash.
    pub(crate) fn folder(text: &str) -> Result<Self, Error> {
        let mut path = Self::parse(text)?;
        if !path.is_folder() {
            path.0.push('/');
        }
        Ok(path)
    }

    /// A path named by the server. It is trusted no more than a caller's.
    pub(crate) fn join(&self, below: &str) -> Result<Self, Error> {
        Self::parse(&format!("{}{below}", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the path has the form of a folder's.
    pub(crate) fn is_folder(&self) -> bool {
        self.0.is_empty() || self.0.ends_with('/')
    }

    /// The same path as a folder's.
    pub(crate) fn as_folder(&self) -> Self {
        if self.is_folder() { self.clone() } else { Self(format!("{}/", self.0)) }
    }

    /// The last part, without a trailing slash.
    pub(crate) fn name(&self) -> &str {
        let path = self.0.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The parent folders, outermost first; the root is not among them.
    pub(crate) fn parents(&self) -> Vec<Self> {
        let inner = self.0.strip_suffix('/').unwrap_or(&self.0);
        inner.match_indices('/').map(|(slash, _)| Self(inner.get(..=slash).unwrap_or_default().to_owned())).collect()
    }
}

impl std::fmt::Display for RemotePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}

/// Why a path would name something other than it seems to.
fn problem(path: &str) -> Option<&'static str> {
    let inner = path.strip_suffix('/').unwrap_or(path);
    if !path.is_empty() && inner.split('/').any(str::is_empty) {
        return Some("must not contain empty parts, such as `//`");
    }
    path_check::problem(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leading_slash_is_removed_and_the_rest_is_kept() {
        for (text, want) in [
            ("/in/data.csv", "in/data.csv"),
            ("in/data.csv", "in/data.csv"),
            ("/", ""),
            ("", ""),
            ("in/", "in/"),
            ("%2F", "%2F"),
            ("a b+ü%.txt", "a b+ü%.txt"),
            ("...", "..."),
            (".hidden", ".hidden"),
            ("blank ", "blank "),
        ] {
            assert_eq!(RemotePath::parse(text).unwrap().as_str(), want, "{text:?}");
        }
    }

    #[test]
    fn a_path_that_would_name_something_else_is_refused() {
        for text in [
            "..",
            ".",
            "../x",
            "in/../x",
            "in/.",
            "..\\x",
            "a\\b",
            "//x",
            "a//b",
            "in//",
            "a\r\nb",
            "a\0",
            "..%2fx",
            "%2e%2e/x",
            "%2E.",
            "a/%2e",
            "..%5Cx",
            "/../x",
            "in/..;/x",
            "%252e%252e/x",
            ".. /x",
            "a/..%00/b",
            "a%0d%0ab",
        ] {
            let error = RemotePath::parse(text).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest, "{text:?}");
        }
    }

    #[test]
    fn files_and_folders_are_distinguished() {
        assert!(RemotePath::file("in/").is_err() && RemotePath::file("").is_err() && RemotePath::file("/").is_err());
        assert_eq!(RemotePath::folder("in").unwrap().as_str(), "in/");
        assert_eq!(RemotePath::folder("/").unwrap().as_str(), "");
        let path = RemotePath::file("a/b/c.txt").unwrap();
        assert_eq!(path.name(), "c.txt");
        let parents: Vec<String> = path.parents().iter().map(ToString::to_string).collect();
        assert_eq!(parents, ["a/", "a/b/"]);
        let parents: Vec<String> =
            RemotePath::folder("a/b").unwrap().parents().iter().map(ToString::to_string).collect();
        assert_eq!(parents, ["a/"]);
    }
}
