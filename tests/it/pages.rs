//! Lists that come in pages.

use std::collections::HashSet;
use std::time::Duration;

use singlestore_management::types::AuditLog;
use singlestore_management::{Client, CloudFunctionId, ErrorKind, JobId, ResumeToken};

use super::list_server::{self, Server, Step, response, status, uuid};

/// The value of a query parameter.
fn query<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let pairs = path.split_once('?')?.1.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(have, _)| *have == name).map(|(_, value)| value)
}

fn entry(number: usize) -> String {
    format!(r#"{{"auditID":"{}","type":"t{number}"}}"#, uuid(number))
}

/// A page of audit logs with the token of the next, written as JSON.
fn page(numbers: impl IntoIterator<Item = usize>, token: &str) -> String {
    let entries: Vec<String> = numbers.into_iter().map(entry).collect();
    format!(r#"{{"auditLogs":[{}],"nextToken":{token}}}"#, entries.join(","))
}

/// Audit logs with this many entries, a hundred per page; the tokens are the page numbers.
fn audit_logs(path: &str, count: usize) -> String {
    let number: usize = query(path, "nextToken").map_or(0, |token| token.parse().unwrap());
    let (from, to) = (number * 100, count.min((number + 1) * 100));
    let token = if to < count { format!("\"{}\"", number + 1) } else { "null".to_owned() };
    page(from..to, &token)
}

fn ids(entries: &[AuditLog]) -> HashSet<String> {
    entries.iter().map(|entry| entry.audit_id.unwrap().to_string()).collect()
}

/// Tells the child the server, the token and the number of entries to stop at.
const CHILD: &str = "SINGLESTORE_MANAGEMENT_TEST_PAGES";

/// The work of a child process: reads some entries, and prints their ids and where to resume.
async fn read_a_part(task: &str) {
    let mut words = task.split(' ');
    let (url, stop, token) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let client = list_server::builder(url).build().unwrap();
    let mut request = client.audit_logs().list().type_("t").limit(100);
    if !token.is_empty() {
        request = request.resume(token);
    }
    let mut items = request.items().with_max_items(stop.parse().unwrap());
    while let Some(entry) = items.try_next().await.unwrap() {
        println!("entry {}", entry.audit_id.unwrap());
    }
    println!("token {}", items.resume_token());
}

#[tokio::test]
async fn ten_thousand_entries_with_failures_in_the_middle_resumed_in_other_processes() {
    if let Ok(task) = std::env::var(CHILD) {
        return read_a_part(&task).await;
    }
    let server = Server::start(|number, path| match number % 7 {
        3 => vec![Step::Send(status(503, "no"))],
        5 => vec![Step::Send(response(&audit_logs(path, 10_000)[..300]))],
        6 => vec![Step::Reset],
        _ => vec![Step::Send(response(&audit_logs(path, 10_000)))],
    });
    let name = "pages::ten_thousand_entries_with_failures_in_the_middle_resumed_in_other_processes";
    let (mut all, mut token) = (Vec::new(), String::new());
    // Only the token is passed from one process to the next. At the end there is nothing new.
    for stop in [1, 99, 100, 101, 2_345, 0, 4_000, 100_000, 100_000] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture"]).env(CHILD, format!("{} {stop} {token}", server.url()));
        let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
        let said = |what: &str| {
            // On a machine with one core the first line follows the name of the test.
            output.lines().filter_map(|line| Some(line.split_once(what)?.1.to_owned())).collect::<Vec<_>>()
        };
        all.extend(said("entry "));
        token = said("token ").pop().unwrap_or_else(|| panic!("{output}"));
        assert!(!token.contains("0123456789abcdef"));
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (10_000, 10_000));
    assert!(server.paths().iter().all(|path| query(path, "type") == Some("t") && query(path, "limit") == Some("100")));
    println!("10,000 entries in 9 processes, {} requests", server.requests());
}

async fn read(server: &Server) -> (Vec<AuditLog>, Vec<singlestore_management::Error>) {
    server.client().audit_logs().list().items().collect_with_errors().await
}

#[tokio::test]
async fn tokens_end_a_list_in_every_known_way_and_no_other() {
    for last in ["null", "\"\"", "\"1\""] {
        let server = Server::start(move |number, _| {
            vec![Step::Send(response(&page([number], if number == 0 { "\"1\"" } else { last })))]
        });
        let (entries, errors) = read(&server).await;
        assert_eq!((entries.len(), errors.len(), server.requests()), (2, 0, 2), "{last}");
    }
    // A B A B.
    let server = Server::start(|number, _| {
        vec![Step::Send(response(&page([number], if number % 2 == 0 { "\"a\"" } else { "\"b\"" })))]
    });
    let (entries, errors) = read(&server).await;
    assert_eq!((entries.len(), errors.len(), server.requests()), (3, 1, 3));
    assert_eq!(errors[0].kind(), ErrorKind::Pagination);
    println!("{}", errors[0]);
    // New tokens forever, and nothing after them.
    let server = Server::start(|number, _| vec![Step::Send(response(&page([], &format!("\"{number}\""))))]);
    let (entries, errors) = read(&server).await;
    assert_eq!((entries.len(), errors.len(), server.requests()), (0, 1, 11));
    // An empty page in the middle is skipped.
    let server = Server::start(|number, _| {
        let token = if number < 3 { format!("\"{number}\"") } else { "null".to_owned() };
        vec![Step::Send(response(&page((number != 1).then_some(number), &token)))]
    });
    assert_eq!(read(&server).await.0.len(), 3);
}

#[tokio::test]
async fn the_same_page_is_requested_again_after_a_transient_error() {
    let server = Server::start(|number, path| match number {
        1..=5 => vec![Step::Send(status(503, "no"))],
        _ => vec![Step::Send(response(&audit_logs(path, 150)))],
    });
    let (entries, errors) = read(&server).await;
    assert_eq!((entries.len(), ids(&entries).len(), errors.len()), (150, 150, 1));
    assert!(errors[0].is_retryable() && errors[0].attempts().len() == 5);
    let server = Server::start(|number, path| match number {
        0 => vec![Step::Send(response(&audit_logs(path, 150)))],
        _ => vec![Step::Send(status(403, "no"))],
    });
    let mut items = server.client().audit_logs().list().items();
    let mut ends = (0, 0);
    for _ in 0..110 {
        match items.next().await {
            Some(Ok(_)) => ends.0 += 1,
            Some(Err(_)) => ends.1 += 1,
            None => {}
        }
    }
    assert_eq!((ends, server.requests()), ((100, 1), 2), "what is permanent is said once");
}

#[tokio::test]
async fn an_expired_cursor_has_its_own_error_kind() {
    let server = Server::start(|_, path| match query(path, "nextToken") {
        Some(_) => vec![Step::Send(status(400, "invalid token"))],
        None => vec![Step::Send(response(&audit_logs(path, 150)))],
    });
    let (entries, errors) = read(&server).await;
    assert_eq!((entries.len(), errors.len()), (100, 1));
    println!("{}", errors[0]);
    assert_eq!(errors[0].kind(), ErrorKind::CursorExpired);
    assert_eq!(errors[0].server_message(), Some("invalid token"));
}

#[tokio::test]
async fn a_resume_token_of_another_list_is_refused_before_anything_is_sent() {
    let server = Server::start(|_, path| vec![Step::Send(response(&audit_logs(path, 150)))]);
    let client = server.client();
    let token = client.audit_logs().list().type_("a").items().resume_token();
    let other = [
        client.audit_logs().list().type_("b").resume(&token).items().try_next().await.unwrap_err(),
        client.audit_logs().list().type_("a").resume("nonsense").items().try_next().await.unwrap_err(),
        client.cloud_functions().list().resume(&token).items().try_next().await.unwrap_err(),
        client.audit_logs().list().type_("a").resume(&token).await.unwrap_err(),
    ];
    for error in other {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    assert_eq!(server.requests(), 0);
    let token: ResumeToken = serde_json::from_str(&serde_json::to_string(&token).unwrap()).unwrap();
    assert!(client.audit_logs().list().type_("a").resume(token).items().try_next().await.unwrap().is_some());
}

#[tokio::test]
async fn pages_are_returned_whole_and_can_be_resumed() {
    let server = Server::start(|_, path| vec![Step::Send(response(&audit_logs(path, 250)))]);
    let client = server.client();
    let mut pages = client.audit_logs().list().pages();
    let first = pages.try_next().await.unwrap().unwrap();
    assert_eq!((first.len(), first.iter().count()), (100, 100));
    let token = pages.resume_token();
    let mut pages = client.audit_logs().list().resume(&token).pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        sizes.push(page.into_iter().count());
    }
    assert_eq!(sizes, [100, 50]);
    // The same token works for elements.
    let rest: Vec<AuditLog> = client.audit_logs().list().resume(token).items().try_collect().await.unwrap();
    assert_eq!(rest.len(), 150);
}

#[tokio::test]
async fn an_element_that_cannot_be_read_is_an_error_in_its_place() {
    let server = Server::saying(response(&format!(r#"{{"auditLogs":[{},{{"type":5}},{}]}}"#, entry(1), entry(2))));
    let (entries, errors) = read(&server).await;
    assert_eq!((entries.len(), errors.len()), (2, 1));
    assert_eq!(errors[0].json_path(), Some("$.auditLogs[1].type"));
    let mut pages = server.client().audit_logs().list().pages();
    assert_eq!(pages.try_next().await.unwrap_err().item_index(), Some(1));
    assert_eq!(pages.try_next().await.unwrap().unwrap().len(), 2);
}

#[tokio::test]
async fn a_followed_list_continues_with_new_entries() {
    // The last token returns the same page again, with what has been added since.
    let server = Server::start(|number, path| {
        let body = match query(path, "nextToken") {
            None => page([0, 1], "\"end\""),
            Some(_) if number < 3 => page([], "\"end\""),
            Some(_) if number == 3 => page([2], "\"end\""),
            Some(_) if number == 4 => page([2, 3], "\"end\""),
            Some(_) => page([4], "null"),
        };
        vec![Step::Send(response(&body))]
    });
    let started = std::time::Instant::now();
    let mut entries = server.client().audit_logs().list().follow(Duration::ZERO).with_max_items(5);
    let mut seen = Vec::new();
    while let Some(entry) = entries.try_next().await.unwrap() {
        seen.push(entry);
    }
    assert_eq!(ids(&seen).len(), 5);
    // At most ten times a second, however little the interval is: no wait is shorter than it was meant.
    assert!(started.elapsed() >= 3 * Duration::from_millis(100), "{:?}", started.elapsed());
    for request in [
        server.client().audit_logs().list().sort_by_descending(true),
        server
            .client()
            .audit_logs()
            .list()
            .end_date("2026-01-01T00:00:00Z".parse::<singlestore_management::Timestamp>().unwrap()),
    ] {
        let sent = server.requests();
        let error = request.follow(Duration::from_millis(1)).try_next().await.unwrap_err();
        assert_eq!((error.kind(), server.requests()), (ErrorKind::InvalidRequest, sent), "{error}");
    }
}

/// Cloud functions, two per page, from those that exist.
fn functions(there: &[usize], path: &str, broken: Option<usize>) -> Vec<u8> {
    let after = query(path, "offsetID").map(str::to_owned);
    let position = after.as_ref().map(|after| there.iter().position(|number| uuid(*number) == *after));
    let from = match position {
        Some(None) => return status(404, "no such function"),
        Some(Some(position)) => position + 1,
        None => 0,
    };
    let shown: Vec<String> = (there[from..].iter().take(2))
        .map(|number| match broken {
            Some(broken) if broken == *number => format!(r#"{{"serviceID":"{}","name":5}}"#, uuid(*number)),
            _ => format!(r#"{{"serviceID":"{}","name":"f{number}","status":"Active"}}"#, uuid(*number)),
        })
        .collect();
    let more = there.len() > from + 2;
    response(&format!(
        r#"{{"cloudFunctions":[{}],"metadata":{{"count":{},"hasNextPage":{more},"hasPreviousPage":false,"totalCount":{}}}}}"#,
        shown.join(","),
        shown.len(),
        there.len()
    ))
}

#[tokio::test]
async fn functions_can_be_deleted_while_they_are_listed() {
    let there = std::sync::Arc::new(std::sync::Mutex::new((0..7).collect::<Vec<usize>>()));
    let server = Server::start({
        let there = there.clone();
        move |_, path| vec![Step::Send(functions(&there.lock().unwrap(), path, None))]
    });
    let mut items = server.client().cloud_functions().list().items();
    let mut count = 0;
    while let Some(function) = items.try_next().await.unwrap() {
        let id: CloudFunctionId = function.service_id;
        there.lock().unwrap().retain(|number| uuid(*number) != id.to_string());
        count += 1;
    }
    assert_eq!(count, 7);
    assert!(there.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_bad_last_element_does_not_lose_the_next_page() {
    let server = Server::start(|_, path| vec![Step::Send(functions(&[0, 1, 2, 3, 4], path, Some(1)))]);
    let (items, errors) = server.client().cloud_functions().list().items().collect_with_errors().await;
    assert_eq!((items.len(), errors.len(), server.requests()), (4, 1, 3));
    assert_eq!(errors[0].json_path(), Some("$.cloudFunctions[1].name"));
}

#[tokio::test]
async fn a_next_page_that_brings_nothing_new_is_an_error() {
    let server = Server::start(|_, _| vec![Step::Send(functions(&[0, 1, 2], "/", None))]);
    let (items, errors) = server.client().cloud_functions().list().items().collect_with_errors().await;
    assert_eq!((items.len(), errors.len(), server.requests()), (2, 1, 2));
    assert_eq!(errors[0].kind(), ErrorKind::Pagination, "{}", errors[0]);
}

/// Executions with these numbers.
fn executions(path: &str, numbers: &[i64]) -> Vec<u8> {
    let bound = |name: &str| query(path, name).unwrap().parse::<i64>().unwrap();
    let (first, last) = (bound("start"), bound("end"));
    let shown: Vec<String> = (numbers.iter().filter(|number| (first..=last).contains(*number)))
        .map(|number| {
            format!(
                r#"{{"executionID":"{}","executionNumber":{number},"jobID":"{}","scheduledStartTime":"2026-01-01T00:00:00Z","status":"Completed"}}"#,
                uuid(usize::try_from(*number).unwrap()),
                uuid(0)
            )
        })
        .collect();
    response(&format!(
        r#"{{"executions":[{}],"executionsMetadata":{{"startExecutionNumber":{first},"endExecutionNumber":{last}}}}}"#,
        shown.join(",")
    ))
}

fn job(client: &Client) -> (singlestore_management::Jobs, JobId) {
    (client.jobs(), uuid(0).parse().unwrap())
}

#[tokio::test]
async fn executions_are_walked_by_their_numbers() {
    let numbers: Vec<i64> = (1..=250).filter(|number| !(120..180).contains(number)).collect();
    let server = Server::start({
        let numbers = numbers.clone();
        move |_, path| match path.contains("/executions") {
            true => vec![Step::Send(executions(path, &numbers))],
            false => vec![Step::Send(response(
                r#"{"completedExecutionsCount":249,"jobMetadata":[{"status":"Completed","count":249},{"status":"Running","count":1}]}"#,
            ))],
        }
    });
    let (jobs, id) = job(&server.client());
    let shown = |items: Vec<singlestore_management::types::Execution>| -> Vec<i64> {
        items.into_iter().map(|execution| execution.execution_number.unwrap()).collect()
    };
    let ascending = jobs.executions(id, 1, 250).items().try_collect().await.unwrap();
    assert_eq!(shown(ascending), numbers);
    assert!(server.requests() <= 5);
    let part = jobs.executions(id, 50, 60).items().try_collect().await.unwrap();
    assert_eq!(shown(part), (50..=60).collect::<Vec<i64>>());
    let backwards = jobs.all_executions(id).try_collect().await.unwrap();
    assert_eq!(shown(backwards), numbers.iter().rev().copied().collect::<Vec<i64>>());
    assert!(jobs.executions(id, 5, 4).items().try_next().await.unwrap().is_none());
    let mut items = jobs.executions(id, 1, 250).items().with_max_items(130);
    while items.try_next().await.unwrap().is_some() {}
    let rest = jobs.executions(id, 1, 250).resume(items.resume_token()).items().try_collect().await.unwrap();
    assert_eq!(shown(rest), numbers[130..]);
}
