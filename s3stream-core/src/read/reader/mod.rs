//! The reader: a stream of verified bytes that outlives its connections.

mod ahead;
mod begin;
mod body;
mod end;
mod hand_over;
mod reopen;
mod sink;
mod traits;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use self::ahead::Ahead;
use self::reopen::Reopened;
use self::sink::{Got, Sink};
use super::feed::{Feed, Taken};
use super::open::Target;
use super::proof::Prover;
use super::ranges::Ranges;
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::Object;
use crate::proto::retry::Budget;
use crate::proto::window::{Extent, Window};
use crate::send::paused::Slot;
use crate::verdict::{Method, Unproven, Verdict};

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
    /// No reply has described the object yet.
    is_unopened: bool,
    has_delivered: bool,
    has_reread: bool,
    verdict: Option<Verdict>,
    /// Since when the consumer has been away; `None` while it waits for us.
    away_since: Option<Instant>,
    /// The consumer was away for so long that the connection is not worth keeping.
    is_stale: bool,
    stall: Option<Pin<Box<Sleep>>>,
    /// How it is read over several connections, and whether.
    ahead: Ahead,
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

enum State {
    /// A task fetches the object, and proves it.
    Fed(Feed),
    /// Tasks fetch it range by range; proving it is left to this reader.
    Ranged(Box<Ranges>),
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
    /// Nothing is requested until the next read. An offset at or beyond the end reads as the end;
    /// in a reader that has not been opened yet the read fails, as an open with that offset does
    /// (416): see [`opened`](ObjectReader::opened). A reader that has failed stays failed.
    pub fn seek(&mut self, offset: u64) {
        if matches!(self.state, State::Failed(_)) || offset == self.position() {
            return;
        }
        let extent = Extent { offset, length: None };
        self.window = if self.is_unopened {
            // What others said of the object must not be taken for what was opened.
            Window::new(extent)
        } else {
            Window::pinned(extent, &self.object)
        };
        self.prover = Prover::of_length(Unproven::Range);
        self.ready.clear();
        self.ahead.reset();
        self.verdict = None;
        self.state = State::Idle;
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.target.cancel
    }

    pub(crate) fn at(&self, error: Error) -> Error {
        self.target.at(error)
    }

    /// Bytes still to be delivered; all that is known before the first reply is the object's.
    pub(crate) fn remaining(&self) -> u64 {
        let waiting: usize = self.ready.iter().map(Bytes::len).sum();
        self.window.remaining() + waiting as u64
    }

    /// Gives up the connection on purpose; the next read makes another.
    pub(crate) fn park(&mut self) {
        if matches!(self.state, State::Streaming(_)) {
            self.state = State::Idle;
        }
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
        let waiting = Waiting(self);
        std::future::poll_fn(|cx| waiting.0.poll_up_to(cx, usize::MAX)).await.transpose()
    }

    /// The consumer goes away, with bytes or without: no timer may run meanwhile, and its
    /// connection may be taken for others.
    pub(crate) fn leave(&mut self) {
        self.stall = None;
        self.away_since = Some(Instant::now());
        if let State::Streaming(slot) = &self.state {
            self.target.session.bodies.touch(slot);
        }
    }

    /// The consumer is back: its absence is measured here, not while it waits for us.
    fn come_back(&mut self) {
        let idle_timeout = self.target.session.config.idle_timeout;
        if self.away_since.take().is_some_and(|since| since.elapsed() >= idle_timeout) {
            self.is_stale = true;
        }
    }

    pub(crate) fn poll_up_to(
        &mut self,
        cx: &mut Context<'_>,
        most: usize,
    ) -> Poll<Option<Result<Bytes>>> {
        let got = ready!(self.poll_sink(cx, &mut Sink { most, buffer: &mut [] }));
        Poll::Ready(got.map(|got| got.map(Got::into_piece)))
    }

    /// Reads into `buffer`, straight from the socket where that can be done; 0 only at the
    /// proven end, or for an empty buffer.
    pub(crate) fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let got = ready!(self.poll_sink(cx, &mut Sink { most: buffer.len(), buffer }));
        Poll::Ready(match got {
            None => Ok(0),
            Some(Err(error)) => Err(error),
            Some(Ok(Got::Filled(bytes))) => Ok(bytes),
            Some(Ok(Got::Piece(piece))) => {
                sink::copy(&piece, &mut buffer[..piece.len()]);
                Ok(piece.len())
            }
        })
    }

    fn poll_sink(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Poll<Option<Result<Got>>> {
        self.come_back();
        let polled = self.poll(cx, sink);
        self.measure(&polled);
        if let Poll::Ready(outcome) = &polled {
            self.leave();
            match outcome {
                Some(Ok(got)) => {
                    self.has_delivered = true;
                    self.budget.delivered(got.len() as u64);
                }
                Some(Err(error)) => self.state = State::Failed(error.clone()),
                None => {}
            }
        }
        polled
    }

    fn poll(&mut self, cx: &mut Context<'_>, sink: &mut Sink<'_>) -> Poll<Option<Result<Got>>> {
        let most = sink.most;
        loop {
            if let Some(piece) = self.pop_ready(most) {
                return Poll::Ready(Some(Ok(Got::Piece(piece))));
            }
            if self.target.cancel.is_cancelled() && !matches!(self.state, State::Ended) {
                self.state = State::Failed(self.cancelled());
            }
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Failed(error) => return Poll::Ready(Some(Err(error.clone()))),
                State::Idle if self.window.is_complete() => self.finish(),
                State::Idle => self.reopen(None),
                State::Streaming(_) => {
                    let filled = ready!(self.poll_stream(cx, sink));
                    if filled > 0 {
                        return Poll::Ready(Some(Ok(Got::Filled(filled))));
                    }
                }
                State::Ranged(ranges) => match ranges.poll(cx, most) {
                    Poll::Pending => return self.poll_cancelled(cx),
                    Poll::Ready(found) => self.take_of_range(found),
                },
                State::Fed(feed) => match feed.poll_take(cx, most) {
                    Poll::Pending => match feed.take_reader() {
                        Some(reader) => self.take_over(*reader),
                        None => return self.poll_cancelled(cx),
                    },
                    Poll::Ready(Taken::Piece(piece)) => {
                        self.window.advance(piece.len());
                        return Poll::Ready(Some(Ok(Got::Piece(piece))));
                    }
                    Poll::Ready(Taken::End(Ok(verdict))) => {
                        self.verdict = Some(verdict);
                        self.state = State::Ended;
                    }
                    Poll::Ready(Taken::End(Err(error))) => self.state = State::Failed(error),
                },
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
                        Ok(false) => self.conclude(Method::Length, Some(Unproven::NotCheckable)),
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

    fn poll_cancelled<T>(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
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

/// A wait of the consumer; whoever drops it in the middle has left the reader.
struct Waiting<'a>(&'a mut ObjectReader);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.0.away_since.is_none() {
            self.0.leave();
        }
    }
}
