//! Projects.

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateProject, DeleteProject, GetProject, GetProjectV2, ListProjects, ListProjectsV2, UpdateProject,
};
use crate::types::{Project, ProjectCreate, ProjectUpdate};
use crate::{Client, Error, IntoId, ProjectId};

handle! {
    /// Projects: they group deployments and carry the edition.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{ProjectCreate, ProjectEdition};
    ///
    /// let made = client.projects().create(ProjectCreate::new("staging", ProjectEdition::Standard)).await?;
    /// let found = client.projects().find_by_name("staging").await?;
    /// assert_eq!(found.project_id, made.project_id);
    /// # Ok(()) }
    /// ```
    Projects, projects, "Projects: they group deployments and carry the edition."
}

impl Projects {
    /// Lists the projects of the organization.
    #[inline]
    pub fn list(&self) -> ListProjects<Client> {
        ListProjects::new().with_client(&self.client)
    }

    /// Lists the projects through the v2 interface; the content is the same as in v1.
    #[inline]
    pub fn list_v2(&self) -> ListProjectsV2<Client> {
        ListProjectsV2::new().with_client(&self.client)
    }

    /// Gets a project.
    pub fn get(&self, id: impl IntoId<ProjectId>) -> GetProject<Client> {
        GetProject::new(id).with_client(&self.client)
    }

    /// Gets a project through the v2 interface.
    pub fn get_v2(&self, id: impl IntoId<ProjectId>) -> GetProjectV2<Client> {
        GetProjectV2::new(id).with_client(&self.client)
    }

    /// Creates a project. Its edition cannot be changed later, and its name need not be unique.
    #[inline]
    pub fn create(&self, project: ProjectCreate) -> CreateProject<Client> {
        CreateProject::new(project).with_client(&self.client)
    }

    /// Renames a project.
    pub fn update(&self, id: impl IntoId<ProjectId>, change: ProjectUpdate) -> UpdateProject<Client> {
        UpdateProject::new(id, change).with_client(&self.client)
    }

    /// Deletes a project.
    pub fn delete(&self, id: impl IntoId<ProjectId>) -> DeleteProject<Client> {
        DeleteProject::new(id).with_client(&self.client)
    }

    /// Finds the project with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several,
    /// since names need not be unique.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<Project, Error> {
        let all = self.list().items();
        find::only(
            "project",
            &format!("the name {name:?}"),
            all,
            |project: &Project| project.name == name,
            |project| project.project_id,
        )
        .await
        .map_err(|error| error.with_operation(<ListProjects>::INFO))
    }
}
