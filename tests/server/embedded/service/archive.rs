//! RestoreObject: a copy of an archived object that can be read for a while.

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput, RestoreRequest};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::read::http_date;
use super::{Operations, Status, set_header};
use crate::embedded::store::{Attributes, Restore};

impl Operations {
    /// RestoreObject: 202 for the first request, 200 where the copy is there already.
    ///
    /// What takes minutes to hours on AWS is done at once here when it is `Expedited`,
    /// else by [`finish_restores`](crate::embedded::Store::finish_restores).
    pub(super) async fn restore_object(
        &self,
        request: S3Request<RestoreObjectInput>,
    ) -> S3Result<S3Response<RestoreObjectOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let version_id = input.version_id.as_deref();
        let found = bucket.find(&input.key, version_id)?;
        let own = found.data.attributes().cloned().unwrap_or_default();
        if !own.is_archived() {
            return Err(s3_error!(
                InvalidObjectState,
                "Restore is not allowed for the object's current storage class"
            ));
        }
        let Some(days) = input.restore_request.as_ref().and_then(|wanted| wanted.days) else {
            return Err(s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema"
            ));
        };
        if matches!(own.restore, Some(Restore::Ongoing { .. })) {
            return Err(s3_error!(
                RestoreAlreadyInProgress,
                "Object restore is already in progress"
            ));
        }
        let is_there = own.is_restored(Timestamp::now());
        let is_quick = is_there || tier(input.restore_request.as_ref()) == Some("Expedited");
        let restore = if is_quick { Restore::until(days) } else { Restore::Ongoing { days } };
        bucket.update_attributes(&input.key, version_id, |own| own.restore = Some(restore))?;
        let mut response = S3Response::new(RestoreObjectOutput::default());
        let status = if is_there { StatusCode::OK } else { StatusCode::ACCEPTED };
        response.extensions.insert(Status(status));
        Ok(response)
    }
}

fn tier(wanted: Option<&RestoreRequest>) -> Option<&str> {
    let wanted = wanted?;
    let parameters = wanted.glacier_job_parameters.as_ref();
    let tier = parameters.map(|parameters| &parameters.tier).or(wanted.tier.as_ref());
    tier.map(s3s::dto::Tier::as_str)
}

/// Sets `x-amz-restore`.
pub(super) fn set_restore(headers: &mut HeaderMap, own: &Attributes) -> S3Result<()> {
    let value = match own.restore {
        None => return Ok(()),
        Some(Restore::Ongoing { .. }) => "ongoing-request=\"true\"".to_owned(),
        Some(Restore::Until(end)) => {
            format!("ongoing-request=\"false\", expiry-date=\"{}\"", http_date(end)?)
        }
    };
    set_header(headers, "x-amz-restore", &value)
}
