//! Scheduled notebooks and their executions; both versions respond alike.

use serde_json::{Map, Value, json};

use super::users::current_id;
use crate::http::response::Response;
use crate::world::{Call, Handler, Item, Reply, World, clock, ids, kinds, refuse};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "create_job" | "create_job_v2" => create,
        "get_job" | "get_job_v2" => get,
        "delete_job" | "delete_job_v2" => delete,
        "list_job_executions" | "list_job_executions_v2" => executions,
        "list_job_parameters" | "list_job_parameters_v2" => parameters,
        "list_job_runtimes" | "list_job_runtimes_v2" => runtimes,
        _ => return None,
    })
}

fn create(world: &mut World, call: &Call<'_>) -> Reply {
    let recurring = call.body.and_then(|body| body.pointer("/schedule/mode")) == Some(&json!("Recurring"));
    if recurring
        && call.body.and_then(|body| body.pointer("/schedule/executionIntervalInMinutes")).is_none_or(Value::is_null)
    {
        return refuse(400, "executionIntervalInMinutes is required for recurring jobs");
    }
    let (id, by) = (world.new_id(&kinds::JOB), current_id(world));
    let mut value = Map::new();
    // Jobs include fields that have no value.
    for field in ["name", "description", "targetConfig", "terminatedAt"] {
        value.insert(field.to_owned(), Value::Null);
    }
    call.copy(&["name", "description", "schedule", "executionConfig", "targetConfig"], &mut value);
    if let Some(target) = value.get_mut("targetConfig").and_then(Value::as_object_mut) {
        target.entry("resumeTarget").or_insert(false.into());
    }
    if let Some(config) = value.get_mut("executionConfig").and_then(Value::as_object_mut) {
        config.entry("maxAllowedExecutionDurationInMinutes").or_insert(1440.into());
        config.remove("runtimeName");
    }
    value.insert("jobID".to_owned(), id.clone().into());
    value.insert("enqueuedBy".to_owned(), by.into());
    value.insert("createdAt".to_owned(), clock::now().into());
    value.insert("completedExecutionsCount".to_owned(), 0.into());
    value.insert("jobMetadata".to_owned(), json!([]));
    let mut item = Item::new(Value::Object(value.clone()));
    item.hidden.insert("parameters".to_owned(), call.field("parameters").cloned().unwrap_or(json!([])));
    let ready = world.config.polls_until_ready;
    let metadata = |status: &str, seconds: Value| json!([{"status": status, "count": 1, "avgDurationInSeconds": seconds, "maxDurationInSeconds": seconds}]);
    if ready > 0 {
        item.later(ready - 1, json!({"jobMetadata": metadata("Running", Value::Null)}));
    }
    item.later(ready, json!({"completedExecutionsCount": 1, "jobMetadata": metadata("Completed", json!(12.5))}));
    world.insert(&kinds::JOB, &id, item);
    Ok(Response::json(&Value::Object(value)))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    Ok(Response::json(&world.find(&kinds::JOB, call.path("jobID"))?.observe()))
}

/// A deleted job can still be read.
fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let job = world.find(&kinds::JOB, call.path("jobID"))?;
    job.forget_later();
    job.set("terminatedAt", clock::now());
    Ok(Response::json(&true.into()))
}

/// Executions are numbered from one; the range is inclusive and both ends are required.
fn executions(world: &mut World, call: &Call<'_>) -> Reply {
    let number = |name: &str| call.query(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (start, end) = (number("start").max(1), number("end"));
    let job = world.find(&kinds::JOB, call.path("jobID"))?;
    let count = job.value.get("completedExecutionsCount").and_then(Value::as_u64).unwrap_or(0);
    let (id, created) = (job.text("jobID").to_owned(), job.text("createdAt").to_owned());
    let shown = (start..=end.min(count)).map(|number| {
        json!({
            "executionID": ids::uuid_of(&format!("{id}/{number}")), "jobID": id, "executionNumber": number, "status": "Completed",
            "scheduledStartTime": created, "startedAt": created, "finishedAt": created, "snapshotNotebookPath": null,
        })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Response::json(
        &json!({"executions": shown, "executionsMetadata": {"startExecutionNumber": start, "endExecutionNumber": end}}),
    ))
}

fn parameters(world: &mut World, call: &Call<'_>) -> Reply {
    let job = world.find(&kinds::JOB, call.path("jobID"))?;
    let parameters = job.hidden.get("parameters").and_then(Value::as_array).into_iter().flatten();
    // Values are strings whatever the type says.
    let shown = parameters.map(|parameter| {
        let mut parameter = parameter.clone();
        if let Some(value) = parameter.get_mut("value").filter(|value| !value.is_string()) {
            *value = value.to_string().into();
        }
        parameter
    });
    Ok(Response::json(&shown.collect()))
}

fn runtimes(_world: &mut World, _call: &Call<'_>) -> Reply {
    let named = |name: &str, description: &str| json!({"name": name, "description": description});
    Ok(Response::json(&json!([
        named("notebooks-cpu-small", "Small CPU runtime"),
        named("notebooks-cpu-medium", "Medium CPU runtime"),
        named("notebooks-gpu-t4", "GPU runtime"),
    ])))
}
