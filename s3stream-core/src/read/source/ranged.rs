//! One object over several connections: ranges of it, in order.

use std::task::{Context, Poll, ready};

use super::ahead::UnderWay;
use super::course::Course;
use super::{Direct, Source, Yield, take};
use crate::error::{Error, ErrorKind, Result};
use crate::read::sink::Sink;

/// A read whose bytes come from the ranges that were sent for ahead of it.
pub(crate) struct Ranged {
    course: Course,
    under_way: Option<UnderWay>,
}

impl Ranged {
    /// Goes on with a course that has sent for ranges.
    pub(super) fn new(mut course: Course) -> Self {
        let under_way = course.ahead.take();
        Ranged { course, under_way }
    }

    pub(super) fn course(&self) -> &Course {
        &self.course
    }

    /// The same read over one connection, from where it stands.
    pub(crate) fn stop(self) -> Direct {
        let Ranged { mut course, under_way: _ } = self;
        course.ahead.end();
        Direct::resume(course)
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Poll<Result<Yield>> {
        let polled = self.advance(cx, sink);
        self.course.measure(&polled);
        polled
    }

    fn advance(&mut self, cx: &mut Context<'_>, sink: &mut Sink<'_>) -> Poll<Result<Yield>> {
        loop {
            if self.course.window.is_complete() {
                return Poll::Ready(Ok(Yield::End(self.course.effort())));
            }
            let Some(range) = self.under_way.as_mut().and_then(UnderWay::front) else {
                // It did not pay, and the last range has been read.
                return Poll::Ready(Ok(Yield::Successor(self.go_on_alone())));
            };
            range.await_reply();
            match ready!(range.poll(cx, take(sink)))? {
                // Its window has held it against the object that was opened.
                Yield::Opened(_) => {}
                Yield::Piece(piece) => {
                    self.course.advance(piece.len());
                    return Poll::Ready(Ok(Yield::Piece(piece)));
                }
                Yield::End(effort) => {
                    self.course.budget.join(effort.resumes, effort.retries);
                    self.next_range();
                }
                Yield::Filled(_) | Yield::Successor(_) => {
                    let error = Error::new(ErrorKind::Internal, "a range changed hands");
                    return Poll::Ready(Err(self.course.target.at(error)));
                }
            }
        }
    }

    fn next_range(&mut self) {
        let (connections, bytes) = (self.course.ahead.connections(), self.course.ahead.range());
        if let Some(under_way) = &mut self.under_way {
            under_way.pass();
            if connections > 1 {
                under_way.advance(connections, bytes);
            }
        }
    }

    fn go_on_alone(&mut self) -> Source {
        let mut course = self.course.take();
        course.ahead.end();
        Source::Direct(Box::new(Direct::resume(course)))
    }
}
