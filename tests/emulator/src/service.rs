//! From a request to an answer: route, credentials, checks, behaviour, and the record of it all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;

use crate::check;
use crate::credentials;
use crate::families;
use crate::faults::{Action, Fault, Queue, rewrite};
use crate::gauges::Gauges;
use crate::http::answer::Answer;
use crate::http::reader::{Head, Received};
use crate::record::{Raw, RecordedRequest, mask_body, mask_headers};
use crate::spec::{Operation, RouteError, Spec};
use crate::world::{Call, World};

/// Everything that connections share.
pub(crate) struct Service {
    pub(crate) spec: &'static Spec,
    pub(crate) gauges: Gauges,
    world: Mutex<World>,
    faults: Mutex<Queue>,
    storage_faults: Mutex<Queue>,
    log: Mutex<Vec<RecordedRequest>>,
    storage_log: Mutex<Vec<RecordedRequest>>,
}

/// A panic elsewhere must not make every later request fail: the state behind the lock is still whole enough to read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    pub(crate) fn new(spec: &'static Spec, world: World) -> Service {
        Service {
            spec,
            gauges: Gauges::default(),
            world: Mutex::new(world),
            faults: Mutex::default(),
            storage_faults: Mutex::default(),
            log: Mutex::default(),
            storage_log: Mutex::default(),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Queue> {
        lock(&self.faults)
    }

    pub(crate) fn storage_faults(&self) -> MutexGuard<'_, Queue> {
        lock(&self.storage_faults)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        lock(&self.log)
    }

    pub(crate) fn storage_log(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        lock(&self.storage_log)
    }

    /// Starts the record of a request whose head has arrived.
    pub(crate) fn arrived(&self, head: &Head, path: &str, query: Vec<(String, String)>) -> RecordedRequest {
        let mut entry = RecordedRequest {
            received_at: Instant::now(),
            method: head.method.clone(),
            path: path.to_owned(),
            operation: None,
            query,
            headers: mask_headers(&head.headers),
            body: Vec::new(),
            violations: Vec::new(),
            status: None,
            raw_body: Raw::default(),
        };
        match self.spec.route(&head.method, path) {
            Ok(found) => entry.operation = Some(found.operation.id.clone()),
            Err(error) => entry.violations.push(format!("{} {path}: {error}", head.method)),
        }
        entry
    }

    pub(crate) fn take_fault(&self, head: &Head, path: &str, operation: Option<&str>) -> Option<Fault> {
        self.faults().take(&head.method, path, operation)
    }

    pub(crate) fn record(&self, mut entry: RecordedRequest, status: Option<u16>) {
        entry.status = status;
        self.log().push(entry);
    }

    /// Records a request whose body ended before its announced length; it has no effect.
    pub(crate) fn broken_off(&self, mut entry: RecordedRequest, body: Vec<u8>) {
        entry.violations.push(format!("the connection ended after {} bytes of the request body", body.len()));
        entry.body = mask_body(&body, &entry.path);
        entry.raw_body = Raw(body);
        self.record(entry, None);
    }

    /// Answers a whole request, lets its effect take place if the fault allows it, and records it.
    pub(crate) fn answer(
        &self,
        mut entry: RecordedRequest,
        head: &Head,
        body: Vec<u8>,
        fault: Option<&Fault>,
    ) -> Answer {
        let acts = fault.is_none_or(|fault| fault.after_effect || fault.action.disturbs_the_real_answer());
        let mut answer = self.act(&mut entry, head, &body, acts);
        if let (Some(Action::Weird), Some(operation)) = (fault.map(|fault| &fault.action), entry.operation.as_deref())
            && let Some(operation) = self.spec.operation(operation)
            && answer.status == 200
            && let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body)
        {
            rewrite(self.spec, operation, &mut value);
            answer.body = value.to_string().into_bytes();
        }
        let status = match fault.map(|fault| &fault.action) {
            None => Some(answer.status),
            Some(Action::Answer(instead)) => Some(instead.status),
            Some(Action::Reset | Action::ResetBeforeBody | Action::Close | Action::Stall(_) | Action::Garbage(_)) => {
                None
            }
            Some(Action::Oversize(_)) => Some(200),
            Some(_) => Some(answer.status),
        };
        entry.body = mask_body(&body, &entry.path);
        entry.raw_body = Raw(body);
        self.record(entry, status);
        answer
    }

    fn act(&self, entry: &mut RecordedRequest, head: &Head, body: &[u8], acts: bool) -> Answer {
        let found = match self.spec.route(&head.method, &entry.path) {
            Ok(found) => found,
            Err(RouteError::UnknownPath) => return Answer::text(404, "404 page not found"),
            Err(RouteError::OtherMethods(_)) => return Answer::text(405, "Method Not Allowed"),
        };
        let operation = found.operation;
        let checked = check::request(self.spec, &found, &entry.query, head.header("content-type"), body);
        entry.violations.extend(checked.violations);
        if !acts {
            return Answer::empty(500);
        }
        let mut world = self.world();
        if let Err(refusal) = credentials::check(&world.credentials, &world.config.organization_id, head, &entry.query)
        {
            return refusal;
        }
        if let Some(refusal) = checked.refusal {
            return refusal;
        }
        let call = Call {
            operation,
            parameters: &found.parameters,
            query: &entry.query,
            body: checked.body.as_ref(),
            raw: body,
            content_type: head.header("content-type").unwrap_or_default(),
        };
        world.ripen();
        let handler = if world.config.stateless { None } else { families::handler(&operation.id) };
        match handler {
            Some(handler) => trimmed(&call, handler(&mut world, &call).unwrap_or_else(|refusal| refusal)),
            None if world.config.stateless => sample(self.spec, operation),
            None => match families::owner_exists(&mut world, &call) {
                Ok(()) => sample(self.spec, operation),
                Err(refusal) => refusal,
            },
        }
    }

    /// Answers a request to a pre-signed URL. A credential that was sent along is refused: it must not leave the interface.
    pub(crate) fn storage(&self, head: &Head, received: Received) -> Answer {
        let (path, query) = crate::http::url::split_target(&head.target);
        let answer = match head.header("authorization") {
            Some(_) => {
                Answer::text(400, "Only one auth mechanism allowed; the Authorization header must not be sent here")
            }
            None => families::files::stored(&self.world(), path, &query),
        };
        let entry = RecordedRequest {
            received_at: Instant::now(),
            method: head.method.clone(),
            path: path.to_owned(),
            operation: None,
            query,
            headers: mask_headers(&head.headers),
            body: received.bytes,
            violations: Vec::new(),
            status: Some(answer.status),
            raw_body: Raw::default(),
        };
        self.storage_log().push(entry);
        answer
    }
}

/// What an operation without behaviour answers: a sample of what the document promises.
pub(crate) fn sample(spec: &Spec, operation: &Operation) -> Answer {
    let Some(success) = operation.success() else {
        return Answer::empty(200);
    };
    let Some((media, schema)) = &success.content else {
        return Answer::empty(success.status);
    };
    let value = spec.sample(schema);
    if media != "application/json" {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Answer::bytes(success.status, media, text.into_bytes());
    }
    // The live service answers PATCH of a secret bare and wraps the others.
    let wrapped = operation.unwrap.as_ref().filter(|_| operation.method != "PATCH");
    let value = match wrapped {
        Some(key) => Value::Object([(key.clone(), value)].into_iter().collect()),
        None => value,
    };
    Answer { status: success.status, ..Answer::json(&value) }
}

/// Applies the `fields` parameter, which removes even required properties.
fn trimmed(call: &Call<'_>, answer: Answer) -> Answer {
    let Some(fields) = call.query("fields").filter(|fields| !fields.is_empty()) else {
        return answer;
    };
    let wanted: Vec<&str> = fields.split(',').map(str::trim).collect();
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else {
        return answer;
    };
    if answer.status != 200 || !answer.is_json() {
        return answer;
    }
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| keep(item, &wanted)),
        other => keep(other, &wanted),
    }
    Answer { body: value.to_string().into_bytes(), ..answer }
}

fn keep(value: &mut Value, wanted: &[&str]) {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|name, _| wanted.contains(&name.as_str()));
    }
}
