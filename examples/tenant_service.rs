//! A service that gives each tenant exactly one database, and survives being restarted at any moment.
//!
//! ```text
//! cargo run --example tenant_service              # simulates a day of the service against an emulator
//! cargo run --example tenant_service -- --serve   # keeps listening
//! ```
//!
//! With a key in the environment it serves from your account, and asks first, because databases cost money. `--yes` skips
//! the question, for example if there is no terminal: `tenant_service --serve --yes`.
//!
//! `PUT /tenants/{name}` creates, `GET` returns the state and the endpoint, `DELETE` terminates. All three can be repeated.
//! The service stores nothing itself, because the Management API has everything it needs. So it has no state to lose.

mod support;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use singlestore_management::types::{WorkspaceCreate, WorkspaceGroupCreate};
use singlestore_management::{Client, CreateOutcome, Error, RegionId};
use support::Place;
use tower::ServiceExt;

#[derive(Clone)]
struct Tenants {
    client: Client,
    region: RegionId,
}

/// An error as callers of this service see it.
struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = self.0;
        let status = match error.create_outcome() {
            // A database may have been created. A second PUT looks for it, so trying again is safe.
            Some(CreateOutcome::Unknown) => StatusCode::SERVICE_UNAVAILABLE,
            _ if error.is_not_found() => StatusCode::NOT_FOUND,
            _ if error.is_out_of_credits() => StatusCode::PAYMENT_REQUIRED,
            _ if error.is_pending() || error.is_conflict() => StatusCode::CONFLICT,
            _ if error.is_retryable() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        };
        eprintln!("{error}");
        (status, Json(json!({"error": error.to_string(), "retry": status == StatusCode::SERVICE_UNAVAILABLE})))
            .into_response()
    }
}

/// Creates whatever is missing: the group, then the workspace. Either may exist from an earlier request that was cut off.
async fn create(State(tenants): State<Tenants>, Path(name): Path<String>) -> Result<Response, Failure> {
    let Tenants { client, region } = tenants;
    let group = WorkspaceGroupCreate::new(&name, ["203.0.113.0/24"]).region_id(region);
    let group = client.workspace_groups().find_or_create(group).await?;
    let workspace = WorkspaceCreate::new(&name, group.id).size("S-00");
    let workspace = client.workspaces().find_or_create(workspace).await?;
    let status = if workspace.existed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(json!({"group": group.id, "workspace": workspace.id}))).into_response())
}

async fn read(State(tenants): State<Tenants>, Path(name): Path<String>) -> Result<Json<Value>, Failure> {
    let client = tenants.client;
    let group = client.workspace_groups().find_by_name(&name).await?;
    let workspace = client.workspaces().find_by_name(group.workspace_group_id, &name).await?;
    Ok(Json(json!({
        "workspace": workspace.workspace_id,
        "state": workspace.state.to_string(),
        "endpoint": workspace.endpoint,
    })))
}

/// A tenant that is already gone counts as deleted, which is what the caller wants.
async fn delete(State(tenants): State<Tenants>, Path(name): Path<String>) -> Result<StatusCode, Failure> {
    let groups = tenants.client.workspace_groups();
    let group = match groups.find_by_name(&name).await {
        Ok(group) => group,
        Err(error) if error.is_not_found() => return Ok(StatusCode::NO_CONTENT),
        Err(error) => return Err(error.into()),
    };
    groups.terminate(group.workspace_group_id).force(true).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn service(client: Client, region: RegionId) -> Router {
    Router::new().route("/tenants/{name}", get(read).put(create).delete(delete)).with_state(Tenants { client, region })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut serve, mut yes) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--serve" => serve = true,
            "--yes" => yes = true,
            _ => return Err(format!("unknown argument {argument}").into()),
        }
    }
    let place = Place::choose()?;
    place.agree("This service creates and terminates databases, which cost money.", yes)?;
    let region = place.client.regions().list().await?.first().map(|region| region.region_id).ok_or("no region")?;

    let service = service(place.client.clone(), region);
    if serve || place.emulator.is_none() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("listening at http://{}/tenants/{{name}}", listener.local_addr()?);
        axum::serve(listener, service).await?;
        return Ok(());
    }
    day(&service).await?;
    place.check()
}

/// What callers do in a day; creations and deletions are repeated.
async fn day(service: &Router) -> Result<(), Box<dyn std::error::Error>> {
    let first = ask(service, "PUT").await?;
    let again = ask(service, "PUT").await?;
    if first != again {
        return Err(format!("two databases for one tenant: {first} and {again}").into());
    }
    for method in ["GET", "DELETE", "DELETE", "GET"] {
        ask(service, method).await?;
    }
    Ok(())
}

/// A request as it would come over the network.
async fn ask(service: &Router, method: &str) -> Result<String, Box<dyn std::error::Error>> {
    let request = Request::builder().method(method).uri("/tenants/tenant-42").body(Body::empty())?;
    let response = service.clone().oneshot(request).await?;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    println!("{method:<6} {status} {body}");
    Ok(body)
}
