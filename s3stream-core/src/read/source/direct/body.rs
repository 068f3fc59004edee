//! A body in progress: what is taken from it, and when it will not move.

use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::super::Yield;
use super::super::course::{Backing, Course};
use super::{Connection, Direct};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::retry::Failure;
use crate::proto::window::BodyEnd;
use crate::read::piece::Piece;
use crate::read::sink::Sink;
use crate::send::failure::stalled;
use crate::send::from_broken;
use crate::transport::Broken;

/// What a body gives.
enum Got {
    Bytes(Bytes),
    Filled(usize),
}

impl Direct {
    /// Moves the body on, or finds out that it will not move; nothing if it is to be looked
    /// at again.
    pub(super) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut Sink<'_>,
        most: usize,
    ) -> Poll<Result<Option<Yield>>> {
        let Connection::Open(slot) = &self.connection else { return Poll::Ready(Ok(None)) };
        let mut flow = slot.come_back();
        let Some(body) = flow.as_mut() else {
            // Too many readers stand paused: this one lost its connection.
            drop(flow);
            self.connection = Connection::None;
            return Poll::Ready(Ok(None));
        };
        let direct = match sink {
            // What comes next is just what the consumer wants next.
            Sink::Fill(buffer) if self.course.window.is_exact() => {
                let wanted = most.min(buffer.len());
                body.poll_into(cx, &mut buffer[..wanted])
            }
            _ => None,
        };
        let polled = match direct {
            Some(polled) => polled.map(|read| Some(read.map(Got::Filled))),
            None => body.poll_piece(cx).map_ok(Got::Bytes),
        };
        drop(flow);
        if polled.is_ready() {
            self.pause.restart();
        }
        match polled {
            Poll::Ready(Some(Ok(Got::Bytes(bytes)))) => Poll::Ready(self.cut(bytes, most)),
            Poll::Ready(Some(Ok(Got::Filled(bytes)))) => Poll::Ready(Ok(self.filled(bytes))),
            Poll::Ready(None) => {
                self.ended()?;
                Poll::Ready(Ok(None))
            }
            Poll::Ready(Some(Err(broken))) => {
                self.broken(&broken);
                Poll::Ready(Ok(None))
            }
            Poll::Pending => {
                let timeout = self.course.target.session.config.stall_timeout;
                ready!(self.pause.poll_stall(cx, timeout));
                self.broken(&stalled(timeout));
                Poll::Ready(Ok(None))
            }
        }
    }

    /// The body has ended where its framing says.
    fn ended(&mut self) -> Result<()> {
        let Course { target, window, .. } = &mut self.course;
        let ended = window.body_ended().map_err(|refused| target.refuse(refused))?;
        match (ended, self.course.backing) {
            (BodyEnd::Read, _) => {}
            // A proxy closes what its server broke off: only a digest sees that apart.
            (BodyEnd::Closed, Backing::Length) => {
                return Err(self.course.target.refuse(self.course.window.ended_short()));
            }
            (BodyEnd::Short | BodyEnd::Closed, _) => {
                let missing = self.course.remaining();
                let error = format!("the body ended {missing} bytes short");
                let error = Error::new(ErrorKind::Connection, error);
                self.reopen(Some((Failure::Transient, error)));
            }
        }
        Ok(())
    }

    fn broken(&mut self, broken: &Broken) {
        self.reopen(Some(from_broken(broken)));
    }

    /// Counts what lies in the consumer's buffer already.
    fn filled(&mut self, bytes: usize) -> Option<Yield> {
        // A server that sends more than a range was asked for: the rest is not wanted.
        let wanted = usize::try_from(self.course.remaining()).unwrap_or(usize::MAX).min(bytes);
        let start = self.course.position();
        self.count(wanted);
        (wanted > 0).then(|| Yield::Filled(start..self.course.position()))
    }

    /// Takes of a piece what the consumer wants now, and leaves the rest with its connection:
    /// a paused reader may lose both.
    fn cut(&mut self, bytes: Bytes, most: usize) -> Result<Option<Yield>> {
        let course = &mut self.course;
        let trimmed = course.window.trim(bytes);
        let mut rest = trimmed.map_err(|refused| course.target.refuse(refused))?;
        let bytes = rest.split_to(most.min(rest.len()));
        let start = self.course.position();
        self.count(bytes.len());
        if !rest.is_empty()
            && let Connection::Open(slot) = &self.connection
            && let Some(flow) = slot.held().as_mut()
        {
            flow.keep(rest);
        }
        Ok((!bytes.is_empty()).then(|| Yield::Piece(Piece::new(start, bytes))))
    }

    fn count(&mut self, bytes: usize) {
        self.course.target.session.counters.received(bytes);
        self.course.advance(bytes);
    }
}
