//! The existing proposal: its branch, who committed to it, and its pull request.

use crate::io::Io;
use serde_json::Value;

/// The author of our own commits.
pub const EMAIL: &str = "update-spec@localhost";

/// The state of `origin`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The commit of the branch; empty if there is no branch.
    pub commit: String,
    /// Commits of the branch that are neither on main nor ours, as `hash subject`.
    pub foreign: Vec<String>,
    /// The number of the open pull request from this repository's branch.
    pub pull_request: Option<String>,
}

impl Proposal {
    pub fn find(branch: &str, io: &mut dyn Io) -> Result<Self, String> {
        let reference = format!("refs/heads/{branch}");
        let heads = io.capture("git", &["ls-remote", "origin", &reference])?;
        let commit = String::from_utf8_lossy(&heads).split_whitespace().next().unwrap_or_default().to_owned();
        let mut foreign = Vec::new();
        if !commit.is_empty() {
            io.capture("git", &["fetch", "--no-tags", "origin", &reference])?;
            let range = format!("HEAD..{commit}");
            // A commit of ours that somebody amended has our author and a different committer.
            let log = io.capture("git", &["log", "--format=%ae%x09%ce%x09%h %s", &range])?;
            foreign = others(&String::from_utf8_lossy(&log));
        }
        let pulls = io.capture(
            "gh",
            &["pr", "list", "--head", branch, "--state", "open", "--json", "number,isCrossRepository"],
        )?;
        Ok(Self { commit, foreign, pull_request: own_pull_request(&pulls)? })
    }

    pub fn has_foreign_commits(&self) -> bool {
        !self.foreign.is_empty()
    }

    /// Whether the branch already has what was just committed. LOCK follows from the document, except for its date.
    pub fn has_same_content(&self, io: &mut dyn Io) -> Result<bool, String> {
        if self.commit.is_empty() || self.pull_request.is_none() {
            return Ok(false);
        }
        let names = io.capture("git", &["diff", "--name-only", &self.commit, "HEAD", "--", "spec", "api.txt"])?;
        Ok(String::from_utf8_lossy(&names).lines().all(|name| name == "spec/LOCK"))
    }

    pub fn orphaned(&self, branch: &str) -> String {
        format!(
            "The branch `{branch}` of origin has commits of others and no open pull request, so nothing was pushed:\n  {}\n\
             Open a pull request for it, or delete it if its work is merged (`git push origin --delete {branch}`).",
            self.foreign.join("\n  ")
        )
    }
}

fn others(log: &str) -> Vec<String> {
    let ours = |line: &&str| {
        let mut fields = line.split('\t');
        fields.next() == Some(EMAIL) && fields.next() == Some(EMAIL)
    };
    let foreign = log.lines().filter(|line| !ours(line));
    foreign.map(|line| line.splitn(3, '\t').nth(2).unwrap_or_default().to_owned()).collect()
}

/// A fork may have a branch of the same name; its pull request is somebody else's.
fn own_pull_request(json: &[u8]) -> Result<Option<String>, String> {
    let pulls: Vec<Value> = serde_json::from_slice(json)
        .map_err(|error| format!("`gh pr list` printed something other than a list of pull requests: {error}."))?;
    let own = pulls.iter().find(|pull| pull["isCrossRepository"] == false);
    Ok(own.map(|pull| pull["number"].to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amended_commit_of_ours_is_foreign() {
        let log = format!(
            "{EMAIL}\t{EMAIL}\ta1 ours\n{EMAIL}\tjo@example.com\tb2 amended\njo@example.com\tjo@example.com\tc3 fix\n"
        );
        assert_eq!(others(&log), ["b2 amended", "c3 fix"]);
    }

    #[test]
    fn a_pull_request_of_a_fork_is_not_ours() {
        let fork = br#"[{"number":7,"isCrossRepository":true}]"#;
        assert_eq!(own_pull_request(fork).unwrap(), None);
        let both = br#"[{"number":7,"isCrossRepository":true},{"number":9,"isCrossRepository":false}]"#;
        assert_eq!(own_pull_request(both).unwrap().as_deref(), Some("9"));
        assert!(own_pull_request(b"not logged in").unwrap_err().contains("gh pr list"));
    }
}
