//! What a request is about, in the service's nouns. "Function not found" from a gateway says nothing about a workspace.

/// What the service can report as not found. Proxies report pages, routes, hosts, services and backends.
static NOUNS: [&str; 25] = [
    "account",
    "cluster",
    "connection",
    "database",
    "deployment",
    "entity",
    "execution",
    "export",
    "flow",
    "function",
    "group",
    "identity",
    "invitation",
    "job",
    "model",
    "notebook",
    "organization",
    "principal",
    "project",
    "region",
    "role",
    "secret",
    "team",
    "user",
    "workspace",
];
/// The same, if the request names a file. Web servers report missing files, too.
pub(super) const FILES: [&str; 4] = ["directory", "file", "folder", "path"];

/// Synonyms: for a request that names a word on the left, the service may report a word on the right. What v1 calls a workspace is a
/// cluster in v2, and the service mixes the two; access controls and roles concern users and teams.
static KIN: [(&[&str], &[&str]); 5] = [
    (
        &["workspace", "cluster", "group", "deployment", "stage", "sharedtier"],
        &["workspace", "cluster", "group", "deployment"],
    ),
    (&["egress"], &["export"]),
    (&["access", "identity", "role", "team", "user"], &["identity", "role", "team", "user"]),
    (&["inferenceapi"], &["model"]),
    (&["job"], &["notebook"]),
];

/// The nouns in a name such as `workspaceGroupID` or `/v1/cloudfunctions/{cloudfunctionID}`.
pub(super) fn nouns(name: &str) -> Vec<&'static str> {
    let words = words(name);
    let named =
        |noun: &&str| words.iter().any(|word| word == noun || *noun == "function" && word.ends_with("function"));
    let mut all: Vec<&str> = NOUNS.iter().copied().filter(named).collect();
    for (names, kin) in &KIN {
        if names.iter().any(|name| words.iter().any(|word| word == name)) {
            all.extend(*kin);
        }
    }
    all
}

/// The noun that a word of a message matches.
pub(super) fn noun(word: &str) -> Option<&'static str> {
    let same = |noun: &&str| *noun == word || *noun == "function" && word == "cloudfunction";
    NOUNS.iter().copied().find(same)
}

/// The words of a name, in lower case and singular.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (begins || !c.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    let singular = |word: String| match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').filter(|stem| !stem.ends_with(['s', 'u'])).unwrap_or(&word).to_owned(),
    };
    words.into_iter().map(|word| if word == "egress" { word } else { singular(word) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_word_by_word_in_the_singular() {
        for (name, want) in [
            ("/v1/secrets/{secretID}/accessControls", &["secret", "identity", "role", "team", "user"][..]),
            ("workspaceGroupID", &["group", "workspace", "workspace", "cluster", "group", "deployment"]),
            ("/v1/cloudfunctions/{cloudfunctionID}", &["function"]),
            ("/v1/privateConnections/{connectionID}", &["connection"]),
            ("delegatedEntities", &["entity"]),
            ("/v1/x/{id}", &[]),
            ("", &[]),
            ("Straße/İ/ß", &[]),
        ] {
            assert_eq!(nouns(name), want, "{name}");
        }
    }
}
