//! Where files are stored: a Stage of v1 or v2, or one of the file spaces.

use bytes::Bytes;
use http::Method;
use reqwest::{Request, Url};

use super::remote_path::RemotePath;
use crate::operation::OperationInfo;
use crate::raw::Segment;
use crate::request::Operation;
use crate::requests as r;
use crate::types::FileLocation;
use crate::{ClusterId, DeploymentId, Error};

/// One tree of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Stage(DeploymentId),
    ClusterStage(ClusterId),
    Files { location: FileLocation, v2: bool },
}

/// An operation on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Put,
    Delete,
    Move,
}

impl Space {
    /// Whether the space has folders at all.
    pub(crate) fn has_folders(&self) -> bool {
        !matches!(self, Self::Files { location: FileLocation::Personal | FileLocation::Shared, .. })
    }

    /// Whether a file may be stored in a folder that nobody has created.
    pub(crate) fn makes_parents(&self) -> bool {
        matches!(self, Self::Files { .. })
    }

    /// Refuses, before anything is sent, what the space does not have.
    pub(crate) fn need_folders(&self) -> Result<(), Error> {
        match self {
            Self::Files { location, .. } if !self.has_folders() => {
                Err(Error::invalid_request(format!("the space `{location}` has no folders")))
            }
            _ => Ok(()),
        }
    }

    /// The operation behind a verb; reading the root has its own.
    pub(crate) fn operation(&self, verb: Verb, path: &RemotePath) -> &'static OperationInfo {
        match (self, verb) {
            (Self::Stage(_), Verb::Get) if path.is_root() => <r::ListStageFiles>::INFO,
            (Self::Stage(_), Verb::Get) => <r::GetStageFile>::INFO,
            (Self::Stage(_), Verb::Put) => <r::UploadStageFile>::INFO,
            (Self::Stage(_), Verb::Delete) => <r::DeleteStageFile>::INFO,
            (Self::Stage(_), Verb::Move) => <r::MoveStageFile>::INFO,
            (Self::ClusterStage(_), Verb::Get) if path.is_root() => <r::ListClusterStageFiles>::INFO,
            (Self::ClusterStage(_), Verb::Get) => <r::GetClusterStageFile>::INFO,
            (Self::ClusterStage(_), Verb::Put) => <r::UploadClusterStageFile>::INFO,
            (Self::ClusterStage(_), Verb::Delete) => <r::DeleteClusterStageFile>::INFO,
            (Self::ClusterStage(_), Verb::Move) => <r::MoveClusterStageFile>::INFO,
            (Self::Files { v2: false, .. }, Verb::Get) if path.is_root() => <r::ListFiles>::INFO,
            (Self::Files { v2: false, .. }, Verb::Get) => <r::GetFile>::INFO,
            (Self::Files { v2: false, .. }, Verb::Put) => <r::UploadFile>::INFO,
            (Self::Files { v2: false, .. }, Verb::Delete) => <r::DeleteFile>::INFO,
            (Self::Files { v2: false, .. }, Verb::Move) => <r::MoveFile>::INFO,
            (Self::Files { v2: true, .. }, Verb::Get) if path.is_root() => <r::ListFilesV2>::INFO,
            (Self::Files { v2: true, .. }, Verb::Get) => <r::GetFileV2>::INFO,
            (Self::Files { v2: true, .. }, Verb::Put) => <r::UploadFileV2>::INFO,
            (Self::Files { v2: true, .. }, Verb::Delete) => <r::DeleteFileV2>::INFO,
            (Self::Files { v2: true, .. }, Verb::Move) => <r::MoveFileV2>::INFO,
        }
    }

    /// The request, without what is added to every call.
    pub(crate) fn request(
        &self,
        base: &Url,
        verb: Verb,
        path: &RemotePath,
        query: Option<(&str, &str)>,
        json: Option<Bytes>,
    ) -> Result<Request, Error> {
        let info = self.operation(verb, path);
        let owner = match self {
            Self::Stage(id) => ("{deploymentID}", id.to_string()),
            Self::ClusterStage(id) => ("{clusterID}", id.to_string()),
            Self::Files { location, .. } => ("{location}", location.to_string()),
        };
        if owner.1.contains(['/', '\\', '%']) || RemotePath::file(&owner.1).is_err() {
            return Err(Error::invalid_request(format!("{:?} is not the name of a file space", owner.1)));
        }
        let below = info
            .path
            .replace(owner.0, &Segment(&owner.1).to_string())
            .replace("{path}", &Segment(path.as_str()).to_string());
        let url = format!("{}{below}", base.as_str().trim_end_matches('/'));
        let mut url = Url::parse(&url)
            .map_err(|source| Error::invalid_request("the path does not make a valid URL").with_source(source))?;
        if let Some((name, value)) = query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let method = Method::from_bytes(info.method.as_bytes()).unwrap_or(Method::GET);
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("application/json"));
        if let Some(json) = json {
            headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(json.into());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(space: &Space, path: &str) -> Result<String, Error> {
        let path = RemotePath::parse(path)?;
        let base = "https://example.com/prefix/".parse().unwrap();
        Ok(space.request(&base, Verb::Get, &path, None, None)?.url().to_string())
    }

    #[test]
    fn a_path_is_one_encoded_segment_of_the_url() {
        let id = uuid::Uuid::from_u128(7);
        for (space, path, want) in [
            (Space::Stage(DeploymentId::from_uuid(id)), "/a b/c%.txt", format!("v1/stage/{id}/fs/a%20b%2Fc%25.txt")),
            (Space::ClusterStage(ClusterId::from_uuid(id)), "", format!("v2/clusters/{id}/stage/fs/")),
            (Space::Files { location: "shared".into(), v2: false }, "#?", "v1/files/fs/shared/%23%3F".to_owned()),
            (Space::Files { location: "new".into(), v2: true }, "x", "v2/files/fs/new/x".to_owned()),
        ] {
            assert_eq!(url(&space, path).unwrap(), format!("https://example.com/prefix/{want}"));
        }
    }

    #[test]
    fn the_name_of_a_space_cannot_lead_elsewhere() {
        for location in ["..", "", "../x", "a/b", "..\\x", "%2e%2e", "a\r\nb", "/shared", "x/"] {
            let space = Space::Files { location: location.into(), v2: false };
            assert!(url(&space, "x").is_err(), "{location:?}");
        }
    }
}
