//! What a failed call says about what happened: whose words count, and which statuses prove anything.

use serde_json::json;
use singlestore_management::types::{WorkspaceCreate, WorkspaceGroupCreate};
use singlestore_management::{
    Client, CloudFunctionId, Error, ErrorKind, ProjectId, RetryPolicy, WorkspaceGroupId, WorkspaceId,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support;

fn id() -> WorkspaceId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap()
}

fn group_id() -> WorkspaceGroupId {
    "3f2504e0-4f89-41d3-9a0c-0305e82c3302".parse().unwrap()
}

fn client(emulator: &Emulator) -> Client {
    support::builder(emulator).retry(support::quick_retries().with_max_attempts(2)).build().unwrap()
}

const HTML: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body><h1>404 Not Found</h1></body></html>";

/// What proxies, ingresses and web frameworks say about an unknown path.
const FOREIGN: [&str; 19] = [
    HTML,
    "",
    "default backend - 404",
    "404 page not found",
    "404 page not found\n",
    "Not Found",
    "page not found",
    "404 Not Found",
    "no healthy upstream",
    "service not found",
    "route not found: /v1/workspaces",
    r#"{"message":"no Route matched with those values"}"#,
    r#"{"error":"workspace not found","path":"/v1/workspaces"}"#,
    "The requested URL /v1/workspaces was not found on this server.",
    "\u{feff}<html>workspace not found",
    r#""{\"error\":\"workspace not found\"}""#,
    "Function not found: arn:aws:lambda:us-east-1:1:function:f",
    "Function not found...",
    "user not found",
];

#[tokio::test]
async fn a_404_not_in_the_services_words_is_a_retryable_failure() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    for words in FOREIGN {
        emulator.inject(Fault::status(404).body(words).always());
        emulator.clear_requests();
        let error = client.workspaces().get(id()).await.unwrap_err();
        assert!(!error.is_not_found() && error.is_retryable(), "{words:?}: {error}");
        assert_eq!(
            (error.kind(), error.status().map(|status| status.as_u16())),
            (ErrorKind::Api, Some(404)),
            "{words:?}"
        );
        assert_eq!(error.server_message().unwrap_or_default(), words.trim());
        assert_eq!(emulator.requests().len(), 2, "{words:?}: a read is tried again");
        assert!(!error.to_string().contains("never existed"), "{error}");
        emulator.clear_faults();
    }
    // The positive control: the service's own words, which are plain text and name what is missing.
    for words in ["workspace not found", "\"workspace not found\"", "cluster not found", "\u{feff}workspace not found"]
    {
        emulator.inject(Fault::status(404).body(words));
        emulator.clear_requests();
        let error = client.workspaces().get(id()).await.unwrap_err();
        assert!(error.is_not_found() && !error.is_retryable(), "{words:?}: {error}");
        assert_eq!(emulator.requests().len(), 1, "{words:?}");
    }
}

#[tokio::test]
async fn a_404_means_not_found_only_for_something_that_the_request_names() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let not_found = || Fault::status(404).body("project not found").times(2);
    let tell = |what: &str, error: Error, want: bool| assert_eq!(error.is_not_found(), want, "{what}: {error}");

    emulator.inject(not_found());
    tell("a list", client.projects().list().await.unwrap_err(), false);
    emulator.clear_faults();
    emulator.inject(not_found());
    let create = client.workspace_groups().create(WorkspaceGroupCreate::new("g", ["10.0.0.0/8"]));
    let error = create.await.unwrap_err();
    assert!(!error.is_outcome_unknown(), "{error}");
    tell("a create that names no parent", error, false);
    emulator.clear_faults();
    emulator.inject(not_found());
    tell("a list by a request of the caller", client.request("GET", "/v1/projects").send().await.unwrap_err(), false);
    emulator.clear_faults();

    emulator.inject(Fault::status(404).body("workspace group not found").times(2));
    tell("a list of what a parent has", client.workspaces().list(group_id()).await.unwrap_err(), true);
    emulator.clear_faults();
    emulator.inject(Fault::status(404).body("workspace group not found").times(2));
    let create = client.workspaces().create(WorkspaceCreate::new("w", group_id()));
    tell("a create below a parent", create.await.unwrap_err(), true);
    emulator.clear_faults();
    emulator.inject(not_found());
    let get = client.request("GET", format!("/v1/projects/{}", id())).send().await.unwrap_err();
    tell("an id in a path of the caller", get, true);
}

#[tokio::test]
async fn the_callers_own_words_decide_nothing() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let create = async |name: &str, status: u16, words: &str| {
        emulator.clear_faults();
        emulator.clear_requests();
        emulator.inject(Fault::status(status).body(words.replace("{name}", name)).always());
        let error =
            client.workspace_groups().create(WorkspaceGroupCreate::new(name, ["10.0.0.0/8"])).await.unwrap_err();
        (error, emulator.requests().len())
    };
    for name in [
        "team already exists",
        "already exists",
        "x already exists y",
        "no shared tier region",
        "no shared tier region found for provider",
        "Unspecified is not a valid CloudServiceProvider",
        "could not acquire lock",
        "could not acquire lock within duration [0, 1]",
        "x): could not acquire lock within duration [0",
        "failed to get flow connector",
        "a \"quoted\" could not acquire lock",
    ] {
        for words in [
            "error creating workspace group ({name}): internal error",
            "error creating workspace group \"{name}\": internal error",
            "{name}",
            "creating {name} failed",
            "error creating workspace group ({name}): {name}",
        ] {
            let (error, sent) = create(name, 500, words).await;
            assert!(error.is_outcome_unknown(), "{name:?} in {words:?}: {error}");
            assert!(
                !error.is_already_exists() && !error.is_lock_conflict() && !error.is_not_found(),
                "{name:?} in {words:?}"
            );
            assert_eq!(sent, 1, "{name:?} in {words:?}: a creation that may have acted is not sent again");
        }
    }
    // A name that a server escapes, cuts or changes is still the caller's.
    for (name, words) in [
        ("a\"already exists", "the workspace group &quot;a&#34;already exists&quot; is not valid"),
        ("<a> already exists & more", "the name &lt;a&gt; already exists &amp; more is not valid"),
        ("\u{e9}t\u{e9} already exists", "the name \\u00e9t\\u00e9 already exists is not valid"),
        ("a/b already exists", "the name a%2Fb already exists is not valid"),
        ("a very long name already exists for ever", "the name a very long name already exists f... is too long"),
        ("a  already  exists", "the name a already exists is not valid"),
        ("no shared tier region found <b>", "no shared tier region found &lt;b&gt;"),
        ("failed to get flow connector\"", "failed to get flow connector&quot;"),
    ] {
        let (error, sent) = create(name, 500, words).await;
        assert!(error.is_outcome_unknown() && !error.is_already_exists() && sent == 1, "{name:?}: {error}");
    }
    // What Go quotes, it escapes.
    let (error, sent) =
        create("a \"could not acquire lock\"", 500, r#"error creating "a \"could not acquire lock\"""#).await;
    assert!(error.is_outcome_unknown() && sent == 1, "{error}");
    for (name, status, words) in [
        ("workspace not found", 404, "{name}"),
        ("no active plan", 403, "{name} may not be created"),
        ("credits", 403, "{name} may not be created"),
        ("password must", 400, "the name {name} is taken"),
        ("unknown field", 400, "the name {name} is taken"),
        ("pending", 409, "{name} cannot be changed"),
        ("uuid", 400, "{name} is too short"),
    ] {
        let (error, _) = create(name, status, words).await;
        let told = [
            error.is_not_found(),
            error.is_out_of_credits(),
            error.is_weak_password(),
            error.is_unknown_field(),
            error.is_pending(),
            error.is_invalid_id(),
        ];
        assert_eq!(told, [false; 6], "{name:?}: {error}");
    }

    // The positive control: the recorded texts mean what they mean, whatever part of them is also a name.
    for name in ["g", "lock", "exists", "already", "team (a)", "duration", "workspace group"] {
        let lock =
            "error creating workspace group ({name}): could not acquire lock within duration [0, 2026/09/23 16:45:04]";
        let (error, sent) = create(name, 500, lock).await;
        assert!(error.is_lock_conflict() && !error.is_outcome_unknown(), "{name:?}: {error}");
        assert!(sent > 1, "{name:?}: it waits for the lock");
        let taken = "error creating workspace group ({name}): workspace group with name {name} already exists";
        let (error, _) = create(name, 500, taken).await;
        assert!(error.is_already_exists() && !error.is_outcome_unknown(), "{name:?}: {error}");
        let (error, _) =
            create(name, 403, "error creating workspace group ({name}): no active plan found for project").await;
        assert!(error.is_out_of_credits(), "{name:?}: {error}");
    }
}

#[tokio::test]
async fn only_known_refusals_prove_that_nothing_was_created() {
    let emulator = Emulator::start().unwrap();
    let client = support::builder(&emulator).retry(RetryPolicy::none()).build().unwrap();
    let mut wrong = Vec::new();
    for status in (300..1000).filter(|status| ![300, 301, 302, 303, 304, 305, 306, 307, 308].contains(status)) {
        emulator.inject(Fault::status(status).body("no"));
        let error = client.request("POST", "/v1/projects").json(&json!({"name": "p"})).send().await.unwrap_err();
        let refused = match status {
            400..=407 | 409..=418 | 422..=424 | 426 | 428 | 429 | 431 | 451 => true,
            // Only proxies send 408, 419, 420, 421, 425, 427, 430, 440, 444, 460, 499 and the like.
            _ => false,
        };
        if error.is_outcome_unknown() == refused {
            wrong.push(status);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn a_removal_with_a_lost_response_that_then_finds_nothing_has_succeeded() {
    let emulator = Emulator::builder().polls_until_ready(0).start().unwrap();
    let client = client(&emulator);
    let removed = || Fault::status(404).body("project not found").on_method("DELETE");
    let id: ProjectId = emulator.insert("project", json!({"name": "p"})).unwrap().parse().unwrap();
    emulator.inject(Fault::reset().on_method("DELETE").after_effect());
    let response = client.projects().delete(id).send().await.unwrap();
    assert_eq!(response.attempts().len(), 2);

    // A proxy's page in the second attempt proves nothing.
    let id: ProjectId = emulator.insert("project", json!({"name": "q"})).unwrap().parse().unwrap();
    emulator.inject(Fault::reset().on_method("DELETE"));
    emulator.inject(Fault::status(404).body(HTML).on_method("DELETE"));
    let error = client.projects().delete(id).send().await.unwrap_err();
    assert!(!error.is_not_found() && error.is_outcome_unknown(), "{error}");
    emulator.clear_faults();

    // After a first attempt that cannot have acted, a 404 keeps its meaning.
    emulator.inject(Fault::status(429).on_method("DELETE"));
    emulator.inject(removed());
    let error = client.projects().delete(id).send().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    emulator.clear_faults();

    // What the response would say besides the id is lost; the error says that the removal took place.
    emulator.inject(Fault::reset().on_method("DELETE"));
    emulator.inject(Fault::status(404).body("cloud function not found").on_method("DELETE"));
    let function: CloudFunctionId = "3f2504e0-4f89-41d3-9a0c-0305e82c3303".parse().unwrap();
    let error = client.cloud_functions().delete(function).await.unwrap_err();
    assert!(error.to_string().contains("an earlier attempt of this call removed it"), "{error}");
    assert!(error.is_not_found() && !error.is_outcome_unknown(), "{error}");
}

#[tokio::test]
async fn a_write_without_a_body_has_content_length_zero() {
    let emulator = Emulator::start().unwrap();
    let client = client(&emulator);
    let _ = client.workspaces().suspend(id()).await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET"] {
        let _ = client.request(method, "/v1/projects").send().await;
    }
    let lengths: Vec<_> = emulator
        .requests()
        .iter()
        .map(|request| (request.method.clone(), request.header("content-length").map(str::to_owned)))
        .collect();
    for (method, length) in lengths {
        let want = matches!(method.as_str(), "POST" | "PUT" | "PATCH").then_some("0");
        assert_eq!(length.as_deref(), want, "{method}");
    }
}
