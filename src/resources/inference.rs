//! Inference models and where they are served.

use super::handle;
use crate::Client;
use crate::requests::{DeleteModel, GetInferenceApi, ListModels, StartModel, StopModel};

handle! {
    /// Inference models. SDKs use these calls; the vendor does not publish them.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// for model in client.inference().list_models().await? {
    ///     println!("{model:?}");
    /// }
    /// # Ok(()) }
    /// ```
    Inference, inference, "Inference models."
}

impl Inference {
    /// Lists the models with their status.
    #[inline]
    pub fn list_models(&self) -> ListModels<Client> {
        ListModels::new().with_client(&self.client)
    }

    /// Starts a model. The response has no status: poll [`list_models`](Self::list_models) until it is `Active`.
    pub fn start_model(&self, name: impl Into<String>) -> StartModel<Client> {
        StartModel::new(name).with_client(&self.client)
    }

    /// Stops a model.
    pub fn stop_model(&self, name: impl Into<String>) -> StopModel<Client> {
        StopModel::new(name).with_client(&self.client)
    }

    /// Deletes a model.
    pub fn delete_model(&self, name: impl Into<String>) -> DeleteModel<Client> {
        DeleteModel::new(name).with_client(&self.client)
    }

    /// Gets where a model is served. The project is an inference project, not one of [`Projects`](crate::Projects).
    pub fn get_api(&self, project: impl Into<String>, model: impl Into<String>) -> GetInferenceApi<Client> {
        GetInferenceApi::new(project, model).with_client(&self.client)
    }
}
