//! Patterns of files to skip.

/// The patterns of the caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    #[cfg(feature = "glob")]
    texts: Vec<String>,
}

/// Compiled patterns.
#[derive(Debug)]
pub(crate) struct Ignored {
    #[cfg(feature = "glob")]
    set: globset::GlobSet,
}

impl Patterns {
    #[cfg(feature = "glob")]
    pub(crate) fn add(&mut self, pattern: String) {
        self.texts.push(pattern);
    }

    #[cfg(not(feature = "glob"))]
    pub(crate) fn compile(&self) -> Result<Ignored, crate::Error> {
        Ok(Ignored {})
    }

    /// Compiles the patterns: relative to the root, `*` stops at `/`, and one without `/` matches at any depth.
    #[cfg(feature = "glob")]
    pub(crate) fn compile(&self) -> Result<Ignored, crate::Error> {
        let wrong = |text: &str, source: globset::Error| {
            crate::Error::invalid_request(format!("{text:?} is not a pattern: {}", source.kind()))
        };
        let mut set = globset::GlobSetBuilder::new();
        for text in &self.texts {
            let inner = text.strip_suffix('/').unwrap_or(text);
            let anchored = match inner.strip_prefix('/') {
                Some(rest) => rest.to_owned(),
                None if inner.contains('/') => inner.to_owned(),
                None => format!("**/{inner}"),
            };
            let glob = globset::GlobBuilder::new(&anchored).literal_separator(true).backslash_escape(true).build();
            set.add(glob.map_err(|source| wrong(text, source))?);
        }
        let set = set.build().map_err(|source| wrong("the patterns", source))?;
        Ok(Ignored { set })
    }
}

impl Ignored {
    /// Whether a path below the root is skipped, because it or one of its parent folders matches.
    #[cfg(feature = "glob")]
    pub(crate) fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let slashes = path.match_indices('/').map(|(slash, _)| slash);
        slashes.chain([path.len()]).filter_map(|end| path.get(..end)).any(|prefix| self.set.is_match(prefix))
    }

    #[cfg(not(feature = "glob"))]
    #[allow(clippy::unused_self)]
    pub(crate) fn contains(&self, _path: &str) -> bool {
        false
    }
}

#[cfg(all(test, feature = "glob"))]
mod tests {
    use super::*;

    fn ignores(pattern: &str, path: &str) -> bool {
        let mut patterns = Patterns::default();
        patterns.add(pattern.to_owned());
        patterns.compile().is_ok_and(|ignored| ignored.contains(path))
    }

    #[test]
    fn patterns_stop_at_slashes_and_those_without_one_match_anywhere() {
        for (pattern, path, want) in [
            ("*.tmp", "a.tmp", true),
            ("*.tmp", "x/y/a.tmp", true),
            ("*.tmp", "a.tmp.txt", false),
            ("x/*.tmp", "x/a.tmp", true),
            ("x/*.tmp", "x/y/a.tmp", false),
            ("x/*.tmp", "y/x/a.tmp", false),
            ("/*.tmp", "a.tmp", true),
            ("/*.tmp", "x/a.tmp", false),
            ("**/b/*.tmp", "a/b/c.tmp", true),
            ("build/", "build/", true),
            ("build", "x/build/deep/file", true),
            ("a?c", "a/c", false),
            ("*", ".hidden", true),
            ("[ab].txt", "b.txt", true),
        ] {
            assert_eq!(ignores(pattern, path), want, "{pattern} {path}");
        }
        let mut patterns = Patterns::default();
        patterns.add("[".into());
        assert_eq!(patterns.compile().unwrap_err().kind(), crate::ErrorKind::InvalidRequest);
    }
}
