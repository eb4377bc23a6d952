//! Roles and permissions, v1 and v2.

use super::handle;
use crate::Client;
use crate::requests::{
    CreateRole, CreateRoleV2, DeleteRole, DeleteRoleV2, GetRole, GetRoleV2, ListPermissions, ListResourcePermissions,
    ListRoles, ListRolesV2, ReplaceRole, ReplaceRoleV2,
};
use crate::types::{RoleCreate, RoleCreateV2, RoleReplaceV2, RoleUpdate};

handle! {
    /// Roles: what can be granted to users and teams. In v1 a role belongs to one resource type (`Organization`,
    /// `Cluster` for a workspace group, `Team`, `Secret`), in v2 to none.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// for role in client.roles().list("Organization").await? {
    ///     println!("{}", role.role);
    /// }
    /// # Ok(()) }
    /// ```
    Roles, roles, "Roles: what can be granted to users and teams."
}

impl Roles {
    /// Lists the roles of a resource type, including built-in ones; `is_custom` tells them apart.
    pub fn list(&self, resource_type: impl Into<String>) -> ListRoles<Client> {
        ListRoles::new(resource_type).with_client(&self.client)
    }

    /// Gets a role by its name.
    pub fn get(&self, resource_type: impl Into<String>, role: impl Into<String>) -> GetRole<Client> {
        GetRole::new(resource_type, role).with_client(&self.client)
    }

    /// Creates a custom role from permissions and other roles.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::{RoleCreate, TypedRole};
    ///
    /// let role = RoleCreate::new(Vec::<TypedRole>::new(), ["View Organization"], "viewers").description("may look");
    /// let made = client.roles().create("Organization", role).await?;
    /// println!("{}", made.role);
    /// # Ok(()) }
    /// ```
    pub fn create(&self, resource_type: impl Into<String>, role: RoleCreate) -> CreateRole<Client> {
        CreateRole::new(resource_type, role).with_client(&self.client)
    }

    /// Replaces what a custom role allows: anything not in the new lists is removed. The name cannot be changed.
    pub fn replace(
        &self,
        resource_type: impl Into<String>,
        role: impl Into<String>,
        definition: RoleUpdate,
    ) -> ReplaceRole<Client> {
        ReplaceRole::new(resource_type, role, definition).with_client(&self.client)
    }

    /// Deletes a custom role.
    pub fn delete(&self, resource_type: impl Into<String>, role: impl Into<String>) -> DeleteRole<Client> {
        DeleteRole::new(resource_type, role).with_client(&self.client)
    }

    /// Lists the roles of the v2 interface, whose permissions are grouped by resource type.
    #[inline]
    pub fn list_v2(&self) -> ListRolesV2<Client> {
        ListRolesV2::new().with_client(&self.client)
    }

    /// Gets a role of the v2 interface.
    pub fn get_v2(&self, role: impl Into<String>) -> GetRoleV2<Client> {
        GetRoleV2::new(role).with_client(&self.client)
    }

    /// Creates a custom role of the v2 interface. It inherits nothing: list every permission.
    #[inline]
    pub fn create_v2(&self, role: RoleCreateV2) -> CreateRoleV2<Client> {
        CreateRoleV2::new(role).with_client(&self.client)
    }

    /// Replaces the permissions of a custom role of the v2 interface: anything not in the new list is removed.
    pub fn replace_v2(&self, role: impl Into<String>, definition: RoleReplaceV2) -> ReplaceRoleV2<Client> {
        ReplaceRoleV2::new(role, definition).with_client(&self.client)
    }

    /// Deletes a custom role of the v2 interface.
    pub fn delete_v2(&self, role: impl Into<String>) -> DeleteRoleV2<Client> {
        DeleteRoleV2::new(role).with_client(&self.client)
    }

    /// Lists all permissions that roles can be made of.
    #[inline]
    pub fn permissions(&self) -> ListPermissions<Client> {
        ListPermissions::new().with_client(&self.client)
    }

    /// Lists the permissions for one resource type.
    pub fn permissions_of(&self, resource_type: impl Into<String>) -> ListResourcePermissions<Client> {
        ListResourcePermissions::new(resource_type).with_client(&self.client)
    }
}
