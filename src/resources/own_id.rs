//! A resource can be passed where its id is expected, and the id of a deployment where the API calls it something else.

use crate::types::{
    CloudPrincipal, Cluster, Job, JobV2, Organization, OrganizationSecret, Project, Region, ServiceAccount, Team, User,
    Workspace, WorkspaceGroup,
};
use crate::{
    CloudPrincipalId, ClusterId, DeploymentId, JobId, OrganizationId, ProjectId, RegionId, SecretId, ServiceAccountId,
    TargetId, TeamId, UserId, VirtualClusterId, VirtualWorkspaceId, WorkspaceGroupId, WorkspaceId,
};

macro_rules! own_ids {
    ($($resource:ident $field:ident $id:ident;)*) => {$(
        impl From<&$resource> for $id {
            /// Its own id, so that the resource can be passed where an id is expected.
            fn from(resource: &$resource) -> Self {
                resource.$field
            }
        }
    )*};
}

own_ids! {
    Workspace workspace_id WorkspaceId;
    WorkspaceGroup workspace_group_id WorkspaceGroupId;
    Cluster cluster_id ClusterId;
    Region region_id RegionId;
    Project project_id ProjectId;
    Organization org_id OrganizationId;
    Team team_id TeamId;
    User user_id UserId;
    OrganizationSecret secret_id SecretId;
    Job job_id JobId;
    JobV2 job_id JobId;
    ServiceAccount service_account_id ServiceAccountId;
    CloudPrincipal cloud_principal_id CloudPrincipalId;
}

macro_rules! same_id {
    ($($id:ident $as_id:ident $what:literal;)*) => {$(
        #[doc = $what]
        impl From<$id> for $as_id {
            fn from(id: $id) -> Self {
                Self::from_uuid(*id.as_uuid())
            }
        }
    )*};
}

same_id! {
    WorkspaceGroupId DeploymentId "A Stage belongs to a workspace group or to a starter workspace, and is named by the id of either.";
    VirtualWorkspaceId DeploymentId "A Stage belongs to a workspace group or to a starter workspace, and is named by the id of either.";
    WorkspaceId TargetId "A job or a cloud function runs against a workspace, a cluster or a starter.";
    ClusterId TargetId "A job or a cloud function runs against a workspace, a cluster or a starter.";
    VirtualWorkspaceId TargetId "A job or a cloud function runs against a workspace, a cluster or a starter.";
    VirtualClusterId TargetId "A job or a cloud function runs against a workspace, a cluster or a starter.";
}
