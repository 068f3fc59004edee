//! What is asked of an object apart from its bytes: its tags, and who may do what with it.

use std::sync::Arc;

use super::{OpenOptions, Target};
use crate::error::Result;
use crate::object::Acl;
use crate::proto::answer::Text;
use crate::proto::headers::Headers;
use crate::proto::request::Request;
use crate::proto::xml::{self, NoPage};
use crate::send::Session;

/// Ten tags of 128 and 256 characters, or a hundred grants, are far shorter: what is longer is
/// the object itself, with which some servers answer whatever is asked of it.
const LONGEST: usize = 256 * 1024;

/// GetObjectTagging.
pub(crate) async fn tags(
    session: &Arc<Session>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> Result<Vec<(String, String)>> {
    let request = Request::tags(bucket, key).with_version(version_id);
    let tags = ask(session, &request, "list of tags", xml::tags).await;
    match tags {
        // A server's other way to say that there is none.
        Err(error) if error.code() == Some("NoSuchTagSet") => Ok(Vec::new()),
        tags => tags,
    }
}

/// GetObjectAcl.
pub(crate) async fn acl(
    session: &Arc<Session>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> Result<Acl> {
    let request = Request::acl(bucket, key).with_version(version_id);
    ask(session, &request, "access control list", xml::acl).await
}

async fn ask<T>(
    session: &Arc<Session>,
    request: &Request,
    what: &'static str,
    parse: fn(&str) -> std::result::Result<T, NoPage>,
) -> Result<T> {
    let bucket = request.bucket.as_deref().unwrap_or_default();
    let key = request.key.as_deref().unwrap_or_default();
    // What no bucket and no key can be is refused before anything is sent.
    Target::new(session, bucket, key, &OpenOptions::new(), session.cancel.clone())
        .map_err(|error| error.at(request.operation, Some(bucket), Some(key)))?;
    let answer = || Text::new(what, LONGEST, move |text: &str, _: &Headers| parse(text));
    session.ask(request, answer, &mut session.budget(), &session.cancel).await
}
