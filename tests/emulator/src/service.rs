//! From a request to a response: routing, credentials, checks, behavior, and the record of it all.

mod reset;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;

use crate::check::{self, Checked, Sent};
use crate::credentials;
use crate::families;
use crate::faults::{Action, Fault, Queue, rewrite};
use crate::gauges::Gauges;
use crate::http::range::Range;
use crate::http::reader::{Head, Received};
use crate::http::response::Response;
use crate::http::upload::Upload;
use crate::log::Log;
use crate::record::RecordedRequest;
use crate::spec::{Operation, RouteError, Spec};
use crate::world::{Call, Reply, SqlChange, World, clock};

/// Everything shared by the connections.
pub(crate) struct Service {
    pub(crate) spec: &'static Spec,
    pub(crate) gauges: Gauges,
    world: Mutex<World>,
    faults: Mutex<Queue>,
    storage_faults: Mutex<Queue>,
    log: Mutex<Log>,
    storage_log: Mutex<Log>,
    /// The world after seeding, which a reset returns to.
    marked: Mutex<Option<World>>,
    /// Wakes those waiting for requests.
    pub(crate) arrival: Notify,
    on_request: Option<OnRequest>,
    #[cfg(feature = "sql")]
    pub(crate) database: Option<crate::sql::SqlServer>,
}

/// Called with each request once it is in the log.
pub(crate) type OnRequest = std::sync::Arc<dyn Fn(&RecordedRequest) + Send + Sync>;

/// A panic elsewhere must not make every later request fail: the state behind the lock is still consistent enough to read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    pub(crate) fn new(spec: &'static Spec, world: World, on_request: Option<OnRequest>) -> Service {
        let log = || Mutex::new(Log::new(world.config.kept_requests));
        let (log, storage_log) = (log(), log());
        Service {
            spec,
            gauges: Gauges::default(),
            world: Mutex::new(world),
            faults: Mutex::default(),
            storage_faults: Mutex::default(),
            log,
            storage_log,
            marked: Mutex::default(),
            arrival: Notify::new(),
            on_request,
            #[cfg(feature = "sql")]
            database: None,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let world = lock(&self.world);
        clock::set_ahead(world.ahead);
        world
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Queue> {
        lock(&self.faults)
    }

    pub(crate) fn storage_faults(&self) -> MutexGuard<'_, Queue> {
        lock(&self.storage_faults)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    pub(crate) fn storage_log(&self) -> MutexGuard<'_, Log> {
        lock(&self.storage_log)
    }

    /// Starts the record of a request whose head has arrived.
    pub(crate) fn arrived(&self, head: &Head, path: &str, query: Vec<(String, String)>) -> RecordedRequest {
        let mut entry = RecordedRequest::begin(head, path, query);
        entry.generation = self.world().generation;
        match self.spec.route(&head.method, path) {
            Ok(found) => entry.operation = Some(found.operation.id.clone()),
            Err(error) => entry.violations.push(format!("{} {path}: {error}", head.method)),
        }
        entry
    }

    /// The fault that strikes a request; one that is meant for requests after a reset is kept for them.
    pub(crate) fn take_fault(&self, head: &Head, entry: &RecordedRequest) -> Option<Fault> {
        let world = self.world();
        let current = entry.generation == world.generation;
        current.then(|| self.faults().take(&head.method, &entry.path, entry.operation.as_deref())).flatten()
    }

    pub(crate) fn record(&self, mut entry: RecordedRequest, status: Option<u16>) {
        entry.status = status;
        // Held until the entry is in the log: a reset comes before or after that.
        let world = self.world();
        if entry.generation != world.generation {
            return;
        }
        let told = self.on_request.as_ref().map(|call| (call, entry.clone()));
        self.log().push(entry);
        drop(world);
        if let Some((call, entry)) = told {
            call(&entry);
        }
        self.arrival.notify_waiters();
    }

    /// Where the body of a request goes: uploads to disk, everything else into memory.
    pub(crate) fn receiver(&self, head: &Head, operation: Option<&str>) -> Received {
        let upload = operation.and_then(|id| self.spec.operation(id)).is_some_and(Operation::is_upload);
        if upload {
            let world = self.world();
            let content_type = head.header("content-type").unwrap_or_default();
            Received::upload(Upload::new(world.disk.clone(), content_type), world.config.kept_body)
        } else {
            Received::whole()
        }
    }

    /// Records a request whose body ended before its announced length; it has no effect.
    pub(crate) fn broken_off(&self, mut entry: RecordedRequest, received: Received) {
        entry.violations.push(format!("the connection ended after {} bytes of the request body", received.length));
        let kept = self.world().config.kept_body;
        entry.keep(received.bytes, received.length, kept);
        self.record(entry, None);
    }

    /// Responds to a complete request, lets it take effect if the fault allows that, and records it.
    pub(crate) fn response(
        &self,
        mut entry: RecordedRequest,
        head: &Head,
        received: Received,
        fault: Option<&Fault>,
    ) -> Response {
        let acts = fault.is_none_or(|fault| fault.after_effect || fault.action.disturbs_the_real_response());
        let Received { bytes, length, upload, .. } = received;
        let part = upload.filter(|_| length > 0).map(Upload::finish);
        let sent = Sent { content_type: head.header("content-type"), bytes: &bytes, part: part.as_ref() };
        let mut response = self.act(&mut entry, head, &sent, acts);
        if let (Some(Action::NewerServer), Some(operation)) =
            (fault.map(|fault| &fault.action), entry.operation.as_deref())
            && let Some(operation) = self.spec.operation(operation)
            && response.status == 200
            && let Ok(mut value) = serde_json::from_slice::<Value>(&response.body)
        {
            rewrite(self.spec, operation, &mut value);
            response.body = value.to_string().into_bytes();
        }
        let status = match fault.map(|fault| &fault.action) {
            None => Some(response.status),
            Some(Action::Respond(instead)) => Some(instead.status),
            Some(Action::Reset | Action::ResetBeforeBody | Action::Close | Action::Stall(_) | Action::Garbage(_)) => {
                None
            }
            Some(Action::Oversize(_)) => Some(200),
            Some(_) => Some(response.status),
        };
        let kept = self.world().config.kept_body;
        entry.keep(bytes, length, kept);
        self.record(entry, status);
        response
    }

    fn act(&self, entry: &mut RecordedRequest, head: &Head, sent: &Sent<'_>, acts: bool) -> Response {
        let found = self.spec.route(&head.method, &entry.path);
        let checked = match &found {
            Ok(found) => check::request(self.spec, found, &entry.query, sent),
            Err(_) => Checked::default(),
        };
        entry.violations.extend(checked.violations);
        if !acts {
            return Response::empty(500);
        }
        let mut world = self.world();
        if world.generation != entry.generation {
            return Response::text(503, "the emulator was reset while it received the request");
        }
        // Copying everything is expensive: only done where a database server may refuse a change.
        let before = (self.has_database() && head.method != "GET").then(|| world.clone());
        let outcome = self.admit(&mut world, entry, head).and_then(|()| {
            let found = found.map_err(|error| match error {
                RouteError::UnknownPath => Response::text(404, "404 page not found"),
                RouteError::OtherMethods(_) => Response::text(405, "Method Not Allowed"),
            })?;
            if let Some(refusal) = checked.refusal {
                return Err(refusal);
            }
            let call = Call {
                operation: found.operation,
                parameters: &found.parameters,
                query: &entry.query,
                body: checked.body.as_ref(),
                range: Range::of(head),
                part: sent.part,
            };
            self.behave(&mut world, &call)
        });
        let changes = std::mem::take(&mut world.sql);
        // Before a deployment is visible, its database and its users exist.
        let outcome = outcome.and_then(|response| {
            changes.iter().for_each(|change| world.made.note(change));
            let refused = self.change_database(&changes);
            if let (Err(_), Some(before)) = (&refused, before) {
                self.take_back(&mut world, before);
            }
            refused.map(|()| response)
        });
        let (Ok(mut response) | Err(mut response)) = outcome;
        response.headers.extend(world.config.headers.iter().cloned());
        match (world.config.no_date, world.config.clock_offset) {
            (true, _) => response.headers.push(("Date".to_owned(), String::new())),
            (false, 0) if world.ahead.is_zero() => {}
            (false, offset) => {
                response.headers.push(("Date".to_owned(), httpdate::fmt_http_date(clock::shifted(offset))));
            }
        }
        response
    }

    fn has_database(&self) -> bool {
        #[cfg(feature = "sql")]
        return self.database.is_some();
        #[cfg(not(feature = "sql"))]
        false
    }

    #[cfg(feature = "sql")]
    fn change_database(&self, changes: &[SqlChange]) -> Reply<()> {
        match &self.database {
            Some(database) if !changes.is_empty() => {
                database.apply(changes).map_err(|problem| Response::text(500, format!("database: {problem}")))
            }
            _ => Ok(()),
        }
    }

    #[cfg(not(feature = "sql"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    fn change_database(&self, _changes: &[SqlChange]) -> Reply<()> {
        Ok(())
    }

    /// Admits a request: checks the limit first, then the credentials, and only then what it asks for.
    fn admit(&self, world: &mut World, entry: &RecordedRequest, head: &Head) -> Reply<()> {
        if let Some(limit) = &mut world.config.rate_limit {
            limit.take(clock::instant())?;
        }
        let organization = world.config.organization_id.clone();
        credentials::check(&mut world.credentials, &organization, clock::system(), head, &entry.query)
    }

    fn behave(&self, world: &mut World, call: &Call<'_>) -> Reply {
        if world.config.stateless {
            return Ok(sample(self.spec, call.operation));
        }
        world.apply_due();
        match families::handler(&call.operation.id) {
            Some(handler) => Ok(trimmed(call, handler(world, call)?)),
            None => {
                families::owner_exists(world, call)?;
                if world.config.strict {
                    let text =
                        format!("the emulator has no behavior for {}; it could only send a sample", call.operation.id);
                    return Err(Response::text(501, text));
                }
                // A sample must not be mistaken for a response of the service.
                Ok(sample(self.spec, call.operation).with_header("X-Emulator-Sample", "true"))
            }
        }
    }

    /// Starts the record of a request to a pre-signed URL.
    pub(crate) fn arrived_at_storage(&self, head: &Head) -> RecordedRequest {
        let (path, query) = crate::http::url::split_target(&head.target);
        let mut entry = RecordedRequest::begin(head, path, query);
        entry.generation = self.world().generation;
        entry
    }

    /// Responds to a request for a pre-signed URL. A credential sent with it is refused: it must not leave the API.
    pub(crate) fn storage(
        &self,
        mut entry: RecordedRequest,
        head: &Head,
        received: Received,
    ) -> (Response, Option<Fault>) {
        let world = self.world();
        let current = entry.generation == world.generation;
        let fault = current.then(|| self.storage_faults().take(&head.method, &entry.path, None)).flatten();
        let action = fault.as_ref().map(|fault| &fault.action);
        let response = match head.header("authorization") {
            Some(_) => {
                let message = "Only one auth mechanism allowed; the Authorization header must not be sent here";
                families::files::error(400, "InvalidArgument", message)
            }
            None => families::files::stored(&world, head, &entry.path, &entry.query, action),
        };
        entry.keep(received.bytes, received.length, world.config.kept_body);
        entry.status = Some(response.status);
        if current {
            self.storage_log().push(entry);
        }
        (response, fault)
    }
}

/// The response of an operation without behavior: a sample of what the document promises.
pub(crate) fn sample(spec: &Spec, operation: &Operation) -> Response {
    let Some(success) = operation.success() else {
        return Response::empty(200);
    };
    let Some((media, schema)) = &success.content else {
        return Response::empty(success.status);
    };
    let value = spec.sample(schema);
    if media != "application/json" {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Response::bytes(success.status, media, text.into_bytes());
    }
    // The live service responds to PATCH of a secret with a bare object and wraps the others in an envelope.
    let wrapped = operation.envelope.as_ref().filter(|_| operation.method != "PATCH");
    let value = match wrapped {
        Some(key) => Value::Object([(key.clone(), value)].into_iter().collect()),
        None => value,
    };
    Response { status: success.status, ..Response::json(&value) }
}

/// Applies the `fields` parameter, which removes even required properties.
fn trimmed(call: &Call<'_>, response: Response) -> Response {
    let Some(fields) = call.query("fields").filter(|fields| !fields.is_empty()) else {
        return response;
    };
    let wanted: Vec<&str> = fields.split(',').map(str::trim).collect();
    let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) else {
        return response;
    };
    if response.status != 200 || !response.is_json() {
        return response;
    }
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, &wanted)),
        other => keep(other, &wanted),
    }
    Response { body: value.to_string().into_bytes(), ..response }
}

fn keep(value: &mut Value, wanted: &[&str]) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| wanted.contains(&name.as_str()));
    }
}
