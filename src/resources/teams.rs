//! Teams.

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateTeam, DeleteTeam, GetTeam, GetTeamAccessControls, ListTeamIdentityRoles, ListTeams, UpdateTeam,
    UpdateTeamAccessControls,
};
use crate::types::{ControlAccessAction, Team, TeamCreate, TeamUpdate};
use crate::{Client, Error, IntoId, TeamId};

handle! {
    /// Teams: users and other teams that are granted roles together.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{TeamCreate, TeamUpdate};
    ///
    /// let team = client.teams().create(TeamCreate::new("operations")).await?;
    /// let me = client.users().current().await?;
    /// client.teams().update(&team, TeamUpdate::new().add_member_user_ids([&me])).await?;
    /// # Ok(()) }
    /// ```
    Teams, teams, "Teams: users and other teams that are granted roles together."
}

impl Teams {
    /// Lists the teams. The filters `name` and `description` are regular expressions.
    #[inline]
    pub fn list(&self) -> ListTeams<Client> {
        ListTeams::new().with_client(&self.client)
    }

    /// Gets a team with its members, which are in no particular order and may appear twice.
    pub fn get(&self, id: impl IntoId<TeamId>) -> GetTeam<Client> {
        GetTeam::new(id).with_client(&self.client)
    }

    /// Creates a team without members; [`update`](Self::update) adds them.
    #[inline]
    pub fn create(&self, team: TeamCreate) -> CreateTeam<Client> {
        CreateTeam::new(team).with_client(&self.client)
    }

    /// Changes the name or description, adds members and removes members. The response is only the id.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let team = client.teams().create(singlestore_management::types::TeamCreate::new("ops")).await?;
    /// use singlestore_management::types::TeamUpdate;
    ///
    /// let me = client.users().current().await?;
    /// let change = TeamUpdate::new().description("on call").remove_member_user_ids([&me]);
    /// client.teams().update(&team, change).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl IntoId<TeamId>, change: TeamUpdate) -> UpdateTeam<Client> {
        UpdateTeam::new(id, change).with_client(&self.client)
    }

    /// Deletes a team.
    pub fn delete(&self, id: impl IntoId<TeamId>) -> DeleteTeam<Client> {
        DeleteTeam::new(id).with_client(&self.client)
    }

    /// Gets the roles on a team and who holds them. The roles of the team itself are in
    /// [`identity_roles`](Self::identity_roles).
    pub fn access_controls(&self, id: impl IntoId<TeamId>) -> GetTeamAccessControls<Client> {
        GetTeamAccessControls::new(id).with_client(&self.client)
    }

    /// Grants and revokes roles on a team.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// # let team = client.teams().create(singlestore_management::types::TeamCreate::new("ops")).await?;
    /// use singlestore_management::types::ControlAccessAction;
    ///
    /// let me = client.users().current().await?;
    /// client.teams().update_access_controls(&team, ControlAccessAction::grant("Owner").user(&me)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update_access_controls(
        &self,
        id: impl IntoId<TeamId>,
        action: ControlAccessAction,
    ) -> UpdateTeamAccessControls<Client> {
        UpdateTeamAccessControls::new(id, action).with_client(&self.client)
    }

    /// Lists the roles that a team holds, one entry for each resource and role.
    pub fn identity_roles(&self, id: impl IntoId<TeamId>) -> ListTeamIdentityRoles<Client> {
        ListTeamIdentityRoles::new(id).with_client(&self.client)
    }

    /// Finds the team with that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<Team, Error> {
        // The service's filter treats the name as a regular expression, so the names are compared here.
        let all = self.list().items();
        find::only("team", &format!("the name {name:?}"), all, |team: &Team| team.name == name, |team| team.team_id)
            .await
            .map_err(|error| error.with_operation(<ListTeams>::INFO))
    }
}
