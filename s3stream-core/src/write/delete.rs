//! DeleteObject.

use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::object::ETag;
use crate::proto::answer::Done;
use crate::proto::request::{Request, Verb};
use crate::send::Session;

/// What exactly is deleted.
///
/// ```
/// use s3stream_core::DeleteOptions;
/// let options = DeleteOptions::new().version_id("v1");
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct DeleteOptions {
    version_id: Option<String>,
    if_match: Option<ETag>,
    bypass_governance: bool,
}

impl DeleteOptions {
    /// What is under the key, whatever it is.
    pub fn new() -> Self {
        DeleteOptions::default()
    }

    /// This version, for good. Without it a bucket with versions gets a delete marker.
    pub fn version_id(mut self, version_id: impl Into<String>) -> Self {
        self.version_id = Some(version_id.into());
        self
    }

    /// Only what has this ETag.
    pub fn if_match(mut self, etag: ETag) -> Self {
        self.if_match = Some(etag);
        self
    }

    /// Also where a retention of mode `GOVERNANCE` forbids it, with the right to do so.
    pub fn bypass_governance(mut self, bypass: bool) -> Self {
        self.bypass_governance = bypass;
        self
    }
}

/// What a deletion has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// The version that was deleted, or the delete marker that was made.
    pub version_id: Option<String>,
    /// Whether a delete marker was made, or deleted.
    pub is_delete_marker: bool,
}

/// Deletes what is under a key. That there is nothing is no error.
pub(crate) async fn delete(
    session: &Session,
    bucket: &str,
    key: &str,
    options: &DeleteOptions,
    cancel: &CancellationToken,
) -> Result<Deleted> {
    super::check_place("delete", bucket, key)?;
    let mut request = Request::of("delete", Verb::Delete, bucket, Some(key))
        .with_version(options.version_id.as_deref());
    if let Some(etag) = options.if_match.as_ref().and_then(ETag::if_match) {
        request = request.with_header("if-match", etag);
    }
    if options.bypass_governance {
        request = request.with_header("x-amz-bypass-governance-retention", "true");
    }
    let headers = session.ask(&request, Done::default, &mut session.budget(), cancel).await?;
    Ok(Deleted {
        version_id: headers.first("x-amz-version-id").map(str::to_owned),
        is_delete_marker: headers.first("x-amz-delete-marker") == Some("true"),
    })
}
