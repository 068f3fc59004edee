//! Listings: complete, or an error that says they are not.

mod fetch;
mod options;
mod summary;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio_util::sync::CancellationToken;

pub(crate) use self::fetch::buckets;
use self::fetch::{Fetched, wrong_page};
pub use self::options::ListOptions;
pub use self::summary::ListSummary;
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::Entry;
use crate::proto::ranges::{Ask, Next, Ranges};
use crate::proto::request::Request;
use crate::proto::retry::Budget;
use crate::proto::service;
use crate::proto::xml::Listed;
use crate::send::Session;
use crate::send::memory::Reservation;
use crate::time::Timestamp;

/// A listing in progress: one page in memory, the next one under way.
///
/// Keys ascend by their bytes, unless the server lists in an order of its own:
/// [`summary`](ObjectList::summary) says so. The listing ends with `None` only when the server
/// has said, in a well-formed reply, that there are no more; anything else is an error. A page
/// is parsed while it arrives, and no entry of it is given away before it is whole.
///
/// **An entry that cannot be read** (a key that is not UTF-8, a size that is not a number) is
/// an error of its own, which names it: [`Error::is_of_entry`] is true, and the listing goes
/// on behind it. Any other error is the listing's own, and ends it.
///
/// As a `Stream` it gives the listing's own error once, and ends.
pub struct ObjectList {
    session: Arc<Session>,
    bucket: String,
    /// Of the page that the consumer is taking.
    entries: VecDeque<Listed>,
    ranges: Ranges,
    /// The requests under way.
    fetches: Vec<Fetch>,
    /// When it began, by the server's clock.
    began: Option<Timestamp>,
    unreadable: u64,
    /// Whether each object is to say how a restore from an archive stands.
    asks_restore: bool,
    /// What the pages take that are here, and the page that is being taken.
    memory: Reservation,
    taking: u64,
    failed: Option<Error>,
    /// Whether the stream has told its failure.
    is_told: bool,
    cancel: CancellationToken,
}

/// A page of a range that is being fetched.
struct Fetch {
    range: u64,
    reply: Pin<Box<dyn Future<Output = (Budget, Result<Fetched>)> + Send>>,
}

/// How often what is under way is looked after while the consumer takes entries: a server
/// must not stall on a full socket, and a poll for each entry would cost more.
const LOOK_AFTER: usize = 128;

impl ObjectList {
    pub(crate) fn new(session: Arc<Session>, bucket: &str, options: ListOptions) -> Self {
        let checked = check_bucket("list", bucket).and_then(|()| {
            let checked = options.selection.check();
            checked.map_err(|why| Error::invalid(why).at("list", Some(bucket), None))
        });
        let memory = session.memory.reserve(0);
        let telling = session.memory.limit() / 2;
        let asks_restore = options.selection.restore_status;
        let ranges = Ranges::new(options.selection, options.parallel, session.budget(), telling);
        let cancel = session.cancel.child_token();
        ObjectList {
            session,
            bucket: bucket.to_owned(),
            entries: VecDeque::new(),
            ranges,
            fetches: Vec::new(),
            began: None,
            unreadable: 0,
            asks_restore,
            memory,
            taking: 0,
            failed: checked.err(),
            is_told: false,
            cancel,
        }
    }

    /// The next entry; `None` at the end, and ever after.
    ///
    /// # Errors
    /// `Protocol` for an entry that cannot be read ([`Error::is_of_entry`]): the next call goes
    /// on behind it. `NotFound` and `AccessDenied` for the bucket, `InvalidInput` for a
    /// range in which no key can be, `Protocol` for a page that is none or cannot be the next
    /// one, those of a failed request otherwise: these end the listing for good, and every
    /// later call repeats them.
    pub async fn next(&mut self) -> Result<Option<Entry>> {
        std::future::poll_fn(|cx| self.poll_next_entry(cx)).await.transpose()
    }

    /// How the listing stands: in which order it came, how its end is known.
    pub fn summary(&self) -> ListSummary {
        ListSummary::new(self.ranges.standing(), self.unreadable)
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
        match self.entries.pop_front()? {
            Listed::Entry(entry) => Some(entry),
            unreadable @ Listed::Unreadable(_) => {
                self.entries.push_front(unreadable);
                None
            }
        }
    }

    /// Whether it has ended with an error of its own.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    pub(crate) fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Entry>>> {
        loop {
            if let Some(listed) = self.entries.pop_front() {
                if self.entries.len().is_multiple_of(LOOK_AFTER) {
                    self.look_after(cx);
                }
                return Poll::Ready(Some(self.deliver(listed)));
            }
            if let Some(error) = &self.failed {
                return Poll::Ready(Some(Err(error.clone())));
            }
            self.taking = 0;
            self.look_after(cx);
            match self.ranges.next() {
                Next::Entries(entries, bytes) => {
                    self.entries = entries;
                    self.taking = bytes;
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

    fn deliver(&mut self, listed: Listed) -> Result<Entry> {
        match listed {
            Listed::Entry(entry) => Ok(entry),
            Listed::Unreadable(it) => {
                self.unreadable += 1;
                let error =
                    Error::new(ErrorKind::Protocol, format!("it cannot be read: {}", it.why));
                Err(error.at("list", Some(&self.bucket), Some(&it.name)))
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
                self.memory.resize(self.ranges.bytes() + self.taking);
                return;
            }
            for (range, (budget, fetched)) in came {
                self.take_in(range, budget, fetched);
            }
            let ranges = &self.ranges;
            self.fetches.retain(|fetch| ranges.is_wanted(fetch.range));
        }
    }

    fn take_in(&mut self, range: u64, budget: Budget, fetched: Result<Fetched>) {
        match fetched {
            Err(error) => self.ranges.refused(range, budget, error),
            Ok(Fetched { page, asked }) => {
                let began = *self.began.get_or_insert(asked);
                let before = self.ranges.standing().early_ends;
                if let Err(wrong) = self.ranges.arrived(range, budget, page, began) {
                    let request = Request::list(&self.bucket, Vec::new());
                    let error = wrong_page(&self.session, &request, &wrong);
                    self.ranges.failed(range, error);
                }
                if self.ranges.standing().early_ends > before {
                    log::warn!(
                        "the listing of bucket '{}' was ended early by the server: keys that were \
                         there before it began lie behind its end, and are taken",
                        self.bucket
                    );
                }
            }
        }
    }

    fn fetch(&self, ask: Ask) -> Fetch {
        let Ask { range, query, mut budget, versions } = ask;
        let (session, cancel) = (Arc::clone(&self.session), self.cancel.clone());
        let mut request = Request::list(&self.bucket, query);
        if self.asks_restore {
            request = request.with_header("x-amz-optional-object-attributes", "RestoreStatus");
        }
        let reply = Box::pin(async move {
            let page = fetch::page(&session, &request, versions, &mut budget, &cancel).await;
            (budget, page)
        });
        Fetch { range, reply }
    }
}

impl futures_core::Stream for ObjectList {
    type Item = Result<Entry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Entry>>> {
        if self.is_told {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_next_entry(cx));
        self.is_told = matches!(next, Some(Err(_))) && self.has_failed();
        Poll::Ready(next)
    }
}

/// Refuses what no bucket can be called: it would name another resource. What this service
/// cannot have is refused before anything is sent.
pub(crate) fn check_bucket(operation: &'static str, bucket: &str) -> Result<()> {
    match service::Bucket::parse(bucket) {
        Ok(_) => Ok(()),
        Err(why) => Err(Error::invalid(why).at(operation, Some(bucket), None)),
    }
}
