//! The sizes of a multipart upload's parts, as far as the server tells them: HeadObject with
//! `partNumber`. RadosGW ignores the parameter and Swift answers 405: then nobody knows.
//!
//! Whatever is asked here is a help, not a need. So it may take seconds, not minutes, and no
//! failure but a cancellation is anybody's.

use std::time::Duration;

use super::open::{Target, head_of};
use crate::error::{ErrorKind, Result};
use crate::object::{ETag, Object};
use crate::proto::parts::fits;
use crate::proto::request::Request;
use crate::proto::retry::Budget;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// More parts than this are not asked for one by one.
const MOST_PARTS: u32 = 64;

/// What the server says of the parts' sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// All but the last are of the first one's size.
    Even,
    /// They are of several sizes.
    Uneven,
    /// It does not say.
    Unknown,
}

/// The size of the first part, in bytes, where the server tells it.
///
/// # Errors
/// `Cancelled`.
pub(super) async fn told_size(target: &Target, object: &Object, parts: u32) -> Result<Option<u64>> {
    let Some(first) = patiently(part_size(target, object, 1)).await? else { return Ok(None) };
    let size = object.size;
    let is_told = (parts > 1 && first < size) || (parts == 1 && first == size);
    Ok(Some(first).filter(|first| is_told && fits(size, parts, *first)))
}

/// Whether all parts have the sizes that the first one's and the total imply; asked only where a
/// composite disagrees, because an upload may have parts of many sizes.
///
/// # Errors
/// `Cancelled`.
pub(super) async fn shape(target: &Target, object: &Object, parts: u32) -> Result<Parts> {
    if parts > MOST_PARTS {
        return Ok(Parts::Unknown);
    }
    Ok(patiently(compare(target, object, parts)).await?.unwrap_or(Parts::Unknown))
}

async fn compare(target: &Target, object: &Object, parts: u32) -> Result<Option<Parts>> {
    let Some(first) = part_size(target, object, 1).await? else { return Ok(None) };
    for number in 2..=parts {
        let before = first.checked_mul(u64::from(number - 1));
        let Some(left) = before.and_then(|before| object.size.checked_sub(before)) else {
            return Ok(Some(Parts::Uneven));
        };
        let Some(size) = part_size(target, object, number).await? else { return Ok(None) };
        if size != if number < parts { first } else { left } {
            return Ok(Some(Parts::Uneven));
        }
    }
    Ok(Some(Parts::Even))
}

async fn patiently<T>(asking: impl Future<Output = Result<Option<T>>>) -> Result<Option<T>> {
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Ok(None))
}

async fn part_size(target: &Target, object: &Object, number: u32) -> Result<Option<u64>> {
    let mut request = Request::head(&target.bucket, &target.key)
        .with_version(target.version_id.as_deref())
        .with_query("partNumber", number.to_string());
    if let Some(etag) = object.etag.as_ref().map(ETag::quoted) {
        request = request.with_header("if-match", etag);
    }
    let mut budget = Budget::new(target.session.config.retry.at_most(2));
    match head_of(target, &request, &mut budget).await {
        // Another object's parts say nothing of this one's.
        Ok(head) if head.object.etag != object.etag => Ok(None),
        Ok(head) => Ok(head.content_length),
        Err(error) if error.kind() == ErrorKind::Cancelled => Err(error),
        Err(_) => Ok(None),
    }
}
