//! Listings: complete, or an error that says they are not.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Bucket, Entry};
use crate::proto::pages::{Accepted, Pages, Selection};
use crate::proto::request::Request;
use crate::proto::retry::{Budget, Failure};
use crate::proto::xml::{self, ListPage};
use crate::send::{Session, from_broken};

/// A page of 1,000 keys of 1,024 bytes, each byte as `%XX`, is 3.5 MB; versions more.
const LONGEST_PAGE: usize = 32 << 20;

/// What to list: all of a bucket, unless narrowed.
///
/// See "ListObjectsV2" and "ListObjectVersions" in the Amazon S3 API reference.
///
/// ```
/// use s3stream_core::ListOptions;
/// let options = ListOptions::new().prefix("logs/2026/").delimiter("/");
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    selection: Selection,
}

impl ListOptions {
    /// All objects, their newest versions.
    pub fn new() -> Self {
        ListOptions::default()
    }

    /// Only keys that start with this.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.selection.prefix = prefix.into();
        self
    }

    /// Groups keys that share a beginning up to this into a [`CommonPrefix`](crate::CommonPrefix).
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.selection.delimiter = Some(delimiter.into()).filter(|d| !d.is_empty());
        self
    }

    /// Only keys after this one, itself excluded.
    pub fn start_after(mut self, key: impl Into<String>) -> Self {
        self.selection.start_after = Some(key.into()).filter(|key| !key.is_empty());
        self
    }

    /// Only keys up to this one, itself included.
    pub fn end_at(mut self, key: impl Into<String>) -> Self {
        self.selection.end_at = Some(key.into());
        self
    }

    /// All versions and delete markers, the newest of each key first.
    pub fn versions(mut self, versions: bool) -> Self {
        self.selection.versions = versions;
        self
    }
}

/// A listing in progress: one page in memory, the next one under way.
///
/// Keys ascend by their bytes. The listing ends with `None` only when the server has said,
/// in a well-formed reply, that there are no more; anything else is an error.
pub struct ObjectList {
    session: Arc<Session>,
    bucket: String,
    entries: VecDeque<Entry>,
    next: Next,
    cancel: CancellationToken,
}

enum Next {
    /// A page is being fetched.
    Coming(Fetching),
    /// It came while the consumer was taking the one before it.
    Arrived(Option<Box<Page>>),
    Done,
    Failed(Error),
}

type Page = (Turn, Result<VecDeque<Entry>>);

type Fetching = Pin<Box<dyn Future<Output = Page> + Send>>;

/// How often the page that is under way is looked after while the consumer takes entries:
/// a server must not stall on a full socket, and a poll for each entry would cost more.
const LOOK_AFTER: usize = 128;

/// What one page hands to the next.
struct Turn {
    pages: Pages,
    budget: Budget,
}

impl ObjectList {
    pub(crate) fn new(session: Arc<Session>, bucket: &str, options: ListOptions) -> Self {
        let turn = Turn { pages: Pages::new(options.selection), budget: session.budget() };
        let cancel = session.cancel.child_token();
        let mut list = ObjectList {
            session,
            bucket: bucket.to_owned(),
            entries: VecDeque::new(),
            next: Next::Done,
            cancel,
        };
        list.next = match check_bucket("list", bucket) {
            Ok(()) => list.fetch(turn),
            Err(error) => Next::Failed(error),
        };
        list
    }

    /// The next entry in ascending order; `None` at the proven end.
    ///
    /// # Errors
    /// `NotFound` and `AccessDenied` for the bucket, `Protocol` for a page that is none or
    /// cannot be the next one, those of a failed request otherwise. An error ends the
    /// listing for good: every later call repeats it.
    pub async fn next(&mut self) -> Result<Option<Entry>> {
        std::future::poll_fn(|cx| self.poll_next_entry(cx)).await.transpose()
    }

    /// Ends a wait in [`next`](ObjectList::next), in whatever task it is, with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.cancel.clone())
    }

    /// An entry that needs no waiting; one in [`LOOK_AFTER`] is left to the poll.
    pub(crate) fn pop_ready(&mut self) -> Option<Entry> {
        if self.entries.len() % LOOK_AFTER == 1 {
            return None;
        }
        self.entries.pop_front()
    }

    pub(crate) fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Entry>>> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                if self.entries.len().is_multiple_of(LOOK_AFTER) {
                    self.look_after_next(cx);
                }
                return Poll::Ready(Some(Ok(entry)));
            }
            let (turn, page) = match &mut self.next {
                Next::Done => return Poll::Ready(None),
                Next::Failed(error) => return Poll::Ready(Some(Err(error.clone()))),
                Next::Arrived(page) => match page.take() {
                    Some(page) => *page,
                    None => return Poll::Ready(None),
                },
                Next::Coming(coming) => match coming.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(page) => page,
                },
            };
            self.next = match page {
                Err(error) => Next::Failed(error),
                Ok(entries) => {
                    self.entries = entries;
                    if turn.pages.is_done() { Next::Done } else { self.fetch(turn) }
                }
            };
            // The request for the next page goes out before this one is handed over.
            self.look_after_next(cx);
        }
    }

    fn look_after_next(&mut self, cx: &mut Context<'_>) {
        if let Next::Coming(coming) = &mut self.next
            && let Poll::Ready(page) = coming.as_mut().poll(cx)
        {
            self.next = Next::Arrived(Some(Box::new(page)));
        }
    }

    /// Sends for the next page while the consumer is busy with this one.
    fn fetch(&self, mut turn: Turn) -> Next {
        let (session, cancel) = (Arc::clone(&self.session), self.cancel.clone());
        let bucket = self.bucket.clone();
        Next::Coming(Box::pin(async move {
            let page = page(&session, &bucket, &mut turn, &cancel).await;
            (turn, page)
        }))
    }
}

impl futures_core::Stream for ObjectList {
    type Item = Result<Entry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Entry>>> {
        self.poll_next_entry(cx)
    }
}

/// All buckets of these credentials.
pub(crate) async fn buckets(session: &Session) -> Result<Vec<Bucket>> {
    let request = Request::list_buckets();
    let mut budget = session.budget();
    let text = text(session, &request, &mut budget, &session.cancel).await?;
    xml::buckets(&text).map_err(|why| not_s3(session, &request, &why))
}

/// Refuses what no bucket can be called: it would name another resource.
pub(crate) fn check_bucket(operation: &'static str, bucket: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    let is_dots = bucket.chars().all(|c| c == '.');
    if !bucket.is_empty() && bucket.len() <= 255 && !is_dots && bucket.chars().all(is_plain) {
        return Ok(());
    }
    Err(Error::invalid("the bucket's name must be letters, digits, '-', '.' and '_'").at(
        operation,
        Some(bucket),
        None,
    ))
}

async fn page(
    session: &Session,
    bucket: &str,
    turn: &mut Turn,
    cancel: &CancellationToken,
) -> Result<VecDeque<Entry>> {
    loop {
        let request = Request::list(bucket, turn.pages.query());
        let parsed = match fetch_page(session, &request, turn, cancel).await {
            Ok(page) => page,
            Err(error) if error.status().is_some_and(|s| turn.pages.refused(s)) => continue,
            Err(error) => return Err(error),
        };
        let accepted = turn.pages.accept(parsed).map_err(|why| not_s3(session, &request, &why))?;
        // A page is progress: what failed before it is forgiven.
        turn.budget.delivered(crate::proto::retry::PROGRESS);
        match accepted {
            Accepted::Entries(entries) if entries.is_empty() && !turn.pages.is_done() => {}
            Accepted::Entries(entries) => return Ok(entries),
            Accepted::AskAgain => {}
        }
    }
}

async fn fetch_page(
    session: &Session,
    request: &Request,
    turn: &mut Turn,
    cancel: &CancellationToken,
) -> Result<ListPage> {
    let text = text(session, request, &mut turn.budget, cancel).await?;
    xml::list_page(&text, turn.pages.is_versions()).map_err(|why| not_s3(session, request, &why))
}

/// The whole text of a reply; a body that breaks off is asked for again.
async fn text(
    session: &Session,
    request: &Request,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<String> {
    loop {
        let mut reply = session.send(request, budget, cancel).await?;
        let body = session.collect(&mut *reply.body, LONGEST_PAGE);
        let (failure, error) = match cancel.run_until_cancelled(body).await {
            None => (Failure::Final, Error::new(ErrorKind::Cancelled, "")),
            Some(Err(broken)) => from_broken(&broken),
            Some(Ok(bytes)) if bytes.len() == LONGEST_PAGE => {
                return Err(not_s3(session, request, "it does not end"));
            }
            Some(Ok(bytes)) => {
                return String::from_utf8(bytes.into())
                    .map_err(|_| not_s3(session, request, "it is not UTF-8"));
            }
        };
        session.wait(failure, budget, session.at(request, error)).await?;
    }
}

fn not_s3(session: &Session, request: &Request, why: &str) -> Error {
    let message = format!("the listing cannot be relied upon: {why}");
    let advice = "check endpoint_url, and what stands between here and the server";
    let error = Error::new(ErrorKind::Protocol, message).with_advice(Some(advice));
    session.at(request, error).with_attempts(1)
}
