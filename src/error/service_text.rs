//! The messages of the service and the classes of statuses. Everything that interprets a failed response goes through
//! here.
//!
//! The service has no error codes: its failures are a sentence of plain text, and one status can mean several things.
//! The sentences below were recorded on the live service. A sentence in any other form means no more than its status:
//! it may come from a proxy, or from the caller, whose names the service repeats.

use super::request_words::RequestWords;

/// What the message of a failed response means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// Another creation holds the lock of the organization, and nothing was created.
    pub lock: bool,
    /// The name is taken.
    pub already_exists: bool,
    /// The service says that what the request names does not exist.
    pub not_found: bool,
    /// It is the path that does not exist, not the place in which it was looked up.
    pub no_path: bool,
    /// The service rejected an id as malformed.
    pub invalid_id: bool,
    pub out_of_credits: bool,
    pub weak_password: bool,
    pub unknown_field: bool,
    /// The resource is on its way to another state.
    pub pending: bool,
    /// The service has refused, and another attempt would not change that, even though the status suggests it.
    pub refused: bool,
}

/// `error creating workspace group (NAME): could not acquire lock within duration [0, TIME]`
const LOCK: &str = "could not acquire lock";
/// `... already exists`
const ALREADY_EXISTS: &str = "already exists";
/// The response, with any status, to reading a flow instance that does not exist.
const NO_FLOW: &str = "failed to get flow connector";
/// `Unspecified is not a valid CloudServiceProvider`
const NO_PROVIDER: &str = "is not a valid cloudserviceprovider";
/// `error creating virtual workspace (NAME): no shared tier region found for provider ...`
const NO_SHARED_TIER: &str = "no shared tier region found";
/// `cluster not found`, `project not found`
const NOT_FOUND: &str = " not found";

/// The longest message that is considered; the recorded ones are far shorter.
const LONGEST: usize = 4096;

/// How often a message may have been quoted.
const MOST_QUOTES: u32 = 2;
/// Characters of pages and objects; the service's names of its resources do not contain them.
const MARKUP: [char; 6] = ['<', '>', '{', '}', '[', ']'];

/// A text without invisible characters at its ends: blanks, byte order marks, control characters.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    })
}

impl Meaning {
    pub(crate) fn of(status: u16, body: &[u8], request: &RequestWords) -> Self {
        let Some(text) = Sentence::of(body, request) else { return Self::default() };
        let named = request.names_a_resource();
        let refusal = matches!(status, 400..=500);
        let no_flow = refusal && named && text.says(NO_FLOW);
        let already_exists = matches!(status, 400 | 409 | 422 | 500) && text.says(ALREADY_EXISTS);
        Self {
            lock: status == 500 && text.is_lock(),
            already_exists,
            not_found: no_flow || status == 404 && named && text.is_not_found(),
            no_path: status == 404 && named && text.is_not_found() && text.is_of_a_path(),
            invalid_id: status == 400 && named && text.says("uuid"),
            out_of_credits: matches!(status, 400..=499) && (text.says("no active plan") || text.says("credits")),
            weak_password: status == 400 && text.says("password must"),
            unknown_field: status == 400 && text.says("unknown field"),
            pending: matches!(status, 400 | 409)
                && ["pending", "transitioning", "in transition"].iter().any(|state| text.says(state)),
            refused: status == 500
                && (already_exists || no_flow || text.says(NO_PROVIDER) || text.says(NO_SHARED_TIER)),
        }
    }
}

/// Whether the same call may succeed later unchanged. Whether it is safe to repeat is a separate question.
pub(crate) fn is_retryable(status: u16, meaning: Meaning) -> bool {
    match status {
        // A 404 with any other message comes from something in front of the service.
        404 => !meaning.not_found,
        408 | 425 | 429 | 499 | 502..=504 | 520..=599 => true,
        500 => meaning.lock || !meaning.refused,
        _ => false,
    }
}

/// Whether a response with this status proves by itself that the service did not act.
pub(crate) fn is_harmless(status: u16) -> bool {
    status == 429
}

/// Whether a request that got this response may still have taken effect. Only known refusals prove that it did not.
/// What proxies send when they lose the service or the client (408, 444, 499, 502 to 504 and the like) proves nothing,
/// nor does a redirect of a write.
pub(crate) fn may_have_acted(status: u16, meaning: Meaning) -> bool {
    match status {
        200..=299 => false,
        400..=407 | 409..=418 | 422..=424 | 426 | 428 | 429 | 431 | 451 => false,
        500 => !meaning.lock && !meaning.refused,
        _ => true,
    }
}

/// The message of the service in lower case, and the request whose words may be in it.
struct Sentence<'a> {
    text: String,
    request: &'a RequestWords,
}

impl<'a> Sentence<'a> {
    /// None for anything that cannot be the service's message: nothing, an HTML page, a JSON object, a long text.
    fn of(body: &[u8], request: &'a RequestWords) -> Option<Self> {
        let mut text = bare(std::str::from_utf8(body).ok()?).to_owned();
        // Some responses put the message in quotes, as JSON. The content of the quotes is checked again.
        for _ in 0..=MOST_QUOTES {
            if text.is_empty() || text.len() > LONGEST || text.starts_with(['<', '{', '[']) {
                return None;
            }
            match serde_json::from_str::<String>(&text) {
                Ok(inner) => text = bare(&inner).to_owned(),
                Err(_) => return Some(Self { text: text.to_lowercase(), request }),
            }
        }
        None
    }

    /// Where the service itself uses the phrase.
    fn find(&self, phrase: &str) -> Option<usize> {
        let mut found = self.text.match_indices(phrase).map(|(start, _)| start);
        found.find(|start| !self.request.own(&self.text, *start..start + phrase.len()))
    }

    fn says(&self, phrase: &str) -> bool {
        // In `error creating KIND (NAME): REASON` the name is the caller's, however it is repeated.
        match self.reason() {
            Some(from) => self.text[from..].match_indices(phrase).any(|(start, _)| {
                let start = from + start;
                !self.request.own(&self.text, start..start + phrase.len())
            }),
            None => self.find(phrase).is_some(),
        }
    }

    /// Where the reason begins in `error creating KIND (NAME): REASON`.
    fn reason(&self) -> Option<usize> {
        let name = self.text.strip_prefix("error creating ").and_then(|rest| rest.find(" ("));
        name.and_then(|_| self.text.rfind("): ")).map(|end| end + "): ".len())
    }

    /// A creation is repeated because of this, so only the recorded form counts.
    fn is_lock(&self) -> bool {
        self.reason().is_some_and(|from| {
            self.text[from..].starts_with(LOCK) && !self.request.own(&self.text, from..from + LOCK.len())
        })
    }

    /// `cluster not found`: a sentence that ends this way or continues after a colon, and whose subject is what the
    /// request is about.
    fn is_not_found(&self) -> bool {
        let Some(at) = self.find(NOT_FOUND) else { return false };
        let (before, rest) = (&self.text[..at], &self.text[at + NOT_FOUND.len()..]);
        // A full stop ends it, unless more follows immediately.
        let ends = match rest.strip_prefix('.') {
            Some(more) => more.is_empty() || more.starts_with([' ', '"', '\'', ')']),
            None => rest.is_empty() || rest.starts_with([':', ',', ';', ')', '"', '\'']),
        };
        let marked = before.contains(MARKUP) || rest.contains("</") || self.text.contains('\n');
        ends && !marked && subject(before).any(|word| self.request.is_about(word))
    }

    /// Whether what is not found is a file or a folder.
    fn is_of_a_path(&self) -> bool {
        self.find(NOT_FOUND).is_some_and(|at| subject(&self.text[..at]).any(|word| self.request.is_about_file(word)))
    }
}

/// The words of the subject, without what the service was doing at the time.
fn subject(before: &str) -> impl Iterator<Item = &str> {
    let subject = before.rsplit(": ").next().unwrap_or_default();
    subject.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::OperationInfo;

    fn request(name: &str) -> RequestWords {
        let info = OperationInfo { path: "/v1/x/{id}", ..OperationInfo::other("POST", false) };
        let body = serde_json::json!({ "name": name }).to_string();
        RequestWords::of(&info, &"https://h/v1/x/3f25".parse().unwrap(), Some(body.as_bytes()))
    }

    fn read(status: u16, text: &str) -> Meaning {
        Meaning::of(status, text.as_bytes(), &request("g"))
    }

    #[test]
    fn only_the_recorded_form_counts_as_the_lock() {
        for text in [
            "error creating workspace group (g): could not acquire lock within duration [0, 2026/09/23 16:45:04]",
            "error creating workspace (a): Could not acquire lock within duration [0, 2026-09-23T17:37:16Z]",
            "\"error creating workspace (a): could not acquire lock\"",
        ] {
            let meaning = read(500, text);
            assert!(meaning.lock && !may_have_acted(500, meaning), "{text}");
            let elsewhere = read(503, text);
            assert!(!elsewhere.lock && may_have_acted(503, elsewhere), "only the service says it, and with 500");
        }
        for text in [
            "",
            "lock",
            "acquire",
            "already exists",
            "could not acquire lock",
            "workspace could not acquire lock",
            "cannot acquire. The lock",
            "error creating workspace group (acquire-lock-svc): internal error",
            "error creating workspace group (could not acquire lock): internal error",
            "error creating workspace group (a): failed to acquire CIDR block",
            "error creating workspace group (a): the job could not acquire lock",
            "<html>error creating workspace (a): could not acquire lock",
            r#"{"error":"error creating workspace (a): could not acquire lock"}"#,
        ] {
            assert!(!read(500, text).lock, "{text}");
        }
    }

    #[test]
    fn a_name_that_the_server_cuts_or_changes_is_still_the_callers() {
        let request = request("A very long name that already exists and goes on and on");
        let text = b"error creating workspace (a_very_long_name_that already exists and g...): internal error";
        assert_eq!(Meaning::of(500, text, &request), Meaning::default());
    }

    #[test]
    fn only_a_refusal_by_the_service_proves_that_nothing_happened() {
        for status in [301, 302, 303, 307, 408, 421, 425, 444, 460, 499, 500, 502, 503, 504, 520, 524, 529, 599, 999] {
            assert!(may_have_acted(status, Meaning::default()), "{status}");
        }
        for status in [400, 401, 403, 404, 407, 409, 413, 422, 429, 431, 451] {
            assert!(!may_have_acted(status, Meaning::default()), "{status}");
        }
    }

    #[test]
    fn not_found_is_only_the_services_own_message_about_a_resource() {
        for text in [
            "cluster not found",
            "project not found",
            "Workspace group not found.",
            "user 3f25 not found",
            "error getting workspace: workspace not found",
        ] {
            assert!(read(404, text).not_found, "{text}");
            assert!(!read(400, text).not_found && !read(503, text).not_found, "{text}");
        }
        for text in [
            "",
            "not found",
            " not found",
            "404 page not found",
            "page not found",
            "file not found",
            "service not found",
            "backend not found",
            "default backend - 404",
            "route not found: workspace",
            "the cluster you want was not found on this server",
            "cluster not found\nupstream",
            "<h1>cluster not found</h1>",
            "{\"message\":\"cluster not found\"}",
            "\u{feff}<html>workspace not found",
            "\u{feff}\u{feff} {\"error\":\"workspace not found\"}",
            "\u{200b}<p>workspace not found",
            "\0<p>workspace not found",
            r#""{\"error\":\"workspace not found\"}""#,
            r#""<html>workspace not found""#,
            r#""\ufeff<html>workspace not found""#,
            r#""\"<html>workspace not found\"""#,
            r#""\"{\\\"error\\\":\\\"workspace not found\\\"}\"""#,
            "'{\"error\":\"workspace not found\"}'",
            "error: {\"message\": \"workspace not found\"}",
            "workspace not found</p>",
            "workspace not found.</p></body>",
            "workspace not found...",
            "workspace not found.html",
        ] {
            assert!(!read(404, text).not_found && is_retryable(404, read(404, text)), "{text}");
        }
        let info = OperationInfo { path: "/v1/x/fs/{path}", ..OperationInfo::other("GET", true) };
        let file = RequestWords::of(&info, &"https://h/v1/x/fs/a%20b".parse().unwrap(), None);
        for text in ["path not found", "parent folder not found: a/b/"] {
            assert!(Meaning::of(404, text.as_bytes(), &file).not_found, "{text}");
        }
        assert!(read(500, "failed to get flow connector").not_found);
        assert!(!read(503, "failed to get flow connector").not_found);
    }

    #[test]
    fn not_found_refers_to_what_the_request_is_about() {
        let ask = |path: &'static str, url: &str, body: &str, text: &str| {
            let info = OperationInfo { path, ..OperationInfo::other("POST", false) };
            let words = RequestWords::of(&info, &format!("https://h{url}").parse().unwrap(), Some(body.as_bytes()));
            Meaning::of(404, text.as_bytes(), &words).not_found
        };
        let workspace = "/v1/workspaces/{workspaceID}";
        for (path, text) in [
            (workspace, "workspace not found"),
            (workspace, "\u{feff}workspace not found"),
            (workspace, "cluster not found"),
            (workspace, "Workspace group not found."),
            ("/v2/clusters/{clusterID}", "cluster not found"),
            ("/v2/clusters/{clusterID}", "workspace not found"),
            ("/v2/projects/{projectID}", "project not found"),
            ("/v1/stage/{deploymentID}/fs/{path}", "deployment not found"),
            ("/v1/stage/{deploymentID}/fs/{path}", "workspace group not found"),
            ("/v1/sharedtier/virtualWorkspaces/{virtualWorkspaceID}/users/{userID}", "user not found"),
            ("/v2/sharedtier/virtualClusters/{virtualClusterID}", "virtual workspace not found"),
            ("/v2/clusters/{clusterID}/egress/dropTableEgress", "export not found"),
            ("/v1/cloudfunctions/{cloudfunctionID}", "cloud function not found"),
            ("/v1/cloudfunctions/{cloudfunctionID}", "cloudfunction not found"),
            ("/v1/cloudPrincipals/{cloudPrincipalID}", "cloud principal not found"),
            ("/v1/serviceAccounts/{serviceAccountID}", "service account not found"),
            ("/v1/privateConnections/{connectionID}", "private connection not found"),
            ("/v1/workspaceGroups/{workspaceGroupID}/delegatedEntities", "entity not found"),
            ("/v1/workspaceGroups/{workspaceGroupID}/accessControls", "user or team a@b.c not found"),
            ("/v1/teams/{teamID}/identityRoles", "role Owner not found"),
            ("/v1/users/{userID}/identityRoles", "team not found"),
            ("/v1/users/{userID}/identityRoles", "identity not found"),
            ("/v1/inferenceapis/{projectID}/{modelName}", "model not found"),
            ("/v1/jobs/{jobID}/executions", "execution not found"),
            ("/v1/unheardof/{id}", "secret not found"),
        ] {
            assert!(ask(path, "/v1/x/3f25", "", text), "{path}: {text}");
        }
        for (path, text) in [
            (workspace, "Function not found"),
            (workspace, "Function not found: arn:aws:lambda:us-east-1:1:function:f"),
            (workspace, "user not found"),
            (workspace, "account not found"),
            (workspace, "model not found"),
            (workspace, "project not found"),
            ("/v2/projects/{projectID}", "cluster not found"),
            ("/v2/projects/{projectID}", "deployment not found"),
            ("/v1/secrets/{secretID}", "database not found"),
            ("/v1/cloudfunctions/{cloudfunctionID}", "workspace not found"),
        ] {
            assert!(!ask(path, "/v1/x/3f25", "", text), "{path}: {text}");
        }
        // Parameters outside the path name something, too; for a request by the caller's own path, the URL says what it
        // is about.
        let id = r#"{"projectID":"3f25"}"#;
        assert!(ask("/v2/clusters", "/v2/clusters", id, "project not found"));
        assert!(!ask("/v2/clusters", "/v2/clusters", id, "function not found"));
        assert!(ask("/v1/workspaces", "/v1/workspaces?workspaceGroupID=3f25", "", "workspace group not found"));
        assert!(ask("any", "/v1/secrets/3f25-1", "", "secret not found"));
        assert!(!ask("any", "/v1/secrets/3f25-1", "", "function not found"));
    }

    #[test]
    fn no_text_makes_it_panic() {
        let mut random = fastrand::Rng::with_seed(5);
        let parts = ["error creating ", "(", "): ", LOCK, NOT_FOUND, "cluster", "İ", "ß", "\"", "\\", "é", " ", "g"];
        for _ in 0..20_000 {
            let text: String = (0..random.usize(..9)).map(|_| parts[random.usize(..parts.len())]).collect();
            let name: String = (0..random.usize(..4)).map(|_| parts[random.usize(..parts.len())]).collect();
            for status in [400, 404, 409, 500] {
                let meaning = Meaning::of(status, text.as_bytes(), &request(&name));
                let _ = (is_retryable(status, meaning), may_have_acted(status, meaning));
            }
        }
    }
}
