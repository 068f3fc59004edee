//! Many small objects written behind whoever puts them: the mirror of a stream.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use super::options::CreateOptions;
use super::put::{Whole, put_whole};
use super::written::Written;
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::send::memory::Reservation;
use crate::stream::turns::{Bulk, Counted, Needs, Ready, Turns};

/// How far a sink writes behind.
///
/// ```
/// use s3stream_core::SinkOptions;
/// let options = SinkOptions::new().concurrency(32);
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SinkOptions {
    concurrency: usize,
}

impl Default for SinkOptions {
    fn default() -> Self {
        SinkOptions { concurrency: 16 }
    }
}

impl SinkOptions {
    /// Up to 16 requests in flight.
    pub fn new() -> Self {
        SinkOptions::default()
    }

    /// At most so many requests in flight, 1 to 256; fewer where more bring nothing, or where
    /// the server asks for fewer.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.clamp(1, 256);
        self
    }
}

/// Objects that are stored one by one, several at once, behind whoever puts them.
///
/// A put returns as soon as there is room for the next one; what becomes of it is told by
/// [`next`](ObjectSink::next), [`results`](ObjectSink::results) and
/// [`finish`](ObjectSink::finish), in the order of the puts. One that fails does not stop the
/// others. Each object is one PutObject, and whole or not there at all. Two puts of the same key
/// at once leave one of the two.
///
/// Dropping it cancels what has not been answered: such objects may be there or not.
pub struct ObjectSink {
    line: Arc<Line>,
    /// Not told yet, in the order of the puts.
    outcomes: VecDeque<Expected>,
    cancel: CancellationToken,
}

/// What has become of one put.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PutOutcome {
    /// The bucket that was put to.
    pub bucket: String,
    /// The key, byte for byte.
    pub key: String,
    /// The stored object, or why there is none. The error names bucket and key too.
    pub result: Result<Written>,
}

struct Expected {
    bucket: String,
    key: String,
    result: oneshot::Receiver<Result<Written>>,
}

/// One object on its way.
struct Job {
    bucket: String,
    key: String,
    whole: Whole,
    options: CreateOptions,
    /// Its bytes, from the put to the reply.
    held: Reservation,
    cancel: CancellationToken,
    tell: oneshot::Sender<Result<Written>>,
}

/// Jobs in the order of the puts; requests are sent as they come to the front.
struct Line {
    lane: Lane,
    turns: Turns<Job>,
    epoch: Instant,
    /// Something has ended.
    done: Notify,
}

impl ObjectSink {
    pub(crate) fn new(session: &Session, lane: Lane, options: SinkOptions) -> Self {
        let counted = counted(session);
        let turns = Turns::new(Arc::clone(&session.memory), options.concurrency, counted);
        let line = Line { lane, turns, epoch: Instant::now(), done: Notify::new() };
        let cancel = session.cancel.child_token();
        ObjectSink { line: Arc::new(line), outcomes: VecDeque::new(), cancel }
    }

    /// Adds an object, and waits until there is room for another one.
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be sent, `Cancelled`. An object's own failure is told
    /// with the results.
    pub async fn put(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<()> {
        self.push(bucket, key, bytes, options)?;
        self.room().await
    }

    /// Adds an object without waiting: for callers who ask [`has_room`](ObjectSink::has_room).
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be sent, `Cancelled`; it is not among the results then.
    pub fn push(
        &mut self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        options: CreateOptions,
    ) -> Result<()> {
        super::check_place("put", bucket, key)?;
        self.check_cancelled()?;
        let bytes: Bytes = bytes.into();
        let memory = &self.line.lane.session().memory;
        let held = memory.reserve(bytes.len() as u64);
        let (tell, result) = oneshot::channel();
        let job = Job {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            whole: Whole::of(bytes),
            options,
            held,
            cancel: self.cancel.clone(),
            tell,
        };
        self.outcomes.push_back(Expected {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            result,
        });
        let needs = Needs { memory: 0, bulk: Bulk::Small };
        self.line.launch(self.line.turns.push(job, needs));
        Ok(())
    }

    /// Whether another object is welcome: a few may wait in line, and `memory_limit` has room.
    pub fn has_room(&self) -> bool {
        self.line.has_room()
    }

    /// Waits until another object is welcome.
    ///
    /// # Errors
    /// `Cancelled` only.
    pub async fn room(&self) -> Result<()> {
        while !self.line.has_room() {
            self.line.launch(self.line.turns.press());
            let done = self.line.done.notified();
            if self.cancel.run_until_cancelled(done).await.is_none() {
                return self.check_cancelled();
            }
        }
        Ok(())
    }

    /// What has become of the oldest put that was not told yet; `None` if all were told.
    ///
    /// # Errors
    /// `Cancelled` only.
    pub async fn next(&mut self) -> Result<Option<PutOutcome>> {
        self.check_cancelled()?;
        let Some(expected) = self.outcomes.front_mut() else { return Ok(None) };
        self.line.launch(self.line.turns.press());
        let result = (&mut expected.result).await;
        Ok(self.outcomes.pop_front().map(|expected| expected.outcome(result)))
    }

    /// What is known without waiting, in the order of the puts, each once.
    pub fn results(&mut self) -> Vec<PutOutcome> {
        let mut results = Vec::new();
        while let Some(expected) = self.outcomes.front_mut() {
            let result = expected.result.try_recv();
            if matches!(result, Err(oneshot::error::TryRecvError::Empty)) {
                break;
            }
            results.extend(self.outcomes.pop_front().map(|expected| expected.outcome(result)));
        }
        results
    }

    /// Waits for all that was put, and tells what was not told yet.
    ///
    /// # Errors
    /// `Cancelled` only.
    pub async fn finish(mut self) -> Result<Vec<PutOutcome>> {
        let mut results = Vec::with_capacity(self.outcomes.len());
        while let Some(outcome) = self.next().await? {
            results.push(outcome);
        }
        Ok(results)
    }

    /// Ends what is under way and all waits, with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.cancel.clone())
    }

    fn check_cancelled(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "").at("put", None, None));
        }
        Ok(())
    }
}

impl Drop for ObjectSink {
    fn drop(&mut self) {
        self.cancel.cancel();
        drop(self.line.turns.clear());
    }
}

impl Expected {
    fn outcome<E>(self, result: Result<Result<Written>, E>) -> PutOutcome {
        let result = result.unwrap_or_else(|_| Err(ended()));
        let result = result.map_err(|error| match error.key() {
            Some(_) => error,
            None => error.at("put", Some(&self.bucket), Some(&self.key)),
        });
        PutOutcome { bucket: self.bucket, key: self.key, result }
    }
}

impl Line {
    /// Memory is waited for only while something is under way that gives it back.
    fn has_room(&self) -> bool {
        let memory = &self.lane.session().memory;
        let waiting = self.turns.waiting();
        let is_full = memory.used() > memory.limit();
        waiting < self.turns.longest() && !(is_full && (waiting > 0 || self.turns.in_flight() > 0))
    }

    fn launch(self: &Arc<Self>, ready: Vec<Ready<Job>>) {
        for Ready { job, credit: _ } in ready {
            let seat = Seat { line: Arc::clone(self) };
            let session = Arc::clone(self.lane.session());
            self.lane.spawn(async move {
                let seat = seat;
                let Job { bucket, key, whole, options, held, cancel, tell } = job;
                let place = (bucket.as_str(), key.as_str());
                let mut budget = session.budget();
                let result =
                    put_whole(&session, place, &whole, &options, &mut budget, &cancel).await;
                drop((whole, held));
                // Nobody wants to know any more.
                let _ = tell.send(result);
                drop(seat);
            });
        }
    }
}

fn counted(session: &Session) -> Counted {
    let stats = session.counters.read();
    Counted { throttles: stats.throttles, received: stats.bytes }
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the runtime that sends it has ended")
}

/// The seat of a task among those in flight, however it ends.
struct Seat {
    line: Arc<Line>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let line = &self.line;
        let counted = counted(line.lane.session());
        line.launch(line.turns.completed(line.epoch.elapsed(), counted));
        // What was told is kept for whoever asks: it does not hold up the next ones.
        line.launch(line.turns.handed_out(Bulk::Small));
        line.done.notify_one();
    }
}
