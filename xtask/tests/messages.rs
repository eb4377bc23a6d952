//! The compiler's messages for a caller who passes a string as an id, or a request as a future: our sentence, with what to write
//! instead.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::path::Path;
use xtask::host::Host;
use xtask::io::Io;
use xtask::raw_check;

/// A line of a program, what the error says, and a part of its advice.
const MISTAKES: [(&str, &str, &str); 10] = [
    ("let _ = client.workspaces().get(\"tenant\");", "`&str` is not a `", "text.parse::<raw::ids::WorkspaceId>()?"),
    ("let _ = client.workspaces().get(String::new());", "`std::string::String` is not a `", "text.parse::<"),
    ("let _ = crate::requests::GetCluster::new(\"tenant\");", "`&str` is not a `", "raw::ids::ClusterId>()?"),
    (
        "let _ = crate::types::WorkspaceCreate::new(\"name\", \"group\");",
        "`&str` is not a `",
        "raw::ids::WorkspaceGroupId>()?",
    ),
    ("let _ = crate::types::TeamUpdate::new().add_member_user_ids([\"a\"]);", "`&str` is not a `", "UserId>()?"),
    (
        "let _ = crate::types::ProjectCreate::new(crate::types::ProjectEdition::Standard, \"name\");",
        "is not satisfied",
        "",
    ),
    (
        "let _ = async { crate::requests::ListRegions::new().await };",
        "this request has no client",
        "with_client(&client)",
    ),
    ("join_all([client.regions().list()]);", "a request is not a future before", "request.into_future()"),
    (
        "join_all([client.clusters().wait_until_ready(cluster)]);",
        "a request is not a future before",
        "request.into_future()",
    ),
    ("join_all([client.stage().exists(group, \"a\")]);", "a request is not a future before", "request.into_future()"),
];

/// Correct code, which produces no message.
const RIGHT: [&str; 4] = [
    "let _ = client.workspaces().get(&workspace);",
    "let _ = client.workspaces().get(workspace.workspace_id);",
    "let _ = async { crate::requests::ListRegions::new().with_client(client).await };",
    "join_all([client.regions().list().into_future()]);",
];

#[test]
#[ignore = "compiles the crate; `cargo xtask ci compiles` runs it"]
fn a_mistake_is_reported_with_what_to_write_instead() {
    let mut code = String::from(
        "use std::future::{Future, IntoFuture};\nfn join_all<I: IntoIterator>(_: I) where I::Item: Future {}\n",
    );
    let lines = MISTAKES.iter().map(|(line, ..)| *line).chain(RIGHT);
    for (index, line) in lines.enumerate() {
        let arguments = "client: &crate::Client, workspace: crate::types::Workspace, cluster: crate::ClusterId";
        code.push_str(&format!("fn f{index}({arguments}, group: crate::WorkspaceGroupId) {{ {line} }}\n"));
    }
    let mut host = Host::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf());
    let output = host.compile(&[("mistakes".to_owned(), code.clone())]).unwrap();
    let errors = raw_check::parse(&output);
    for (index, (line, message, advice)) in MISTAKES.iter().enumerate() {
        let place = code.lines().position(|text| text.contains(line)).unwrap() + 1;
        let said: Vec<_> = errors.iter().filter(|error| error.line == place).collect();
        assert!(said.iter().any(|error| error.message.contains(message)), "{index}: {line}\n{said:?}");
        let whole = output.lines().filter(|text| text.contains(&format!("\"line_start\":{place},")));
        assert!(whole.into_iter().any(|text| text.contains(advice)), "{index}: {line}: no advice {advice:?}");
    }
    for line in RIGHT {
        let place = code.lines().position(|text| text.contains(line)).unwrap() + 1;
        let said: Vec<_> = errors.iter().filter(|error| error.line == place).collect();
        assert!(said.is_empty(), "{line}: {said:?}");
    }
}
