//! Uploads that nobody has completed: listed, and removed.

use std::sync::Arc;

use super::multipart::Remote;
use crate::error::Result;
use crate::proto::answer::{Text, malformed};
use crate::proto::headers::Headers;
use crate::proto::request::{Request, Verb};
use crate::proto::retry::PROGRESS;
use crate::proto::upload::PartDigest;
use crate::proto::xml::{self, PendingUpload};
use crate::send::Session;

/// A thousand keys of 1,024 bytes, escaped.
const LONGEST: usize = 32 << 20;

/// More has nobody, and a server that goes on does not end.
const MOST: usize = 1_000_000;

const LISTING: &str = "list of uploads";

/// All uploads under a prefix that are neither completed nor aborted.
pub(crate) async fn uploads(
    session: &Arc<Session>,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<PendingUpload>> {
    crate::list::check_bucket("uploads", bucket)?;
    let mut budget = session.budget();
    let mut found: Vec<PendingUpload> = Vec::new();
    let page = || Text::new(LISTING, LONGEST, |text: &str, _: &Headers| xml::uploads(text));
    loop {
        let request = request(bucket, prefix, found.last());
        let page = session.ask(&request, page, &mut budget, &session.cancel).await?;
        budget.delivered(PROGRESS);
        let wrong = |why: &str| session.at(&request, malformed(why, LISTING)).with_attempts(1);
        let is_last = !page.is_truncated;
        if page.uploads.is_empty() && !is_last {
            return Err(wrong("it goes on, and leads nowhere"));
        }
        if let (Some(first), Some(last)) = (page.uploads.first(), found.last())
            && (first == last || first.key < last.key)
        {
            return Err(wrong("it starts again: it would never end"));
        }
        found.extend(page.uploads);
        if is_last {
            return Ok(found);
        }
        if found.len() > MOST {
            return Err(wrong("it does not end"));
        }
    }
}

/// The next page starts behind the last upload of the one before: servers disagree about how
/// they write their own markers.
fn request(bucket: &str, prefix: &str, last: Option<&PendingUpload>) -> Request {
    let request = Request::of("uploads", Verb::Get, bucket, None)
        .with_query("uploads", "")
        .with_query("encoding-type", "url");
    let request = if prefix.is_empty() { request } else { request.with_query("prefix", prefix) };
    match last {
        Some(last) => request
            .with_query("key-marker", last.key.as_str())
            .with_query("upload-id-marker", last.upload_id.as_str()),
        None => request,
    }
}

/// Removes an upload and its parts; that there is none is no error.
pub(crate) async fn abort_upload(
    session: &Arc<Session>,
    bucket: &str,
    key: &str,
    upload_id: &str,
) -> Result<()> {
    super::check_place("abort_upload", bucket, key)?;
    let remote = Remote {
        session: Arc::clone(session),
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        id: upload_id.to_owned(),
        digest: PartDigest::Signed,
    };
    remote.abort_within(&mut session.budget(), &session.cancel).await
}
