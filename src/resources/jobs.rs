//! Jobs: notebooks on a schedule, v1 and v2.

use super::handle;
use crate::requests::{
    CreateJob, CreateJobV2, DeleteJob, DeleteJobV2, GetJob, GetJobV2, ListJobExecutions, ListJobExecutionsV2,
    ListJobParameters, ListJobParametersV2, ListJobRuntimes, ListJobRuntimesV2,
};
use crate::types::{Job, JobCreate, JobCreateV2, JobSchedule, JobScheduleMode, JobV2};
use crate::{Client, JobId, Timestamp, WaitState, Waiter};

handle! {
    /// Jobs: notebooks that run once or at intervals. The service lists no jobs: keep their ids.
    Jobs, jobs, "Jobs: notebooks that run once or at intervals."
}

impl Jobs {
    /// Creates a job from a notebook of the `shared` space. Keep the id of the answer, since no call lists jobs. A
    /// start time without a zone is UTC.
    pub fn create(&self, job: JobCreate) -> CreateJob<Client> {
        CreateJob::new(job).with_client(&self.client)
    }

    /// Gets a job with the counts of its executions. A deleted one is still there, with the time of its end.
    pub fn get(&self, id: impl Into<JobId>) -> GetJob<Client> {
        GetJob::new(id).with_client(&self.client)
    }

    /// Deletes a job.
    pub fn delete(&self, id: impl Into<JobId>) -> DeleteJob<Client> {
        DeleteJob::new(id).with_client(&self.client)
    }

    /// Lists executions of a job by their numbers, believed to count from 1 and to include both ends.
    pub fn executions(
        &self,
        id: impl Into<JobId>,
        first: impl Into<i64>,
        last: impl Into<i64>,
    ) -> ListJobExecutions<Client> {
        ListJobExecutions::new(id, first, last).with_client(&self.client)
    }

    /// Lists the parameters that the job was created with. The values are texts, whatever the types.
    pub fn parameters(&self, id: impl Into<JobId>) -> ListJobParameters<Client> {
        ListJobParameters::new(id).with_client(&self.client)
    }

    /// Lists the runtimes that a job can name.
    pub fn runtimes(&self) -> ListJobRuntimes<Client> {
        ListJobRuntimes::new().with_client(&self.client)
    }

    /// Creates a job through the v2 interface, whose targets are clusters and starter clusters.
    pub fn create_v2(&self, job: JobCreateV2) -> CreateJobV2<Client> {
        CreateJobV2::new(job).with_client(&self.client)
    }

    /// Gets a job through the v2 interface.
    pub fn get_v2(&self, id: impl Into<JobId>) -> GetJobV2<Client> {
        GetJobV2::new(id).with_client(&self.client)
    }

    /// Deletes a job through the v2 interface.
    pub fn delete_v2(&self, id: impl Into<JobId>) -> DeleteJobV2<Client> {
        DeleteJobV2::new(id).with_client(&self.client)
    }

    /// Lists executions of a job through the v2 interface.
    pub fn executions_v2(
        &self,
        id: impl Into<JobId>,
        first: impl Into<i64>,
        last: impl Into<i64>,
    ) -> ListJobExecutionsV2<Client> {
        ListJobExecutionsV2::new(id, first, last).with_client(&self.client)
    }

    /// Lists the parameters of a job through the v2 interface.
    pub fn parameters_v2(&self, id: impl Into<JobId>) -> ListJobParametersV2<Client> {
        ListJobParametersV2::new(id).with_client(&self.client)
    }

    /// Lists the runtimes through the v2 interface.
    pub fn runtimes_v2(&self) -> ListJobRuntimesV2<Client> {
        ListJobRuntimesV2::new().with_client(&self.client)
    }

    /// Waits until a job that runs once has run, for 30 min unless another deadline is set. How the run ended is in
    /// [`executions`](Self::executions). A job that recurs never ends, so the wait for one fails.
    pub fn wait_until_completed(&self, id: impl Into<JobId>) -> Waiter<Job> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get(id).with_deadline(left);
        let judge = |job: &Job| completion(&job.schedule, job.completed_executions_count, job.terminated_at.as_ref());
        Waiter::polling(&self.client, format!("job {id}"), fetch, judge)
    }

    /// The same through the v2 interface.
    pub fn wait_until_completed_v2(&self, id: impl Into<JobId>) -> Waiter<JobV2> {
        let (id, handle) = (id.into(), self.clone());
        let fetch = move |left| handle.get_v2(id).with_deadline(left);
        let judge = |job: &JobV2| completion(&job.schedule, job.completed_executions_count, job.terminated_at.as_ref());
        Waiter::polling(&self.client, format!("job {id}"), fetch, judge)
    }
}

fn completion(schedule: &JobSchedule, completed: i64, terminated_at: Option<&Timestamp>) -> WaitState {
    if schedule.mode == JobScheduleMode::Recurring {
        WaitState::failed("a recurring job")
    } else if completed > 0 {
        WaitState::reached("completed")
    } else if terminated_at.is_some_and(Timestamp::is_set) {
        WaitState::failed("deleted before it ran")
    } else {
        WaitState::pending("without a completed execution")
    }
}
