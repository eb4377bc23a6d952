//! Arguments of requests, made from less than their types ask for.

use crate::types::{
    AutoSuspend, CloudProvider, ControlAccessAction, ControlAccessRole, JobCreate, JobCreateExecutionConfig,
    JobCreateV2, JobCreateV2ExecutionConfig, JobParameter, JobParameterType, JobSchedule, JobScheduleMode,
    JobTargetConfig, JobTargetConfigTargetType, JobTargetConfigV2, JobTargetConfigV2TargetType, SharedTierProvider,
    WorkspaceAutoSuspend,
};
use crate::{
    ClusterId, IntoId, IntoInteger, TargetId, TeamId, UserId, VirtualClusterId, VirtualWorkspaceId, WorkspaceId,
};

impl From<CloudProvider> for SharedTierProvider {
    /// The same provider, as spelled by the shared tier.
    fn from(provider: CloudProvider) -> Self {
        Self::from(provider.as_str())
    }
}

impl From<WorkspaceAutoSuspend> for AutoSuspend {
    /// The settings that a workspace reports, in the form that a creation or a change takes.
    fn from(settings: WorkspaceAutoSuspend) -> Self {
        let seconds = settings.idle_after_seconds.or(settings.scheduled_after_seconds);
        AutoSuspend::new().maybe_suspend_type(settings.suspend_type).maybe_suspend_after_seconds(seconds)
    }
}

impl ControlAccessAction {
    /// Grants a role to the users and teams that [`user`](Self::user) and [`team`](Self::team) add. They are told apart
    /// by the types of their ids, and nobody is added twice.
    ///
    /// ```
    /// use singlestore_management::types::ControlAccessAction;
    /// use singlestore_management::{TeamId, UserId};
    ///
    /// let user: UserId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse()?;
    /// let team: TeamId = "3f2504e0-4f89-41d3-9a0c-0305e82c3302".parse()?;
    /// let owners = ControlAccessAction::grant("Owner").user(user).team(team);
    /// let action = owners.and(ControlAccessAction::revoke("Reader").user(user));
    /// assert_eq!(action.grants[0].users, [user]);
    /// assert_eq!(action.revokes[0].role, "Reader");
    /// # Ok::<(), singlestore_management::InvalidId>(())
    /// ```
    #[must_use]
    pub fn grant(role: impl Into<String>) -> Self {
        Self { grants: vec![nobody(role)], revokes: Vec::new() }
    }

    /// Revokes a role from the users and teams that [`user`](Self::user) and [`team`](Self::team) add.
    #[must_use]
    pub fn revoke(role: impl Into<String>) -> Self {
        Self { grants: Vec::new(), revokes: vec![nobody(role)] }
    }

    /// Adds a user to the role granted last, or revoked last if none is granted.
    #[must_use]
    pub fn user(self, id: impl IntoId<UserId>) -> Self {
        self.users([id.into()])
    }

    /// Adds users, like [`user`](Self::user) for each.
    #[must_use]
    pub fn users(mut self, ids: impl IntoIterator<Item = impl IntoId<UserId>>) -> Self {
        if let Some(role) = self.last() {
            add(&mut role.users, ids.into_iter().map(Into::into));
        }
        self
    }

    /// Adds a team to the role granted last, or revoked last if none is granted.
    #[must_use]
    pub fn team(self, id: impl IntoId<TeamId>) -> Self {
        self.teams([id.into()])
    }

    /// Adds teams, like [`team`](Self::team) for each.
    #[must_use]
    pub fn teams(mut self, ids: impl IntoIterator<Item = impl IntoId<TeamId>>) -> Self {
        if let Some(role) = self.last() {
            add(&mut role.teams, ids.into_iter().map(Into::into));
        }
        self
    }

    /// Adds the grants and revocations of another action, to be sent in one call.
    #[must_use]
    #[inline]
    pub fn and(mut self, other: Self) -> Self {
        self.grants.extend(other.grants);
        self.revokes.extend(other.revokes);
        self
    }

    fn last(&mut self) -> Option<&mut ControlAccessRole> {
        self.grants.last_mut().or(self.revokes.last_mut())
    }
}

fn nobody(role: impl Into<String>) -> ControlAccessRole {
    ControlAccessRole { role: role.into(), users: Vec::new(), teams: Vec::new() }
}

fn add<I: PartialEq>(ids: &mut Vec<I>, more: impl Iterator<Item = I>) {
    for id in more {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}

/// What a job runs against.
///
/// ```
/// use singlestore_management::{JobTarget, WorkspaceId};
/// use singlestore_management::types::JobTargetConfig;
///
/// let id: WorkspaceId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse()?;
/// let target: JobTargetConfig = JobTarget::workspace(id).resume().database("sales").into();
/// assert_eq!(target.resume_target, Some(true));
/// # Ok::<(), singlestore_management::InvalidId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a target does nothing until it is given to a job"]
pub struct JobTarget {
    kind: TargetKind,
    id: TargetId,
    resume: bool,
    database: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TargetKind {
    Deployment,
    Cluster,
    Starter,
}

impl JobTarget {
    fn new(kind: TargetKind, id: TargetId) -> Self {
        Self { kind, id, resume: false, database: None }
    }

    /// A workspace.
    pub fn workspace(id: impl IntoId<WorkspaceId>) -> Self {
        Self::new(TargetKind::Deployment, id.into().into())
    }

    /// A cluster.
    pub fn cluster(id: impl IntoId<ClusterId>) -> Self {
        Self::new(TargetKind::Cluster, id.into().into())
    }

    /// A starter workspace.
    pub fn starter_workspace(id: impl IntoId<VirtualWorkspaceId>) -> Self {
        Self::new(TargetKind::Starter, id.into().into())
    }

    /// A starter cluster.
    pub fn starter_cluster(id: impl IntoId<VirtualClusterId>) -> Self {
        Self::new(TargetKind::Starter, id.into().into())
    }

    /// Resumes the target if it is suspended when the job runs.
    #[inline]
    pub fn resume(mut self) -> Self {
        self.resume = true;
        self
    }

    /// Names the database that the notebook is connected to.
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }
}

impl From<JobTarget> for JobTargetConfig {
    fn from(target: JobTarget) -> Self {
        let kind = match target.kind {
            TargetKind::Deployment => JobTargetConfigTargetType::Workspace,
            TargetKind::Cluster => JobTargetConfigTargetType::Cluster,
            TargetKind::Starter => JobTargetConfigTargetType::VirtualWorkspace,
        };
        JobTargetConfig::new(target.id, kind).resume_target(target.resume).maybe_database_name(target.database)
    }
}

impl From<JobTarget> for JobTargetConfigV2 {
    fn from(target: JobTarget) -> Self {
        let kind = match target.kind {
            TargetKind::Deployment | TargetKind::Cluster => JobTargetConfigV2TargetType::Cluster,
            TargetKind::Starter => JobTargetConfigV2TargetType::VirtualCluster,
        };
        JobTargetConfigV2::new(target.id, kind).resume_target(target.resume).maybe_database_name(target.database)
    }
}

/// A job that runs a notebook, once or again and again.
///
/// ```
/// use singlestore_management::types::JobCreate;
/// use singlestore_management::{JobTarget, RunNotebook, WorkspaceId};
///
/// let id: WorkspaceId = "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse()?;
/// let job = RunNotebook::once("reports/daily.ipynb").named("daily").on(JobTarget::workspace(id).resume());
/// let job: JobCreate = job.parameter("region", "eu").into();
/// assert_eq!(job.execution_config.notebook_path, "reports/daily.ipynb");
/// # Ok::<(), singlestore_management::InvalidId>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a job does nothing until it is created"]
pub struct RunNotebook {
    path: String,
    snapshot: bool,
    name: Option<String>,
    target: Option<JobTarget>,
    parameters: Vec<JobParameter>,
    schedule: JobSchedule,
}

impl RunNotebook {
    /// Runs the notebook once, as soon as the job is created.
    pub fn once(path: impl Into<String>) -> Self {
        Self::scheduled(path, JobSchedule::new(JobScheduleMode::Once))
    }

    /// Runs the notebook repeatedly, at an interval in minutes.
    pub fn every(minutes: impl IntoInteger, path: impl Into<String>) -> Self {
        let schedule = JobSchedule::new(JobScheduleMode::Recurring).execution_interval_in_minutes(minutes);
        Self::scheduled(path, schedule)
    }

    /// Runs the notebook on a schedule.
    pub fn scheduled(path: impl Into<String>, schedule: JobSchedule) -> Self {
        Self { path: path.into(), snapshot: false, name: None, target: None, parameters: Vec::new(), schedule }
    }

    /// Names the job.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets what the notebook runs against.
    #[inline]
    pub fn on(mut self, target: JobTarget) -> Self {
        self.target = Some(target);
        self
    }

    /// Keeps a copy of the notebook as it was at each run.
    #[inline]
    pub fn with_snapshot(mut self) -> Self {
        self.snapshot = true;
        self
    }

    /// Adds a parameter of type string. Parameters of other types are given to [`JobCreate`].
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push(JobParameter::new(name, JobParameterType::String, value));
        self
    }
}

impl From<RunNotebook> for JobCreate {
    fn from(job: RunNotebook) -> Self {
        let config = JobCreateExecutionConfig::new(job.path).create_snapshot(job.snapshot);
        let parameters = Some(job.parameters).filter(|parameters| !parameters.is_empty());
        let create = JobCreate::new(config, job.schedule).maybe_name(job.name).maybe_parameters(parameters);
        create.maybe_target_config(job.target)
    }
}

impl From<RunNotebook> for JobCreateV2 {
    fn from(job: RunNotebook) -> Self {
        let config = JobCreateV2ExecutionConfig::new(job.path).create_snapshot(job.snapshot);
        let parameters = Some(job.parameters).filter(|parameters| !parameters.is_empty());
        let create = JobCreateV2::new(config, job.schedule).maybe_name(job.name).maybe_parameters(parameters);
        create.maybe_target_config(job.target)
    }
}
