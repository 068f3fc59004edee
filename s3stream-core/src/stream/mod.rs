//! Many objects read one after another, fetched ahead of whoever reads them.

mod line;
mod streaming;
pub(crate) mod turns;
mod wanted;

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use self::line::{Job, Line};
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::read::source::{Feed, Task};
use crate::read::{ObjectReader, OpenOptions, Target};
use crate::send::Session;
use crate::send::lane::Lane;

pub use self::streaming::Streaming;
pub use self::wanted::{IntoWanted, Wanted};

/// How far a stream reads ahead.
///
/// ```
/// use s3stream_core::StreamOptions;
/// let options = StreamOptions::new().concurrency(32);
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StreamOptions {
    concurrency: usize,
}

impl Default for StreamOptions {
    fn default() -> Self {
        StreamOptions { concurrency: 16 }
    }
}

impl StreamOptions {
    /// Up to 16 requests in flight.
    pub fn new() -> Self {
        StreamOptions::default()
    }

    /// At most so many requests in flight, 1 to 256; fewer where more bring nothing, or
    /// where the server asks for fewer.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.clamp(1, 256);
        self
    }
}

/// Objects in the order in which they are pushed, fetched ahead within `memory_limit`.
///
/// Each is handed out as an [`ObjectReader`] once a reply to its request has come. One that
/// cannot be read (deleted since it was listed, changed, refused) is a reader whose first
/// read says so; the stream goes on behind it. Small objects take one request each and are
/// fetched whole; of large ones as much is fetched as a reader's `window` and the client's
/// `memory_limit` allow. Each is the object that its request found, not the one that a
/// listing described, and says so ([`ObjectReader::is_newer_than_listed`]): ask for
/// [`Wanted::if_match`] where it must be that one.
///
/// Dropping it cancels what is in flight; readers that were handed out go on.
pub struct ObjectStream {
    session: Arc<Session>,
    bucket: String,
    line: Arc<Line>,
    items: VecDeque<Item>,
    cancel: CancellationToken,
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

struct Item {
    wanted: Wanted,
    kind: Kind,
}

enum Kind {
    /// A task fetches it, or will.
    Ahead(Target, Feed),
    /// Its request is left to its reader.
    Later(Target),
    /// It cannot be asked for.
    Impossible(Target, Error),
}

impl ObjectStream {
    pub(crate) fn new(
        session: &Arc<Session>,
        lane: Lane,
        bucket: &str,
        options: &StreamOptions,
    ) -> Self {
        ObjectStream {
            session: Arc::clone(session),
            bucket: bucket.to_owned(),
            line: Line::new(lane, options.concurrency),
            items: VecDeque::new(),
            cancel: session.cancel.child_token(),
            cancelled: None,
        }
    }

    /// Whether more is welcome: pull your source and push while this is true.
    pub fn has_room(&self) -> bool {
        let longest = self.line.longest();
        self.line.waiting() < longest && self.items.len() < 4 * longest
    }

    /// Adds an object behind those before it.
    pub fn push(&mut self, wanted: impl Into<Wanted>) {
        let wanted = wanted.into();
        let options = OpenOptions {
            version_id: wanted.object.version_id.clone(),
            if_match: wanted.if_match.clone(),
            listed: wanted.listed.clone(),
            ..OpenOptions::new()
        };
        let cancel = self.cancel.child_token();
        let target =
            Target::unchecked(&self.session, &self.bucket, &wanted.object.key, cancel.clone());
        let kind = match target.clone().with(&options) {
            _ if wanted.unreadable.is_some() => {
                let why = wanted.unreadable.clone().unwrap_or_default();
                let error = Error::new(ErrorKind::Protocol, why);
                let error = error.at("list", Some(&self.bucket), Some(&wanted.object.key));
                Kind::Impossible(target, error)
            }
            Err(error) => Kind::Impossible(target, error),
            Ok(target) if wanted.object.is_delete_marker => {
                let error = Error::new(ErrorKind::NotFound, "it is a delete marker");
                let error = target.at(error).with_attempts(0);
                Kind::Impossible(target, error)
            }
            Ok(target) if !wanted.is_ahead => Kind::Later(target),
            Ok(target) => {
                // Its own: a reader that seeks leaves its feed and goes on.
                let (feed, task) = Task::new(0, cancel.child_token());
                let size = wanted.known_size();
                let job = Job { target: self.line.target(&target, &task), task };
                self.line.push(job, size);
                Kind::Ahead(target, feed)
            }
        };
        self.items.push_back(Item { wanted, kind });
    }

    /// The oldest that was pushed and not handed out yet, once it is opened or has failed;
    /// `None` if there is none.
    ///
    /// # Errors
    /// `Cancelled` only: an object's own failure is its reader's.
    pub async fn next(&mut self) -> Result<Option<ObjectReader>> {
        poll_fn(|cx| self.poll_reader(cx)).await.transpose()
    }

    /// Cancels the stream and all its readers.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.cancel.clone())
    }

    fn poll_reader(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ObjectReader>>> {
        if self.poll_cancelled(cx) {
            let error = Error::new(ErrorKind::Cancelled, "");
            return Poll::Ready(Some(Err(error.at("stream", Some(&self.bucket), None))));
        }
        let opened = match self.items.front() {
            None => return Poll::Ready(None),
            Some(Item { kind: Kind::Ahead(_, feed), .. }) => {
                if !feed.is_opened() {
                    self.line.press();
                }
                feed.await_reply();
                match feed.poll_opened(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(opened) => Some(opened),
                }
            }
            Some(_) => None,
        };
        let Some(Item { wanted, kind }) = self.items.pop_front() else { return Poll::Ready(None) };
        let size = wanted.known_size();
        let described = wanted.object;
        Poll::Ready(Some(Ok(match (kind, opened) {
            (Kind::Ahead(target, feed), Some(opened)) => {
                self.line.handed_out(size);
                match opened {
                    Ok(evidence) => ObjectReader::fed(target, described, *evidence, feed),
                    Err(error) => ObjectReader::failed(target, described, error),
                }
            }
            (Kind::Ahead(target, _) | Kind::Later(target), _) => {
                ObjectReader::unopened(target, described)
            }
            (Kind::Impossible(target, error), _) => ObjectReader::failed(target, described, error),
        })))
    }

    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> bool {
        let token = &self.cancel;
        let cancelled =
            self.cancelled.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
        cancelled.as_mut().poll(cx).is_ready()
    }
}

impl Drop for ObjectStream {
    fn drop(&mut self) {
        // First the line, or what is abandoned would be begun for nobody.
        self.line.clear();
    }
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream")
            .field("bucket", &self.bucket)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}
