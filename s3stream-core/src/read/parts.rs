//! The sizes of a multipart upload's parts, as far as the server tells them: HeadObject with
//! `partNumber`. RadosGW ignores the parameter and Swift answers 405: then nobody knows.
//!
//! Whatever is asked here is a help, not a need. So it may take seconds, not minutes, and no
//! failure but a cancellation is anybody's.

use std::time::Duration;

use super::open::{Target, head_of};
use crate::error::{Error, ErrorKind, Result};
use crate::object::{ETag, Object};
use crate::proto::parts::told_length;
use crate::proto::proof::{Census, FirstPart, Told};
use crate::proto::request::Request;
use crate::proto::retry::Budget;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Requests for one answer: a single failure is not an answer.
const ATTEMPTS: u32 = 2;

/// What the server says of the first part.
///
/// # Errors
/// `Cancelled`.
pub(super) async fn first(target: &Target, object: &Object) -> Result<FirstPart> {
    match tokio::time::timeout(PATIENCE, length(target, object, 1)).await {
        Ok(Ok(Some(length))) => Ok(FirstPart::Told(length)),
        Ok(Ok(None)) => Ok(FirstPart::Untold),
        Ok(Err(error)) if error.kind() == ErrorKind::Cancelled => Err(error),
        // It may answer another time.
        Ok(Err(error)) if is_passing(&error) => Ok(FirstPart::Unasked),
        Ok(Err(_)) => Ok(FirstPart::Untold),
        Err(_) => Ok(FirstPart::Unasked),
    }
}

/// What the server says of as many parts as the census wants to know of.
///
/// # Errors
/// `Cancelled`.
pub(super) async fn census(target: &Target, object: &Object, census: Census) -> Result<Told> {
    let asking = ask(target, object, census);
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Ok(Told::Unknown))
}

async fn ask(target: &Target, object: &Object, mut census: Census) -> Result<Told> {
    while let Some(number) = census.next() {
        census.answer(match length(target, object, number).await {
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            answer => answer.unwrap_or(None),
        });
    }
    Ok(census.told())
}

/// The length of one part of this very object, in bytes.
async fn length(target: &Target, object: &Object, number: u32) -> Result<Option<u64>> {
    let mut request = Request::head(&target.bucket, &target.key)
        .with_version(target.version_id.as_deref())
        .with_query("partNumber", number.to_string());
    if let Some(etag) = object.etag.as_ref().map(ETag::quoted) {
        request = request.with_header("if-match", etag);
    }
    let mut budget = Budget::new(target.session.config.retry.at_most(ATTEMPTS));
    let (_, head) = head_of(target, &request, &mut budget).await?;
    Ok(told_length(&head, object))
}

fn is_passing(error: &Error) -> bool {
    use ErrorKind::{Connection, Throttled, TimedOut};
    matches!(error.kind(), Connection | Throttled | TimedOut)
        || (error.status().is_some_and(|status| status >= 500)
            && error.kind() != ErrorKind::Unsupported)
}
