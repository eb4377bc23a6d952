//! Secrets, v1 and v2.

use super::{find, handle};
use crate::request::Operation;
use crate::requests::{
    CreateSecret, CreateSecretV2, DeleteSecret, DeleteSecretV2, GetSecret, GetSecretAccessControls, ListSecrets,
    ListSecretsV2, UpdateSecret, UpdateSecretAccessControls,
};
use crate::types::{ControlAccessAction, OrganizationSecret, SecretCreate, SecretUpdate};
use crate::{Client, Error, IntoId, Secret, SecretId, Timestamp};

handle! {
    /// Secrets: named values that notebooks read. Names consist of letters, digits and underscores.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::SecretCreate;
    ///
    /// client.secrets().create(SecretCreate::new("SMTP_PASSWORD", "value")).await?;
    /// let secret = client.secrets().find_by_name("SMTP_PASSWORD").await?;
    /// assert_eq!(secret.value.ok_or("no value")?.expose(), "value");
    /// # Ok(()) }
    /// ```
    Secrets, secrets, "Secrets: named values that notebooks read."
}

impl Secrets {
    /// Lists the secrets. Their values are in the response only if a `name` is asked for.
    #[inline]
    pub fn list(&self) -> ListSecrets<Client> {
        ListSecrets::new().with_client(&self.client)
    }

    /// Gets a secret.
    pub fn get(&self, id: impl IntoId<SecretId>) -> GetSecret<Client> {
        GetSecret::new(id).with_client(&self.client)
    }

    /// Creates a secret.
    #[inline]
    pub fn create(&self, secret: SecretCreate) -> CreateSecret<Client> {
        CreateSecret::new(secret).with_client(&self.client)
    }

    /// Replaces the value of a secret. The name cannot be changed.
    pub fn update(&self, id: impl IntoId<SecretId>, change: SecretUpdate) -> UpdateSecret<Client> {
        UpdateSecret::new(id, change).with_client(&self.client)
    }

    /// Deletes a secret.
    pub fn delete(&self, id: impl IntoId<SecretId>) -> DeleteSecret<Client> {
        DeleteSecret::new(id).with_client(&self.client)
    }

    /// Lists the secrets through the v2 interface.
    #[inline]
    pub fn list_v2(&self) -> ListSecretsV2<Client> {
        ListSecretsV2::new().with_client(&self.client)
    }

    /// Creates a secret through the v2 interface.
    #[inline]
    pub fn create_v2(&self, secret: SecretCreate) -> CreateSecretV2<Client> {
        CreateSecretV2::new(secret).with_client(&self.client)
    }

    /// Deletes a secret through the v2 interface.
    pub fn delete_v2(&self, id: impl IntoId<SecretId>) -> DeleteSecretV2<Client> {
        DeleteSecretV2::new(id).with_client(&self.client)
    }

    /// Gets the roles of a secret and who holds them.
    pub fn access_controls(&self, id: impl IntoId<SecretId>) -> GetSecretAccessControls<Client> {
        GetSecretAccessControls::new(id).with_client(&self.client)
    }

    /// Grants and revokes roles of a secret.
    pub fn update_access_controls(
        &self,
        id: impl IntoId<SecretId>,
        action: ControlAccessAction,
    ) -> UpdateSecretAccessControls<Client> {
        UpdateSecretAccessControls::new(id, action).with_client(&self.client)
    }

    /// Sets the value of the secret with that name, which is created if it does not exist.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let client = singlestore_management::Client::builder()
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let made = client.secrets().set("SMTP_PASSWORD", "first").await?;
    /// let changed = client.secrets().set("SMTP_PASSWORD", "second").await?;
    /// assert_eq!(made.secret_id, changed.secret_id);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Same as for any call. If two programs set the same name at the same time, the later one wins.
    pub async fn set(&self, name: &str, value: impl Into<Secret>) -> Result<OrganizationSecret, Error> {
        let value = value.into();
        let change = |found: OrganizationSecret| self.update(found.secret_id, SecretUpdate::new().value(value.clone()));
        match self.find_by_name_opt(name).await? {
            Some(found) => change(found).await,
            None => match self.create(SecretCreate::new(name, value.clone())).await {
                // Another program was faster.
                Err(error) if error.is_already_exists() => change(self.find_by_name(name).await?).await,
                made => made,
            },
        }
    }

    /// Finds the secret with that name. The service is asked for it by name, so its value is in the response.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several.
    #[inline]
    pub async fn find_by_name(&self, name: &str) -> Result<OrganizationSecret, Error> {
        let found = self.list().name(name).items();
        let is_live = |secret: &OrganizationSecret| !secret.deleted_at.as_ref().is_some_and(Timestamp::is_set);
        // Whether the service's filter is exact is not known.
        find::only(
            "secret",
            &format!("the name {name:?}"),
            found,
            |secret| secret.name == name && is_live(secret),
            |secret| secret.secret_id,
        )
        .await
        .map_err(|error| error.with_operation(<ListSecrets>::INFO))
    }
}
