//! Cloud functions.

use super::handle;
use crate::requests::{
    CreateCloudFunction, DeleteCloudFunction, GetCloudFunction, GetCloudFunctionToken, ListCloudFunctions,
    UpdateCloudFunction,
};
use crate::types::{CloudFunctionCreate, CloudFunctionUpdate, NotebookCloudFunction};
use crate::{Client, CloudFunctionId, IntoId, WaitState, Waiter};

handle! {
    /// Cloud functions: notebooks and images that respond to HTTP requests.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::builder().polls_until_ready(0).polls_until_settled(0).start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// let mut functions = client.cloud_functions().list().items();
    /// while let Some(function) = functions.try_next().await? {
    ///     println!("{} is {}", function.name, function.status);
    /// }
    /// # Ok(()) }
    /// ```
    CloudFunctions, cloud_functions, "Cloud functions: notebooks and images that respond to HTTP requests."
}

impl CloudFunctions {
    /// Lists the functions. They come in pages: awaiting the request returns one, `items()` reads them all; see
    /// [`items`](crate::items).
    #[inline]
    pub fn list(&self) -> ListCloudFunctions<Client> {
        ListCloudFunctions::new().with_client(&self.client)
    }

    /// Gets a function: its status, and its endpoint once it has one. Its source is not in the response.
    pub fn get(&self, id: impl IntoId<CloudFunctionId>) -> GetCloudFunction<Client> {
        GetCloudFunction::new(id).with_client(&self.client)
    }

    /// Creates a function from either a notebook or an image; a target in the shared tier also needs the database. The
    /// response is only the id, and the function starts later.
    #[inline]
    pub fn create(&self, function: CloudFunctionCreate) -> CreateCloudFunction<Client> {
        CreateCloudFunction::new(function).with_client(&self.client)
    }

    /// Changes a function. With `last_known_updated_at` the service refuses to overwrite somebody else's change;
    /// `update_notebook_snapshot` publishes the notebook in its current state.
    pub fn update(&self, id: impl IntoId<CloudFunctionId>, change: CloudFunctionUpdate) -> UpdateCloudFunction<Client> {
        UpdateCloudFunction::new(id, change).with_client(&self.client)
    }

    /// Deletes a function.
    pub fn delete(&self, id: impl IntoId<CloudFunctionId>) -> DeleteCloudFunction<Client> {
        DeleteCloudFunction::new(id).with_client(&self.client)
    }

    /// Gets a token for calling a function, and its expiry time.
    pub fn token(&self, id: impl IntoId<CloudFunctionId>) -> GetCloudFunctionToken<Client> {
        GetCloudFunctionToken::new(id).with_client(&self.client)
    }

    /// Waits until a function serves calls: the status `Active`, or `Idle` if it has not been called for a while.
    ///
    /// ```
    /// # use singlestore_management_emulator::Emulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = Emulator::start()?;
    /// # let quick = std::time::Duration::from_millis(1);
    /// # let client = singlestore_management::Client::builder().poll_interval(quick, quick)
    /// #     .base_url(emulator.url()).api_key(emulator.api_key()).build()?;
    /// use singlestore_management::types::CloudFunctionCreate;
    ///
    /// let functions = client.cloud_functions();
    /// let made = functions.create(CloudFunctionCreate::new().notebook_path("hello.ipynb")).await?;
    /// let id = made.cloud_function_id.ok_or("the response has no id")?;
    /// let function = functions.wait_until_ready(id).await?;
    /// println!("{} serves calls at {:?}", function.name, function.endpoint);
    /// # Ok(()) }
    /// ```
    pub fn wait_until_ready(&self, id: impl IntoId<CloudFunctionId>) -> Waiter<NotebookCloudFunction> {
        self.waiter(id.into(), |function| {
            WaitState::by_name(function.status.as_str(), &["Active", "Idle"], &["Failed", "Deleted"])
        })
    }

    /// Waits until a function is deleted: the status `Deleted`, or the service itself saying that it no longer knows
    /// the function.
    pub fn wait_until_deleted(&self, id: impl IntoId<CloudFunctionId>) -> Waiter<NotebookCloudFunction> {
        self.waiter(id.into(), |function| WaitState::by_name(function.status.as_str(), &["Deleted"], &[])).until_gone()
    }

    fn waiter(
        &self,
        id: CloudFunctionId,
        judge: impl Fn(&NotebookCloudFunction) -> WaitState + Send + Sync + 'static,
    ) -> Waiter<NotebookCloudFunction> {
        let handle = self.clone();
        let fetch = move |left| handle.get(id).with_deadline(left);
        Waiter::polling(&self.client, format!("cloud function {id}"), fetch, judge)
    }
}
