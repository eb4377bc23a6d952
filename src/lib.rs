//! An async client for the [SingleStore](https://www.singlestore.com) Helios Management API.
#![forbid(unsafe_code)]

mod client;
mod credentials;
mod de;
mod decode;
mod error;
#[cfg(test)]
mod every_operation;
mod firewall;
mod ids;
mod open_enum;
mod patch;
mod raw;
mod request;
mod resources;
mod secret;
mod timestamp;
mod tls;
mod transport;
mod waiter;

pub(crate) use open_enum::open_enum;

pub use client::{Client, ClientBuilder, IntoMethod};
pub use credentials::{Chain, CredentialsError, CredentialsProvider, Token, TokenFile, TokenFuture};
pub use error::{Attempt, Error, ErrorKind};
pub use firewall::firewall_matches;
pub use ids::InvalidId;
pub use patch::Patch;
pub use raw::ids::*;
pub use raw::{OPERATIONS, requests, types};
pub use request::{BoxFuture, CallOptions, Operation, OperationInfo, RawRequest, Response};
pub use resources::{
    AuditLogs, Billing, CloudFunctions, CloudPrincipals, ClusterStage, Clusters, Egress, Files, Flows, Inference,
    Invitations, Jobs, Organizations, PrivateConnections, Projects, Regions, Roles, Secrets, ServiceAccounts, Stage,
    Teams, Users, VirtualClusters, VirtualWorkspaces, WorkspaceGroups, Workspaces,
};
pub use secret::Secret;
pub use timestamp::Timestamp;
pub use transport::backoff::Backoff;
pub use transport::observe::{AttemptEvent, CallEvent, Observer};
pub use transport::rate::RateLimit;
pub use transport::retry::RetryPolicy;
pub use waiter::{Progress, Waiter};

/// The OpenAPI document that this crate was generated from.
pub const SPEC_JSON: &str = include_str!("../spec/openapi.json");
