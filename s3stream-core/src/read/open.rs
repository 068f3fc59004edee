//! The requests of a read: the first GET, the one that takes it up again, and HEAD.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::OpenOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::list::check_bucket;
use crate::object::{ETag, Object};
use crate::proto::request::Request;
use crate::proto::response::{ObjectHead, object_head};
use crate::proto::retry::Budget;
use crate::proto::window::{Refused, Window};
use crate::send::{Reply, Session};
use crate::transport::Body;

/// Keys beyond this are refused by S3; some servers answer 503 to them for ever.
const LONGEST_KEY: usize = 1_024;

/// What a read is about, the same for each of its requests.
#[derive(Clone)]
pub(crate) struct Target {
    pub(super) session: Arc<Session>,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version_id: Option<String>,
    pub(super) if_match: Option<ETag>,
    pub(super) cancel: CancellationToken,
}

/// A reply that serves: its head, its body.
pub(super) struct Opened {
    /// From the request to the head of its reply.
    pub(super) latency: Duration,
    pub(super) head: ObjectHead,
    pub(super) body: Box<dyn Body>,
}

impl Target {
    /// Checks what can be checked without a request; `cancel` ends the read.
    pub(crate) fn new(
        session: &Arc<Session>,
        bucket: &str,
        key: &str,
        options: &OpenOptions,
        cancel: CancellationToken,
    ) -> Result<Self> {
        Target::unchecked(session, bucket, key, cancel).with(options)
    }

    /// For what is known to be impossible, and still needs a name.
    pub(crate) fn unchecked(
        session: &Arc<Session>,
        bucket: &str,
        key: &str,
        cancel: CancellationToken,
    ) -> Self {
        Target {
            session: Arc::clone(session),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: None,
            if_match: None,
            cancel,
        }
    }

    /// The same with a version and a condition, checked.
    pub(crate) fn with(mut self, options: &OpenOptions) -> Result<Self> {
        self.check()?;
        self.version_id.clone_from(&options.version_id);
        if let Some(text) = &options.if_match {
            // A text that is no ETag must not silently mean "any".
            let etag = ETag::parse(text)
                .ok_or_else(|| self.at(Error::invalid("if_match is not an ETag")))?;
            self.if_match = Some(etag);
        }
        Ok(self)
    }

    /// The same read with another session and another token.
    pub(crate) fn on(&self, session: &Arc<Session>, cancel: CancellationToken) -> Self {
        Target { session: Arc::clone(session), cancel, ..self.clone() }
    }

    fn check(&self) -> Result<()> {
        check_bucket("open", &self.bucket)?;
        let why = if self.key.is_empty() {
            "the key is empty"
        } else if self.key.len() > LONGEST_KEY {
            "the key is longer than 1,024 bytes"
        } else {
            return Ok(());
        };
        Err(self.at(Error::invalid(why)))
    }

    /// Sends a GET for what is left of the window, and checks that the reply is that.
    pub(super) async fn get(&self, window: &mut Window, budget: &mut Budget) -> Result<Opened> {
        let is_first = window.total().is_none();
        let reply = match self.session.send(&self.request(window), budget, &self.cancel).await {
            Ok(reply) => reply,
            // The range that was asked for lies within the object as it was.
            Err(error) if error.status() == Some(416) && !is_first => {
                return Err(self.at(Error::new(ErrorKind::Changed, "the object is shorter now")));
            }
            Err(error) => return Err(error),
        };
        let Reply { latency, headers, body } = reply;
        let mut head = object_head(&self.key, &headers).map_err(|why| self.wrong_head(&why))?;
        if head.content_length.is_none() && head.content_range.is_none() {
            self.learn_size(&mut head, window, budget).await?;
        }
        window.accept(&head).map_err(|refused| self.refuse(refused))?;
        if is_first
            && let Some(wanted) = &self.if_match
            && head.object.etag.as_ref() != Some(wanted)
        {
            let message = format!("the object's ETag is not {wanted:?}");
            return Err(self.at(Error::new(ErrorKind::Changed, message)));
        }
        Ok(Opened { latency, head, body })
    }

    /// A proxy that re-frames replies takes their length away: the object's size is then
    /// what it was before, or what a HEAD says of the same ETag.
    async fn learn_size(
        &self,
        head: &mut ObjectHead,
        window: &Window,
        budget: &mut Budget,
    ) -> Result<()> {
        if window.total().is_some() {
            head.content_length = window.total();
            return Ok(());
        }
        let request =
            Request::head(&self.bucket, &self.key).with_version(self.version_id.as_deref());
        let described = head_of(self, &request, budget).await?;
        if described.object.etag == head.object.etag {
            head.content_length = described.content_length;
            head.object.size = described.object.size;
        }
        Ok(())
    }

    fn wrong_head(&self, why: &str) -> Error {
        self.at(Error::new(ErrorKind::Protocol, format!("the reply's head is wrong: {why}")))
    }

    fn request(&self, window: &Window) -> Request {
        let request =
            Request::get(&self.bucket, &self.key).with_version(self.version_id.as_deref());
        let request = match window.range() {
            Some(range) => request.with_header("range", range),
            None => request,
        };
        let wanted = || self.if_match.as_ref().map(ETag::quoted);
        match window.if_match().or_else(wanted) {
            Some(etag) => request.with_header("if-match", etag),
            None => request,
        }
    }

    fn refuse(&self, refused: Refused) -> Error {
        self.at(Error::new(refused.kind, refused.message))
    }

    pub(crate) fn at(&self, error: Error) -> Error {
        error.at("open", Some(&self.bucket), Some(&self.key)).with_attempts(1)
    }
}

/// HeadObject.
pub(crate) async fn head(
    session: &Arc<Session>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> Result<Object> {
    let options = OpenOptions { version_id: version_id.map(str::to_owned), ..OpenOptions::new() };
    let target = Target::new(session, bucket, key, &options, session.cancel.clone())
        .map_err(|error| error.at("head", Some(bucket), Some(key)))?;
    let request = Request::head(bucket, key).with_version(version_id);
    let head = head_of(&target, &request, &mut session.budget()).await?;
    if head.object.etag.is_none() {
        let error =
            Error::new(ErrorKind::Protocol, "the reply has no ETag, so it is not an S3 object");
        return Err(session.at(&request, error).with_attempts(1));
    }
    Ok(head.object)
}

/// Sends a HEAD and reads what it says.
pub(super) async fn head_of(
    target: &Target,
    request: &Request,
    budget: &mut Budget,
) -> Result<ObjectHead> {
    let reply = target.session.send(request, budget, &target.cancel).await?;
    object_head(&target.key, &reply.headers).map_err(|why| target.wrong_head(&why))
}
