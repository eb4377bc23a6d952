//! Teams.

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateTeam, DeleteTeam, GetTeam, GetTeamAccessControls, ListTeamIdentityRoles, ListTeams, UpdateTeam,
    UpdateTeamAccessControls,
};
use crate::types::{ControlAccessAction, Team, TeamCreate, TeamUpdate};
use crate::{Client, Error, TeamId};

handle! {
    /// Teams: users and other teams that are granted roles together.
    Teams, teams, "Teams: users and other teams that are granted roles together."
}

impl Teams {
    /// Lists the teams. The filters `name` and `description` are regular expressions.
    pub fn list(&self) -> ListTeams<Client> {
        ListTeams::new().with_client(&self.client)
    }

    /// Gets a team with its members, which come in no order and may come twice.
    pub fn get(&self, id: impl Into<TeamId>) -> GetTeam<Client> {
        GetTeam::new(id).with_client(&self.client)
    }

    /// Creates a team without members; [`update`](Self::update) adds them.
    pub fn create(&self, team: TeamCreate) -> CreateTeam<Client> {
        CreateTeam::new(team).with_client(&self.client)
    }

    /// Changes name or description, adds members and removes members. The response is the id alone.
    pub fn update(&self, id: impl Into<TeamId>, change: TeamUpdate) -> UpdateTeam<Client> {
        UpdateTeam::new(id, change).with_client(&self.client)
    }

    /// Deletes a team.
    pub fn delete(&self, id: impl Into<TeamId>) -> DeleteTeam<Client> {
        DeleteTeam::new(id).with_client(&self.client)
    }

    /// Gets the roles on a team and who holds them. What the team itself may do is in
    /// [`identity_roles`](Self::identity_roles).
    pub fn access_controls(&self, id: impl Into<TeamId>) -> GetTeamAccessControls<Client> {
        GetTeamAccessControls::new(id).with_client(&self.client)
    }

    /// Grants and revokes roles on a team.
    pub fn update_access_controls(
        &self,
        id: impl Into<TeamId>,
        action: ControlAccessAction,
    ) -> UpdateTeamAccessControls<Client> {
        UpdateTeamAccessControls::new(id, action).with_client(&self.client)
    }

    /// Lists the roles that a team holds, an entry for each resource and role.
    pub fn identity_roles(&self, id: impl Into<TeamId>) -> ListTeamIdentityRoles<Client> {
        ListTeamIdentityRoles::new(id).with_client(&self.client)
    }

    /// Finds the team of that name.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    pub async fn find_by_name(&self, name: &str) -> Result<Team, Error> {
        // The filter of the service takes the name for a regular expression, so the names are compared here.
        let all = self.list().items();
        find::only("team", name, all, |team: &Team| team.name == name, |team| team.team_id)
            .await
            .map_err(|error| error.with_operation(ListTeams::<()>::INFO))
    }
}
