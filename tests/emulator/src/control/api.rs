//! The routes of the control interface.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Shared, openapi};
use crate::emulator::Emulator;
use crate::faults;
use crate::http::reader::Head;
use crate::http::response::Response;
use crate::http::url::{decode, split_target};
use crate::record::RecordedRequest;
use crate::world::kinds;

/// The longest time that a request may wait for others.
const LONGEST_WAIT: u64 = 60_000;

type Reply = Result<Response, Response>;

fn bad(message: impl Into<String>) -> Response {
    Response::text(400, message)
}

/// Handles one request.
pub(super) async fn handle(shared: &Shared, head: &Head, body: &[u8]) -> Response {
    let (path, query) = split_target(&head.target);
    let query: BTreeMap<String, String> = query.into_iter().collect();
    let Some(rest) = path.strip_prefix("/_emulator") else {
        return if path == "/" {
            Response::redirect(307, "/_emulator/")
        } else {
            Response::text(404, "control is below /_emulator/")
        };
    };
    let segments: Vec<String> =
        rest.split('/').filter(|part| !part.is_empty()).map(|part| decode(part, false)).collect();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let body = match body {
        [] => Value::Object(Map::new()),
        bytes => match serde_json::from_slice(bytes) {
            Ok(body) => body,
            Err(error) => return bad(format!("the body is not JSON: {error}")),
        },
    };
    let request = Request { method: &head.method, query: &query, body: &body };
    let outcome = match parts.as_slice() {
        ["instances", rest @ ..] => instances(shared, &request, rest).await,
        rest => route(&shared.root, &request, rest).await,
    };
    let (Ok(response) | Err(response)) = outcome;
    response.with_header("Cache-Control", "no-store").with_header("X-Content-Type-Options", "nosniff")
}

struct Request<'a> {
    method: &'a str,
    query: &'a BTreeMap<String, String>,
    body: &'a Value,
}

impl Request<'_> {
    /// Refuses a body with any other fields.
    fn only(&self, names: &[&str]) -> Result<&Self, Response> {
        let fields = self.body.as_object().ok_or_else(|| bad("the body must be an object"))?;
        match fields.keys().find(|key| !names.contains(&key.as_str())) {
            Some(unknown) => Err(bad(format!("unknown field {unknown:?}; the fields are {}", names.join(", ")))),
            None => Ok(self),
        }
    }

    fn text(&self, name: &str) -> Result<&str, Response> {
        self.body.get(name).and_then(Value::as_str).ok_or_else(|| bad(format!("{name} must be a string")))
    }

    fn number(&self, name: &str) -> Result<u64, Response> {
        self.body.get(name).and_then(Value::as_u64).ok_or_else(|| bad(format!("{name} must be a whole number")))
    }

    fn times(&self) -> Result<u32, Response> {
        u32::try_from(self.number("times")?).map_err(|_| bad("times is too large"))
    }

    fn query_number(&self, name: &str, otherwise: u64) -> Result<u64, Response> {
        self.query
            .get(name)
            .map_or(Ok(otherwise), |text| text.parse().map_err(|_| bad(format!("{name} must be a whole number"))))
    }
}

fn done() -> Reply {
    Ok(Response::json(&json!({})))
}

async fn instances(shared: &Shared, request: &Request<'_>, path: &[&str]) -> Reply {
    match (request.method, path) {
        ("GET", []) => {
            let shown: Vec<Value> =
                shared.instances().iter().map(|(id, emulator)| describe_instance(id, emulator)).collect();
            Ok(Response::json(&shown.into()))
        }
        ("POST", []) => {
            request.only(&["seed"])?;
            let emulator = shared.root.sibling().map_err(|error| Response::text(500, error.to_string()))?;
            if let Some(seed) = request.body.get("seed") {
                crate::seed_file::apply(&emulator, seed).map_err(|problem| bad(problem.to_string()))?;
            }
            emulator.mark();
            let mut instances = shared.instances();
            let id = format!("{}", instances.keys().filter_map(|id| id.parse::<u64>().ok()).max().unwrap_or(0) + 1);
            let shown = describe_instance(&id, &emulator);
            instances.insert(id, Arc::new(emulator));
            Ok(Response { status: 201, ..Response::json(&shown) })
        }
        ("DELETE", [id]) => match shared.instances().remove(*id) {
            Some(_) => done(),
            None => Err(Response::text(404, format!("there is no instance {id}"))),
        },
        (_, [id, rest @ ..]) => {
            let emulator = shared.instances().get(*id).cloned();
            let emulator = emulator.ok_or_else(|| Response::text(404, format!("there is no instance {id}")))?;
            route(&emulator, request, rest).await
        }
        _ => Err(Response::text(405, "Method Not Allowed")),
    }
}

fn describe_instance(id: &str, emulator: &Emulator) -> Value {
    json!({
        "id": id, "url": emulator.url(), "storageUrl": emulator.storage_url(), "key": emulator.api_key(),
        "organizationID": emulator.organization_id(),
    })
}

async fn route(emulator: &Emulator, request: &Request<'_>, path: &[&str]) -> Reply {
    match (request.method, path) {
        ("GET" | "HEAD", []) => Ok(page()),
        ("GET", ["health"]) => Ok(Response::json(&json!({"status": "ok"}))),
        ("GET", ["openapi.json"]) => Ok(Response::json(&openapi::document())),
        ("GET", ["state"]) => Ok(Response::json(&state(emulator))),
        ("POST", ["reset"]) => {
            request.only(&[])?;
            emulator.service.reset().map_err(|problem| Response::text(500, problem))?;
            done()
        }
        ("POST", ["seed"]) => {
            crate::seed_file::apply(emulator, request.body).map_err(|problem| bad(problem.to_string()))?;
            done()
        }
        ("GET", ["items", kind]) => {
            known_kind(kind)?;
            Ok(Response::json(&emulator.items(kind).into()))
        }
        ("POST", ["items", kind]) => {
            known_kind(kind)?;
            let value = request.body.clone();
            let inserted = match *kind {
                "workspace_group" => emulator.insert_workspace_group(value),
                "workspace" => emulator.insert_workspace(value),
                "cluster" => emulator.insert_cluster(value),
                kind => emulator.insert(kind, value),
            };
            let id = inserted.map_err(|error| bad(error.to_string()))?;
            Ok(Response { status: 201, ..Response::json(&json!({"id": id})) })
        }
        ("POST", ["deployments", id, "state"]) => {
            request.only(&["state", "states"])?;
            let known = match request.body.get("states").and_then(Value::as_array) {
                Some(states) => {
                    let states: Option<Vec<&str>> = states.iter().map(Value::as_str).collect();
                    emulator.script_states(id, states.ok_or_else(|| bad("states must be strings"))?)
                }
                None => emulator.set_state(id, request.text("state")?),
            };
            found(known, id)
        }
        ("PATCH", ["deployments", id]) => {
            if !request.body.is_object() {
                return Err(bad("the body must be an object"));
            }
            found(emulator.set_fields(id, request.body.clone()), id)
        }
        ("POST", ["settle"]) => {
            request.only(&[])?;
            emulator.advance();
            done()
        }
        ("POST", ["time"]) => {
            let milliseconds = request.only(&["advanceMilliseconds"])?.number("advanceMilliseconds")?;
            emulator.advance_time(Duration::from_millis(milliseconds));
            done()
        }
        ("GET", ["faults"]) => Ok(Response::json(&json!({"waiting": emulator.faults_left()}))),
        ("POST", ["faults"]) => {
            let (fault, storage) = faults::read(request.body).map_err(bad)?;
            if storage {
                emulator.inject_storage(fault)
            } else {
                emulator.inject(fault)
            }
            Ok(Response { status: 201, ..Response::json(&json!({"waiting": emulator.faults_left()})) })
        }
        ("DELETE", ["faults"]) => {
            emulator.clear_faults();
            done()
        }
        ("POST", ["creation-lock"]) => {
            emulator.hold_creation_lock(request.only(&["times"])?.times()?);
            done()
        }
        ("POST", ["failing-creations"]) => {
            emulator.fail_creations(request.only(&["times"])?.times()?);
            done()
        }
        ("POST", ["credits"]) => {
            let available = request.only(&["available"])?.body.get("available").and_then(Value::as_bool);
            emulator.no_credits(!available.ok_or_else(|| bad("available must be true or false"))?);
            done()
        }
        ("POST", ["keys", act]) => {
            match *act {
                "accept" => emulator.accept_key(request.only(&["key"])?.text("key")?),
                "revoke" => emulator.revoke_key(request.only(&["key"])?.text("key")?),
                "expire" => emulator.expire_keys(),
                _ => return Err(Response::text(404, "keys are accepted, revoked or expired")),
            }
            done()
        }
        ("GET", ["requests"]) => requests(emulator, request).await,
        ("DELETE", ["requests"]) => {
            emulator.clear_requests();
            done()
        }
        ("GET", ["storage-requests"]) => {
            Ok(Response::json(&emulator.storage_requests().iter().map(RecordedRequest::to_json).collect()))
        }
        ("GET", ["violations"]) => {
            Ok(Response::json(&json!({"count": emulator.violation_count(), "violations": emulator.violations()})))
        }
        ("GET", ["coverage"]) => Ok(Response::json(&json!(emulator.coverage()))),
        ("GET", ["files", space @ ..]) => {
            let space = space.join("/");
            let shown: Vec<Value> = emulator.try_files(&space).map_err(|error| bad(error.to_string()))?;
            Ok(Response::json(&shown.into()))
        }
        ("POST", ["files", space @ ..]) => {
            request.only(&["path", "content"])?;
            let inserted = emulator.insert_file(&space.join("/"), request.text("path")?, request.text("content")?);
            inserted.map_err(|error| bad(error.to_string()))?;
            Ok(Response { status: 201, ..Response::json(&json!({})) })
        }
        ("POST", ["urls"]) => {
            request.only(&["publicUrl", "publicStorageUrl"])?;
            for (name, set) in [
                ("publicUrl", Emulator::set_public_url as fn(&Emulator, &str)),
                ("publicStorageUrl", Emulator::set_public_storage_url),
            ] {
                if request.body.get(name).is_some() {
                    set(emulator, request.text(name)?);
                }
            }
            done()
        }
        ("POST", ["urls", "expire"]) => {
            emulator.expire_urls();
            done()
        }
        ("POST", ["down"]) => {
            emulator.go_down().map_err(|error| Response::text(500, error.to_string()))?;
            done()
        }
        ("POST", ["up"]) => {
            emulator.come_up().map_err(|error| Response::text(500, error.to_string()))?;
            done()
        }
        _ => Err(Response::text(404, "there is no such route; see /_emulator/openapi.json")),
    }
}

/// The page, which loads nothing from elsewhere.
fn page() -> Response {
    let policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    Response::bytes(200, "text/html; charset=utf-8", include_bytes!("page.html").to_vec())
        .with_header("Content-Security-Policy", policy)
        .with_header("Referrer-Policy", "no-referrer")
}

fn found(known: bool, id: &str) -> Reply {
    if known { done() } else { Err(Response::text(404, format!("there is no {id}"))) }
}

fn known_kind(name: &str) -> Result<(), Response> {
    let known: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
    if known.contains(&name) {
        Ok(())
    } else {
        Err(Response::text(404, format!("there is no kind {name:?}; the kinds are {}", known.join(", "))))
    }
}

fn state(emulator: &Emulator) -> Value {
    let counts: Map<String, Value> =
        kinds::ALL.iter().map(|kind| (kind.name.to_owned(), emulator.live_count(kind.name).into())).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"), "documentVersion": crate::spec::version(), "url": emulator.url(),
        "storageUrl": emulator.storage_url(), "organizationID": emulator.organization_id(), "live": counts,
        "requests": emulator.request_count(), "sequence": emulator.last_sequence(), "droppedRequests": emulator.dropped_requests(),
        "violations": emulator.violation_count(), "faultsWaiting": emulator.faults_left(),
        "spaces": emulator.spaces(),
    })
}

/// A part of the log; waits for more of it if asked to.
async fn requests(emulator: &Emulator, request: &Request<'_>) -> Reply {
    let known = ["since", "limit", "operation", "wait", "timeout_ms"];
    if let Some(unknown) = request.query.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(bad(format!("unknown parameter {unknown:?}; the parameters are {}", known.join(", "))));
    }
    let operation = request.query.get("operation").map(String::as_str);
    if operation.is_some_and(|id| !crate::spec::is_known(id)) {
        return Err(bad(format!(
            "there is no operation {:?} in the interface document",
            operation.unwrap_or_default()
        )));
    }
    let since = request.query_number("since", 0)?;
    let limit = usize::try_from(request.query_number("limit", 1000)?).unwrap_or(usize::MAX);
    let wanted = usize::try_from(request.query_number("wait", 0)?).unwrap_or(usize::MAX);
    let timeout = request.query_number("timeout_ms", 10_000)?.min(LONGEST_WAIT);
    let end = tokio::time::Instant::now() + Duration::from_millis(timeout);
    let (mut shown, mut last);
    loop {
        let arrival = emulator.service.arrival.notified();
        tokio::pin!(arrival);
        // Registers before checking, so that no arrival in between is missed.
        arrival.as_mut().enable();
        (shown, last) = emulator.requests_since(since, operation, limit.max(wanted));
        if shown.len() >= wanted || tokio::time::timeout_at(end, arrival).await.is_err() {
            break;
        }
    }
    let complete = shown.len() >= wanted;
    shown.truncate(limit);
    // Continuing from `last` misses nothing that a limit cut off.
    if let Some(cut) = shown.last().filter(|_| shown.len() == limit) {
        last = cut.sequence;
    }
    Ok(Response::json(&json!({
        "requests": shown.iter().map(RecordedRequest::to_json).collect::<Vec<Value>>(), "last": last, "complete": complete,
        "dropped": emulator.dropped_requests(),
    })))
}
