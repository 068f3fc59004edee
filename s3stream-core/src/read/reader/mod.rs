//! The reader: a stream of verified bytes that outlives its connections.

mod end;
mod reopen;
mod traits;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use tokio::time::Sleep;
use tokio_util::sync::WaitForCancellationFutureOwned;

use self::reopen::Reopened;
use super::OpenOptions;
use super::open::{Opened, Target};
use super::proof::Prover;
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::{ETag, Object};
use crate::proto::retry::{Budget, Failure};
use crate::proto::window::Window;
use crate::send::failure::stalled;
use crate::send::paused::Slot;
use crate::send::{Session, from_broken};
use crate::verdict::{Method, Verdict};

/// An object up to this size is held until it is proven: a damaged one is then read again,
/// and not a byte of it is ever delivered.
const HELD_UNTIL_PROVEN: u64 = 64 * 1024;

/// One object being read; ends only when its bytes are proven to be the server's.
///
/// It is a `Stream` of `Bytes` and a `tokio::io::AsyncRead`. A pause of any length between
/// two calls is normal: no timer runs meanwhile, and the connection is made anew if it has
/// gone. An error ends the reader for good: every later read repeats it.
///
/// See "GetObject" in the Amazon S3 API reference; RFC 9110, 14 for ranges.
pub struct ObjectReader {
    target: Target,
    object: Object,
    window: Window,
    budget: Budget,
    prover: Prover,
    state: State,
    /// Pieces of a small object that wait for its proof, or the one to be delivered next.
    ready: VecDeque<Bytes>,
    has_delivered: bool,
    has_reread: bool,
    verdict: Option<Verdict>,
    /// Since when the consumer has been away; `None` while it waits for us.
    away_since: Option<Instant>,
    /// The consumer was away for so long that the connection is not worth keeping.
    is_stale: bool,
    stall: Option<Pin<Box<Sleep>>>,
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

enum State {
    /// The registry of paused bodies may take its connection away.
    Streaming(Arc<Slot>),
    /// A request is under way to take the body up again; the budget and window travel with it.
    Reopening(Pin<Box<dyn Future<Output = Reopened> + Send>>),
    /// The digests disagree: the parts' sizes are being checked.
    Checking(Pin<Box<dyn Future<Output = Result<bool>> + Send>>),
    /// Nothing was asked for yet, or the connection was given up on purpose.
    Idle,
    Ended,
    Failed(Error),
}

impl ObjectReader {
    pub(crate) async fn open(
        session: &Arc<Session>,
        bucket: &str,
        key: &str,
        options: OpenOptions,
    ) -> Result<Self> {
        let target = Target {
            session: Arc::clone(session),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: options.version_id,
            if_match: match &options.if_match {
                None => None,
                // A text that is no ETag must not silently mean "any".
                Some(text) => Some(ETag::parse(text).ok_or_else(|| {
                    Error::invalid("if_match is not an ETag").at("open", Some(bucket), Some(key))
                })?),
            },
            cancel: session.cancel.child_token(),
        };
        target.check()?;
        let mut budget = session.budget();
        if options.extent.length == Some(0) {
            return ObjectReader::of_nothing(target, options.extent.offset).await;
        }
        let mut window = Window::new(options.extent);
        let Opened { head, body } = target.get(&mut window, &mut budget).await?;
        let prover = if window.is_whole() {
            Prover::of_reply(&head, &target).await?
        } else {
            Prover::of_length()
        };
        let state = State::Streaming(session.bodies.admit(body));
        Ok(ObjectReader::new(target, head.object, window, budget, prover, state))
    }

    /// A read of no bytes still says whether the object is there.
    async fn of_nothing(target: Target, offset: u64) -> Result<Self> {
        let version = target.version_id.clone();
        let object =
            super::head(&target.session, &target.bucket, &target.key, version.as_deref()).await?;
        let extent = crate::proto::window::Extent { offset, length: Some(0) };
        let window = Window::pinned(extent, &object);
        let budget = target.session.budget();
        Ok(ObjectReader::new(target, object, window, budget, Prover::of_length(), State::Idle))
    }

    fn new(
        target: Target,
        object: Object,
        window: Window,
        budget: Budget,
        prover: Prover,
        state: State,
    ) -> Self {
        ObjectReader {
            target,
            object,
            window,
            budget,
            prover,
            state,
            ready: VecDeque::new(),
            has_delivered: false,
            has_reread: false,
            verdict: None,
            away_since: Some(Instant::now()),
            is_stale: false,
            stall: None,
            cancelled: None,
        }
    }

    /// The object, as the reply that was opened describes it.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The verdict; `None` until the end has been reached and proven.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Offset in the object of the next byte, in bytes.
    pub fn position(&self) -> u64 {
        let waiting: usize = self.ready.iter().map(Bytes::len).sum();
        self.window.position() - waiting as u64
    }

    /// Goes on at another offset; from there on the proof is by length: verdict `range`.
    ///
    /// Nothing is requested until the next read. An offset beyond the end reads as the end.
    /// A reader that has failed stays failed.
    pub fn seek(&mut self, offset: u64) {
        if matches!(self.state, State::Failed(_)) || offset == self.position() {
            return;
        }
        let extent = crate::proto::window::Extent { offset, length: None };
        self.window = Window::pinned(extent, &self.object);
        self.prover = Prover::of_length();
        self.ready.clear();
        self.verdict = None;
        self.state = State::Idle;
    }

    /// Ends a wait in another task or thread with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.target.cancel.clone())
    }

    /// The next piece of the object, never empty; `None` at the proven end.
    ///
    /// # Errors
    /// `Changed` if another object is under the key now, `Integrity` if length or checksum
    /// disagree, those of a failed request when the retries are used up.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        self.next_up_to(usize::MAX).await
    }

    /// The next piece, of `most` bytes at most.
    pub(crate) async fn next_up_to(&mut self, most: usize) -> Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.poll_up_to(cx, most)).await.transpose()
    }

    fn poll_up_to(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<Option<Result<Bytes>>> {
        let idle_timeout = self.target.session.config.idle_timeout;
        // Measured where the consumer comes back, not while it waits for us.
        if self.away_since.take().is_some_and(|since| since.elapsed() >= idle_timeout) {
            self.is_stale = true;
        }
        let polled = self.poll(cx, most);
        if let Poll::Ready(outcome) = &polled {
            self.away_since = Some(Instant::now());
            self.stall = None;
            if let State::Streaming(slot) = &self.state {
                self.target.session.bodies.touch(slot);
            }
            match outcome {
                Some(Ok(piece)) => {
                    self.has_delivered = true;
                    self.budget.delivered(piece.len() as u64);
                }
                Some(Err(error)) => self.state = State::Failed(error.clone()),
                None => {}
            }
        }
        polled
    }

    fn poll(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<Option<Result<Bytes>>> {
        loop {
            if let Some(piece) = self.pop_ready(most) {
                return Poll::Ready(Some(Ok(piece)));
            }
            if self.target.cancel.is_cancelled() && !matches!(self.state, State::Ended) {
                self.state = State::Failed(self.cancelled());
            }
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error.clone()))),
                State::Idle if self.window.is_complete() => self.finish(),
                State::Idle => self.reopen(None),
                State::Streaming(_) => ready!(self.poll_stream(cx, most)),
                State::Reopening(reopening) => match reopening.as_mut().poll(cx) {
                    Poll::Pending => return self.poll_cancelled(cx),
                    Poll::Ready(reopened) => self.reopened(reopened),
                },
                State::Checking(checking) => {
                    let Poll::Ready(is_even) = checking.as_mut().poll(cx) else {
                        return self.poll_cancelled(cx);
                    };
                    match is_even {
                        Ok(true) => self.damaged("the composite checksum of its parts disagrees"),
                        Ok(false) => self.conclude(Method::Length),
                        Err(error) => self.state = State::Failed(error),
                    }
                }
            }
        }
    }

    fn pop_ready(&mut self, most: usize) -> Option<Bytes> {
        if self.is_held() {
            return None;
        }
        let first = self.ready.front_mut()?;
        if first.len() > most {
            return Some(first.split_to(most));
        }
        self.ready.pop_front()
    }

    /// Whether a small object still waits for its proof.
    fn is_held(&self) -> bool {
        self.verdict.is_none()
            && self.window.is_whole()
            && self.object.size <= HELD_UNTIL_PROVEN
            && !matches!(self.state, State::Failed(_))
    }

    /// Moves the body on by one piece, or finds out that it will not move.
    fn poll_stream(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<()> {
        if std::mem::take(&mut self.is_stale) {
            // The server may be about to close it, or has: a deliberate drop costs nothing.
            self.state = State::Idle;
            return Poll::Ready(());
        }
        let State::Streaming(slot) = &self.state else { return Poll::Ready(()) };
        slot.await_body();
        let Some(polled) = slot.flow().as_mut().map(|flow| flow.poll_piece(cx)) else {
            // Too many readers stand paused: this one lost its connection.
            self.state = State::Idle;
            return Poll::Ready(());
        };
        match polled {
            Poll::Ready(Some(Ok(piece))) => self.take(piece, most),
            Poll::Ready(None) if self.window.is_complete() => self.finish(),
            Poll::Ready(None) => {
                let missing = self.window.remaining();
                let message = format!("the body ended {missing} bytes short");
                self.reopen(Some((Failure::Transient, Error::new(ErrorKind::Connection, message))));
            }
            Poll::Ready(Some(Err(broken))) => self.reopen(Some(from_broken(&broken))),
            Poll::Pending => {
                ready!(self.poll_stall(cx));
                let broken = stalled(self.target.session.config.stall_timeout);
                self.reopen(Some(from_broken(&broken)));
            }
        }
        Poll::Ready(())
    }

    /// Takes of a piece what the consumer wants now, hashes that, and leaves the rest with
    /// its connection: a paused reader may lose both.
    fn take(&mut self, piece: Bytes, most: usize) {
        self.stall = None;
        let mut rest = self.window.trim(piece);
        let most = if self.is_held() { usize::MAX } else { most };
        let piece = rest.split_to(most.min(rest.len()));
        self.target.session.counters.received(piece.len());
        self.window.advance(piece.len());
        if !piece.is_empty() {
            self.prover.update(&piece);
            self.ready.push_back(piece);
        }
        if !rest.is_empty()
            && let State::Streaming(slot) = &self.state
            && let Some(flow) = slot.flow().as_mut()
        {
            flow.keep(rest);
        }
        if self.window.is_complete() {
            self.finish();
        }
    }

    /// Pending while the reader waits for bytes, ready when it has waited too long. The
    /// timer is made when a wait begins and dropped when it ends: it never runs in a pause.
    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timeout = self.target.session.config.stall_timeout;
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        if stall.as_mut().poll(cx).is_ready() {
            self.stall = None;
            return Poll::Ready(());
        }
        // Wakes this task when somebody cancels; the loop above looks at the token itself.
        let _ = self.poll_cancelled(cx);
        Poll::Pending
    }

    fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let token = &self.target.cancel;
        let cancelled =
            self.cancelled.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
        if cancelled.as_mut().poll(cx).is_ready() {
            let error = self.cancelled();
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Pending
    }

    fn cancelled(&self) -> Error {
        self.target.at(Error::new(ErrorKind::Cancelled, ""))
    }
}
