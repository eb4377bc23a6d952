//! Jobs: notebooks on a schedule, v1 and v2.

use super::handle;
use crate::de::object::object;
use crate::items::{After, stream};
use crate::operation::OperationInfo;
use crate::request::Operation;
use crate::request::list::ListOperation;
use crate::requests::{
    CreateJob, CreateJobV2, DeleteJob, DeleteJobV2, GetJob, GetJobV2, ListJobExecutions, ListJobExecutionsV2,
    ListJobParameters, ListJobParametersV2, ListJobRuntimes, ListJobRuntimesV2,
};
use crate::types::{Execution, Job, JobCreate, JobCreateV2, JobSchedule, JobScheduleMode, JobV2};
use crate::{Client, IntoId, IntoInteger, Items, JobId, Timestamp, WaitState, Waiter};

handle! {
    /// Jobs: notebooks that run once or at intervals. The service does not list jobs: keep their ids.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let group: singlestore_management::WorkspaceGroupId =
    /// #     emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?.parse()?;
    /// # let workspace: singlestore_management::WorkspaceId = emulator
    /// #     .insert_workspace(serde_json::json!({"name": "tenant-42", "workspaceGroupID": group, "state": "ACTIVE"}))?.parse()?;
    /// use singlestore_management::types::FileLocation;
    /// use singlestore_management::{JobTarget, RunNotebook};
    ///
    /// client.files().upload(FileLocation::Shared, "report.ipynb", "{}").await?;
    /// let job = RunNotebook::once("report.ipynb").named("report").on(JobTarget::workspace(workspace).resume());
    /// let job = client.jobs().create(job).await?;
    /// client.jobs().wait_until_completed(&job).await?;
    /// # Ok(()) }
    /// ```
    Jobs, jobs, "Jobs: notebooks that run once or at intervals."
}

impl Jobs {
    /// Creates a job from a notebook of the `shared` space. Keep the id from the response, since no call lists jobs. A
    /// start time without a time zone is UTC.
    pub fn create(&self, job: impl Into<JobCreate>) -> CreateJob<Client> {
        CreateJob::new(job).with_client(&self.client)
    }

    /// Gets a job with its execution counts. A deleted one can still be read, with its termination time.
    pub fn get(&self, id: impl IntoId<JobId>) -> GetJob<Client> {
        GetJob::new(id).with_client(&self.client)
    }

    /// Deletes a job.
    pub fn delete(&self, id: impl IntoId<JobId>) -> DeleteJob<Client> {
        DeleteJob::new(id).with_client(&self.client)
    }

    /// Lists executions of a job by their numbers, believed to count from 1 and to include both ends. Awaiting the request
    /// asks for all of them at once; `items()` asks for a hundred at a time.
    pub fn executions(
        &self,
        id: impl IntoId<JobId>,
        first: impl IntoInteger,
        last: impl IntoInteger,
    ) -> ListJobExecutions<Client> {
        ListJobExecutions::new(id, first, last).with_client(&self.client)
    }

    /// Lists all executions of a job, newest first.
    ///
    /// The service lists executions by number. The job, which is read first, says how many there are; if it does not,
    /// the numbers are read from 1 upwards.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # use singlestore_management::types::{JobCreate, JobCreateExecutionConfig, JobSchedule, JobScheduleMode};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let job = client.jobs().create(JobCreate::new(
    /// #     JobCreateExecutionConfig::new("a.ipynb"), JobSchedule::new(JobScheduleMode::Once))).await?.job_id;
    /// let mut executions = client.jobs().all_executions(job);
    /// while let Some(execution) = executions.try_next().await? {
    ///     println!("{:?}: {:?}", execution.execution_number, execution.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn all_executions(&self, id: impl IntoId<JobId>) -> Items<Execution> {
        let id = id.into();
        let list = move |last| ListJobExecutions::new(id, 1, last);
        self.counted_executions(id, <GetJob>::INFO, list)
    }

    /// Lists the parameters that the job was created with. The values are strings, whatever the types.
    pub fn parameters(&self, id: impl IntoId<JobId>) -> ListJobParameters<Client> {
        ListJobParameters::new(id).with_client(&self.client)
    }

    /// Lists the runtimes that a job can use.
    #[inline]
    pub fn runtimes(&self) -> ListJobRuntimes<Client> {
        ListJobRuntimes::new().with_client(&self.client)
    }

    /// Creates a job through the v2 interface, whose targets are clusters and starter clusters.
    pub fn create_v2(&self, job: impl Into<JobCreateV2>) -> CreateJobV2<Client> {
        CreateJobV2::new(job).with_client(&self.client)
    }

    /// Gets a job through the v2 interface.
    pub fn get_v2(&self, id: impl IntoId<JobId>) -> GetJobV2<Client> {
        GetJobV2::new(id).with_client(&self.client)
    }

    /// Deletes a job through the v2 interface.
    pub fn delete_v2(&self, id: impl IntoId<JobId>) -> DeleteJobV2<Client> {
        DeleteJobV2::new(id).with_client(&self.client)
    }

    /// Lists executions of a job through the v2 interface.
    pub fn executions_v2(
        &self,
        id: impl IntoId<JobId>,
        first: impl IntoInteger,
        last: impl IntoInteger,
    ) -> ListJobExecutionsV2<Client> {
        ListJobExecutionsV2::new(id, first, last).with_client(&self.client)
    }

    /// Lists the parameters of a job through the v2 interface.
    pub fn parameters_v2(&self, id: impl IntoId<JobId>) -> ListJobParametersV2<Client> {
        ListJobParametersV2::new(id).with_client(&self.client)
    }

    /// Lists the runtimes through the v2 interface.
    #[inline]
    pub fn runtimes_v2(&self) -> ListJobRuntimesV2<Client> {
        ListJobRuntimesV2::new().with_client(&self.client)
    }

    /// Lists all executions of a job through the v2 interface; see [`all_executions`](Self::all_executions).
    pub fn all_executions_v2(&self, id: impl IntoId<JobId>) -> Items<Execution> {
        let id = id.into();
        let list = move |last| ListJobExecutionsV2::new(id, 1, last);
        self.counted_executions(id, <GetJobV2>::INFO, list)
    }

    /// The executions up to the number that the job reports, newest first; if it reports none, from the first on.
    fn counted_executions<L: ListOperation<Item = Execution>>(
        &self,
        id: JobId,
        job: &'static OperationInfo,
        list: impl Fn(i64) -> L + Send + 'static,
    ) -> Items<Execution> {
        let client = self.client.clone();
        let path = job.path.replace("{jobID}", id.as_str());
        After::items(client.core().clone(), job, &path, move |body| {
            Ok(match execution_count(body) {
                Some(count) => stream::backwards(client.listing(&list(count.saturating_add(UNCOUNTED)))),
                None => stream::items(client.listing(&list(i64::MAX))),
            })
        })
    }

    /// Waits until a job that runs once has run, for 30 min unless another deadline is set. How the run ended is in
    /// [`executions`](Self::executions). A recurring job never ends, so waiting for one fails.
    pub fn wait_until_completed(&self, id: impl IntoId<JobId>) -> Waiter<Job> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get(id).with_deadline(left);
        let judge =
            |job: &Job| completion(job.schedule.as_ref(), job.completed_executions_count, job.terminated_at.as_ref());
        Waiter::polling(&self.client, format!("job {id}"), fetch, judge)
    }

    /// The same through the v2 interface.
    pub fn wait_until_completed_v2(&self, id: impl IntoId<JobId>) -> Waiter<JobV2> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get_v2(id).with_deadline(left);
        let judge =
            |job: &JobV2| completion(job.schedule.as_ref(), job.completed_executions_count, job.terminated_at.as_ref());
        Waiter::polling(&self.client, format!("job {id}"), fetch, judge)
    }
}

/// How many numbers beyond the count are requested: for executions that have started since, or that no counter includes.
const UNCOUNTED: i64 = 100;

/// How many executions a job reports: the finished ones, or those of all statuses. `None` if it reports none.
#[inline]
fn execution_count(job: &[u8]) -> Option<i64> {
    struct Counts {
        completed_executions_count: serde_json::Value,
        job_metadata: serde_json::Value,
    }
    object! {
        Counts {
            required:;
            0 "completedExecutionsCount" completed_executions_count or_blank, 1 "jobMetadata" job_metadata or_blank,
        }
    }
    let counts = serde_json::from_slice::<Counts>(job).ok()?;
    let statuses = counts.job_metadata.as_array().into_iter().flatten();
    let counted = statuses.filter_map(|status| status.get("count")?.as_i64()).fold(0, i64::saturating_add);
    Some(counts.completed_executions_count.as_i64().unwrap_or(0).max(counted)).filter(|count| *count > 0)
}

fn completion(schedule: Option<&JobSchedule>, completed: Option<i64>, terminated_at: Option<&Timestamp>) -> WaitState {
    if schedule.is_some_and(|schedule| schedule.mode == JobScheduleMode::Recurring) {
        WaitState::failed("a recurring job")
    } else if completed.is_some_and(|completed| completed > 0) {
        WaitState::reached("completed")
    } else if terminated_at.is_some_and(Timestamp::is_set) {
        WaitState::failed("deleted before it ran")
    } else {
        WaitState::pending("without a completed execution")
    }
}
