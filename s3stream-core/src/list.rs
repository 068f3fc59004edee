//! Listings: complete, or an error that says they are not.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Bucket, Entry};
use crate::proto::pages::Selection;
use crate::proto::ranges::{Ask, Next, Ranges};
use crate::proto::request::Request;
use crate::proto::retry::Budget;
use crate::proto::service;
use crate::proto::xml::{self, ListPage, PageParser};
use crate::send::{Session, from_broken};
use crate::transport::{Body, Broken};

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
    parallel: usize,
}

/// More requests at once serve no listing.
const MOST_PARALLEL: usize = 64;

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

    /// Lists up to so many ranges of keys at once, merged in order; 1, one page after the
    /// other, unless set.
    ///
    /// The listing is the same, entry by entry, and ends with the same error at the same
    /// place if it does. It takes a fraction of the round trips, which pays where a server is
    /// far or slow. The ranges are found from the keys: counters, dates, hashes and their
    /// like go on as they begin, and where they do not, fewer requests are sent at once.
    /// Some requests are vain, rarely more than a tenth where keys are regular.
    ///
    /// Up to three pages of 1,000 entries for each are held ahead of the consumer: a few MiB
    /// for 8 at once and keys of ordinary length. A listing with a delimiter is not split.
    ///
    /// ```
    /// use s3stream_core::ListOptions;
    /// let options = ListOptions::new().prefix("logs/").parallel(8);
    /// # let _ = options;
    /// ```
    pub fn parallel(mut self, ranges: usize) -> Self {
        self.parallel = ranges.clamp(1, MOST_PARALLEL);
        self
    }
}

/// A listing in progress: one page in memory, the next one under way.
///
/// Keys ascend by their bytes. The listing ends with `None` only when the server has said,
/// in a well-formed reply, that there are no more; anything else is an error. A page is
/// parsed while it arrives, and no entry of it is given away before it is whole.
pub struct ObjectList {
    session: Arc<Session>,
    bucket: String,
    /// Of the page that the consumer is taking.
    entries: VecDeque<Entry>,
    ranges: Ranges,
    /// The requests under way.
    fetches: Vec<Fetch>,
    failed: Option<Error>,
    cancel: CancellationToken,
}

/// A page of a range that is being fetched.
struct Fetch {
    range: u64,
    reply: Pin<Box<dyn Future<Output = Fetched> + Send>>,
}

/// What a request came to.
struct Fetched {
    budget: Budget,
    page: Result<ListPage>,
}

/// How often what is under way is looked after while the consumer takes entries: a server
/// must not stall on a full socket, and a poll for each entry would cost more.
const LOOK_AFTER: usize = 128;

impl ObjectList {
    pub(crate) fn new(session: Arc<Session>, bucket: &str, options: ListOptions) -> Self {
        let ranges = Ranges::new(options.selection, options.parallel, session.budget());
        let cancel = session.cancel.child_token();
        ObjectList {
            session,
            bucket: bucket.to_owned(),
            entries: VecDeque::new(),
            ranges,
            fetches: Vec::new(),
            failed: check_bucket("list", bucket).err(),
            cancel,
        }
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
                    self.look_after(cx);
                }
                return Poll::Ready(Some(Ok(entry)));
            }
            if let Some(error) = &self.failed {
                return Poll::Ready(Some(Err(error.clone())));
            }
            self.look_after(cx);
            match self.ranges.next() {
                Next::Entries(entries) => {
                    self.entries = entries;
                    // The next request goes out before this page is handed over.
                    self.look_after(cx);
                }
                Next::Wait => return Poll::Pending,
                Next::Done => return Poll::Ready(None),
                Next::Failed(error) => {
                    self.fetches.clear();
                    self.failed = Some(error);
                }
            }
        }
    }

    /// Sends what may be sent and takes in what has come, until there is nothing to do.
    fn look_after(&mut self, cx: &mut Context<'_>) {
        loop {
            while let Some(ask) = self.ranges.ask() {
                let fetch = self.fetch(ask);
                self.fetches.push(fetch);
            }
            let mut came = Vec::new();
            self.fetches.retain_mut(|fetch| match fetch.reply.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(fetched) => {
                    came.push((fetch.range, fetched));
                    false
                }
            });
            if came.is_empty() {
                return;
            }
            for (range, fetched) in came {
                self.take_in(range, fetched);
            }
            let ranges = &self.ranges;
            self.fetches.retain(|fetch| ranges.is_wanted(fetch.range));
        }
    }

    fn take_in(&mut self, range: u64, Fetched { budget, page }: Fetched) {
        match page {
            Err(error) => self.ranges.failed(range, Some(budget), error),
            Ok(page) => {
                if let Err(why) = self.ranges.arrived(range, budget, page) {
                    let request = Request::list(&self.bucket, Vec::new());
                    let error = not_s3(&self.session, &request, &why);
                    self.ranges.failed(range, None, error);
                }
            }
        }
    }

    fn fetch(&self, ask: Ask) -> Fetch {
        let Ask { range, query, mut budget, versions } = ask;
        let (session, cancel) = (Arc::clone(&self.session), self.cancel.clone());
        let request = Request::list(&self.bucket, query);
        let reply = Box::pin(async move {
            let page = fetch_page(&session, &request, versions, &mut budget, &cancel);
            let page = unless_cancelled(&session, &request, &cancel, page).await;
            Fetched { budget, page }
        });
        Fetch { range, reply }
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
    let text = text(session, &request, &mut budget);
    let text = unless_cancelled(session, &request, &session.cancel, text).await?;
    xml::buckets(&text).map_err(|why| not_s3(session, &request, &why))
}

/// Refuses what no bucket can be called: it would name another resource. What this service
/// cannot have is refused before anything is sent.
pub(crate) fn check_bucket(operation: &'static str, bucket: &str) -> Result<()> {
    match service::Bucket::parse(bucket) {
        Ok(_) => Ok(()),
        Err(why) => Err(Error::invalid(why).at(operation, Some(bucket), None)),
    }
}

/// What comes of a request and its repetitions; `Cancelled` as soon as `cancel` says so, also
/// between two of them.
async fn unless_cancelled<T>(
    session: &Session,
    request: &Request,
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let cancelled = || Err(session.at(request, Error::new(ErrorKind::Cancelled, "")));
    cancel.run_until_cancelled(work).await.unwrap_or_else(cancelled)
}

/// One page, parsed while it arrives; a body that breaks off is asked for again.
async fn fetch_page(
    session: &Session,
    request: &Request,
    versions: bool,
    budget: &mut Budget,
    cancel: &CancellationToken,
) -> Result<ListPage> {
    loop {
        let mut reply = session.send(request, budget, cancel).await?;
        let (failure, error) = match parse(session, &mut *reply.body, versions).await {
            Ok(page) => return page.map_err(|why| not_s3(session, request, &why)),
            Err(broken) => from_broken(&broken),
        };
        session.wait(failure, budget, session.at(request, error)).await?;
    }
}

/// The page that a body holds, or why it is none; an error if the body breaks off.
async fn parse(
    session: &Session,
    body: &mut dyn Body,
    versions: bool,
) -> Result<Result<ListPage, String>, Broken> {
    let mut parser = PageParser::new(versions);
    let mut length = 0;
    while let Some(piece) = session.next_piece(body).await? {
        length += piece.len();
        if length > LONGEST_PAGE {
            return Ok(Err("it does not end".to_owned()));
        }
        if let Err(why) = parser.feed(&piece) {
            return Ok(Err(why));
        }
    }
    Ok(parser.finish())
}

/// The whole text of a reply; a body that breaks off is asked for again.
async fn text(session: &Session, request: &Request, budget: &mut Budget) -> Result<String> {
    loop {
        let mut reply = session.send(request, budget, &session.cancel).await?;
        let (failure, error) = match session.collect(&mut *reply.body, LONGEST_PAGE).await {
            Err(broken) => from_broken(&broken),
            Ok(bytes) if bytes.len() == LONGEST_PAGE => {
                return Err(not_s3(session, request, "it does not end"));
            }
            Ok(bytes) => {
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
