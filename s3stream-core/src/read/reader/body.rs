//! A body in progress: what is taken from it, and when it will not move.

use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::sink::{Got, Sink};
use super::{ObjectReader, State};
use crate::error::{Error, ErrorKind};
use crate::proto::retry::Failure;
use crate::send::failure::stalled;
use crate::send::from_broken;

impl ObjectReader {
    /// Moves the body on, or finds out that it will not move. Returns how many bytes went
    /// straight into the consumer's buffer; others are ready to be popped.
    pub(super) fn poll_stream(&mut self, cx: &mut Context<'_>, sink: &mut Sink<'_>) -> Poll<usize> {
        if std::mem::take(&mut self.is_stale) {
            // The server may be about to close it, or has: a deliberate drop costs nothing.
            self.state = State::Idle;
            return Poll::Ready(0);
        }
        let most = match self.read_ahead(sink.most) {
            0 => return Poll::Ready(0),
            most => most,
        };
        let is_direct = self.is_direct();
        let State::Streaming(slot) = &self.state else { return Poll::Ready(0) };
        slot.await_body();
        let Some(polled) = slot.flow().as_mut().map(|flow| {
            let wanted = most.min(sink.buffer.len());
            let direct =
                is_direct.then(|| flow.poll_into(cx, &mut sink.buffer[..wanted])).flatten();
            direct.map_or_else(
                || flow.poll_piece(cx).map_ok(Got::Piece),
                |polled| polled.map(|read| Some(read.map(Got::Filled))),
            )
        }) else {
            // Too many readers stand paused: this one lost its connection.
            self.state = State::Idle;
            return Poll::Ready(0);
        };
        let mut filled = 0;
        match polled {
            Poll::Ready(Some(Ok(Got::Piece(piece)))) => self.take(piece, most),
            Poll::Ready(Some(Ok(Got::Filled(bytes)))) => {
                filled = self.take_filled(&sink.buffer[..bytes]);
            }
            Poll::Ready(None) if self.window.is_complete() => self.finish(),
            Poll::Ready(None) => {
                let missing = self.window.remaining();
                let message = format!("the body ended {missing} bytes short");
                self.reopen(Some((Failure::Transient, Error::new(ErrorKind::Connection, message))));
            }
            Poll::Ready(Some(Err(broken))) => self.reopen(Some(from_broken(&broken))),
            Poll::Pending => {
                if self.poll_cancelled::<()>(cx).is_ready() {
                    // Since the loop above looked at the token: it looks again.
                    return Poll::Ready(0);
                }
                ready!(self.poll_stall(cx));
                let broken = stalled(self.target.session.config.stall_timeout);
                self.reopen(Some(from_broken(&broken)));
            }
        }
        Poll::Ready(filled)
    }

    /// Whether what comes next is just what the consumer wants next, and can be hashed where
    /// it lies.
    pub(super) fn is_direct(&self) -> bool {
        !self.is_held() && self.window.is_exact() && self.prover.takes_slices()
    }

    /// Counts and hashes what lies in the consumer's buffer already; 0 if it is not to be had
    /// after all, because it was the last and the digests disagree.
    fn take_filled(&mut self, bytes: &[u8]) -> usize {
        self.stall = None;
        // A server that sends more than a range was asked for: the rest is not wanted.
        let wanted = usize::try_from(self.window.remaining()).unwrap_or(usize::MAX);
        let bytes = &bytes[..bytes.len().min(wanted)];
        self.target.session.counters.received(bytes.len());
        self.window.advance(bytes.len());
        self.prover.update_slice(bytes);
        if self.window.is_complete() {
            self.finish();
            if !matches!(self.state, State::Ended | State::Checking(_)) {
                return 0;
            }
        }
        bytes.len()
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
        Poll::Pending
    }
}
