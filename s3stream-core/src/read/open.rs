//! The requests of a read: the first GET, the one that takes it up again, and HEAD.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::OpenOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::list::check_bucket;
use crate::object::{ETag, Object};
use crate::proto::evidence::{
    Asked, Listed, Refused, check_description, check_first, check_status,
};
use crate::proto::request::Request;
use crate::proto::response::{ObjectHead, object_head};
use crate::proto::retry::Budget;
use crate::proto::window::Window;
use crate::send::{Reply, Session};
use crate::transport::{Body, NoBody};
use crate::verdict::Method;

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
    /// What is known of it from elsewhere.
    pub(super) listed: Option<Listed>,
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
            listed: None,
            cancel,
        }
    }

    /// The same with a version and a condition, checked.
    pub(crate) fn with(mut self, options: &OpenOptions) -> Result<Self> {
        self.check()?;
        self.version_id.clone_from(&options.version_id);
        self.listed.clone_from(&options.listed);
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
        check_key(&self.key).map_err(|why| self.at(Error::invalid(why)))
    }

    /// Sends a GET for what is left of the window, and checks that the reply is that.
    pub(super) async fn get(&self, window: &mut Window, budget: &mut Budget) -> Result<Opened> {
        let is_first = window.total().is_none();
        let reply = match self.session.send(&self.request(window), budget, &self.cancel).await {
            Ok(reply) => reply,
            Err(error) if error.status() == Some(416) => {
                return self.beyond(window, budget, error).await;
            }
            Err(error) => return Err(error),
        };
        let Reply { latency, status, headers, body, .. } = reply;
        let mut head = object_head(&self.key, &headers).map_err(|why| self.wrong_head(&why))?;
        check_status(status, &head).map_err(|refused| self.refuse(refused))?;
        if head.content_length.is_none() && head.content_range.is_none() {
            self.learn_size(&mut head, window, budget).await?;
        }
        window.accept(status, &head).map_err(|refused| self.refuse(refused))?;
        if is_first {
            self.check_wanted(&head.object)?;
            check_first(self.asked(window.is_whole()), &head)
                .map_err(|refused| self.refuse(refused))?;
        }
        Ok(Opened { latency, head, body })
    }

    /// What a range that the server does not have means: the end, where the object ends just
    /// there (no range lies in an empty object). Not every server tells the size with its 416.
    async fn beyond(
        &self,
        window: &mut Window,
        budget: &mut Budget,
        error: Error,
    ) -> Result<Opened> {
        if window.total().is_some() {
            // The range that was asked for lies within the object as it was.
            return Err(self.at(Error::new(ErrorKind::Changed, "the object is shorter now")));
        }
        if error.object_size().is_some_and(|size| !window.begins_at(size)) {
            return Err(error);
        }
        let head = match self.describe(budget).await {
            Ok(head) => head,
            Err(failed) if failed.kind() == ErrorKind::Cancelled => return Err(failed),
            Err(_) => return Err(error),
        };
        self.check_wanted(&head.object)?;
        if !window.begins_at_the_end_of(&head.object) {
            return Err(error);
        }
        Ok(Opened { latency: Duration::ZERO, head, body: Box::new(NoBody) })
    }

    /// Whether a reply is about the object that the caller has asked for.
    pub(super) fn check_wanted(&self, object: &Object) -> Result<()> {
        match &self.if_match {
            Some(wanted) if object.etag.as_ref() != Some(wanted) => {
                let message = format!("the object's ETag is not {wanted:?}");
                Err(self.at(Error::new(ErrorKind::Changed, message)))
            }
            _ => Ok(()),
        }
    }

    /// What a first reply is held against.
    fn asked(&self, is_whole: bool) -> Asked<'_> {
        let (listed, version_id) = (self.listed.as_ref(), self.version_id.as_deref());
        Asked { listed, version_id, is_whole }
    }

    /// Whether an object is another one than was listed under its key.
    pub(super) fn is_newer_than_listed(&self, object: &Object) -> bool {
        self.listed.as_ref().is_some_and(|listed| listed.is_older_than(object))
    }

    /// Whether a read may end so, after what was listed.
    pub(super) fn settle(&self, object: &Object, method: Method) -> Result<()> {
        match &self.listed {
            Some(listed) => listed.settle(object, method).map_err(|why| self.refuse(why)),
            None => Ok(()),
        }
    }

    /// A proxy that re-frames replies takes their length away: the object's size is then
    /// what it was before, or what a HEAD says of the same ETag.
    async fn learn_size(
        &self,
        head: &mut ObjectHead,
        window: &Window,
        budget: &mut Budget,
    ) -> Result<()> {
        let size = match window.total() {
            Some(size) => size,
            None => {
                let described = self.describe(budget).await?.object;
                if described.etag != head.object.etag {
                    let message = "the object changed between its reply and its description";
                    return Err(self.at(Error::new(ErrorKind::Changed, message)));
                }
                described.size
            }
        };
        head.content_length = Some(size);
        head.object.size = size;
        Ok(())
    }

    /// HeadObject: the size, at least.
    pub(super) async fn describe(&self, budget: &mut Budget) -> Result<ObjectHead> {
        let request =
            Request::head(&self.bucket, &self.key).with_version(self.version_id.as_deref());
        let (status, head) = head_of(self, &request, budget).await?;
        check_description(status, &head)
            .and_then(|()| check_first(self.asked(true), &head))
            .map_err(|Refused { kind, message }| {
                self.session.at(&request, Error::new(kind, message)).with_attempts(1)
            })?;
        Ok(head)
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
        let wanted = || self.if_match.as_ref().and_then(ETag::if_match);
        match window.if_match().or_else(wanted) {
            Some(etag) => request.with_header("if-match", etag),
            None => request,
        }
    }

    pub(super) fn refuse(&self, refused: Refused) -> Error {
        self.at(Error::new(refused.kind, refused.message))
    }

    pub(crate) fn at(&self, error: Error) -> Error {
        error.at("open", Some(&self.bucket), Some(&self.key)).with_attempts(1)
    }
}

/// Whether an object can be called so; the error says why not.
pub(crate) fn check_key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("the key is empty");
    }
    if key.len() > LONGEST_KEY {
        return Err("the key is longer than 1,024 bytes");
    }
    Ok(())
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
    Ok(target.describe(&mut session.budget()).await?.object)
}

/// Sends a HEAD and reads what it says; its status too.
pub(super) async fn head_of(
    target: &Target,
    request: &Request,
    budget: &mut Budget,
) -> Result<(u16, ObjectHead)> {
    let reply = target.session.send(request, budget, &target.cancel).await?;
    let head = object_head(&target.key, &reply.headers).map_err(|why| target.wrong_head(&why))?;
    Ok((reply.status, head))
}
