//! What the server has kept of an object that it said it has stored.

use tokio_util::sync::CancellationToken;

use super::options::CreateOptions;
use super::written::{Difference, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::answer::{Done, malformed};
use crate::proto::headers::Headers;
use crate::proto::request::Request;
use crate::proto::response::{ObjectHead, object_head};
use crate::proto::retry::Budget;
use crate::send::Session;

/// Adds the differences, where they are asked for.
pub(super) async fn look(
    session: &Session,
    bucket: &str,
    mut written: Written,
    options: &CreateOptions,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<Written> {
    if !options.read_back && !options.strict {
        return Ok(written);
    }
    let place = (bucket, written.object.key.as_str());
    let version = written.object.version_id.as_deref();
    let (_, head) = describe(session, place, version, budget, cancel).await?;
    let differing = options.attributes.differing(&head.object);
    written.differences = differing
        .into_iter()
        .map(|it| Difference { field: it.field, sent: it.sent, stored: it.stored })
        .collect();
    written.object.last_modified = head.object.last_modified;
    written.object.storage_class = head.object.storage_class;
    written.object.details = head.object.details;
    written.retries = budget.retries();
    match written.differences.first() {
        Some(first) if options.strict => {
            let message = format!(
                "the server has stored the object without its {}: it sent {}, and has {}",
                first.field,
                first.sent.as_deref().unwrap_or("nothing"),
                first.stored.as_deref().unwrap_or("nothing"),
            );
            let error = Error::new(ErrorKind::Unsupported, message);
            Err(error.at("put", Some(bucket), Some(&written.object.key)))
        }
        _ => Ok(written),
    }
}

/// HeadObject of what is under a key.
pub(super) async fn describe(
    session: &Session,
    (bucket, key): (&str, &str),
    version_id: Option<&str>,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<(Headers, ObjectHead)> {
    let request = Request::head(bucket, key).with_version(version_id);
    let headers = session.ask(&request, Done::default, budget, cancel).await?;
    match object_head(key, &headers) {
        Ok(head) => Ok((headers, head)),
        Err(why) => Err(session.at(&request, malformed(&why, "description"))),
    }
}
