//! Cloud functions.

use super::handle;
use crate::requests::{
    CreateCloudFunction, DeleteCloudFunction, GetCloudFunction, GetCloudFunctionToken, ListCloudFunctions,
    UpdateCloudFunction,
};
use crate::types::{CloudFunctionCreate, CloudFunctionUpdate};
use crate::{Client, CloudFunctionId};

handle! {
    /// Cloud functions: notebooks and images that respond to HTTP requests.
    CloudFunctions, cloud_functions, "Cloud functions: notebooks and images that respond to HTTP requests."
}

impl CloudFunctions {
    /// Lists the functions. They come in pages: awaiting the request gives one, `items()` reads them all; see
    /// [`items`](crate::items).
    pub fn list(&self) -> ListCloudFunctions<Client> {
        ListCloudFunctions::new().with_client(&self.client)
    }

    /// Gets a function: its status, and its endpoint once it has one. What it was made from is not in the response.
    pub fn get(&self, id: impl Into<CloudFunctionId>) -> GetCloudFunction<Client> {
        GetCloudFunction::new(id).with_client(&self.client)
    }

    /// Creates a function from a notebook or an image, never both; a target in the shared tier needs the database too.
    /// The response is the id alone, and the function starts later.
    pub fn create(&self, function: CloudFunctionCreate) -> CreateCloudFunction<Client> {
        CreateCloudFunction::new(function).with_client(&self.client)
    }

    /// Changes a function. With `last_known_updated_at` the service refuses to overwrite the change of somebody else;
    /// `update_notebook_snapshot` publishes the notebook as it is now.
    pub fn update(&self, id: impl Into<CloudFunctionId>, change: CloudFunctionUpdate) -> UpdateCloudFunction<Client> {
        UpdateCloudFunction::new(id, change).with_client(&self.client)
    }

    /// Deletes a function.
    pub fn delete(&self, id: impl Into<CloudFunctionId>) -> DeleteCloudFunction<Client> {
        DeleteCloudFunction::new(id).with_client(&self.client)
    }

    /// Gets a token for the calls to a function, and when it expires.
    pub fn token(&self, id: impl Into<CloudFunctionId>) -> GetCloudFunctionToken<Client> {
        GetCloudFunctionToken::new(id).with_client(&self.client)
    }
}
