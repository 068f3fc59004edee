//! One object from one connection at a time, taken up again as often as it takes.

mod body;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::course::{Backing, Course};
use super::pause::{Absence, Pause};
use super::queue::Moving;
use super::ranged::Ranged;
use super::{Source, Yield};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::retry::{Budget, Failure, Resume};
use crate::proto::window::Window;
use crate::read::evidence::Evidence;
use crate::read::open::Opened;
use crate::read::sink::Sink;
use crate::read::{Connections, Target};
use crate::send::Session;
use crate::send::paused::Flow;
use crate::send::slots::Slot;
use crate::transport::Body;

/// For less, a feed is as cheap, and the way between threads is saved.
const WORTH_MOVING: u64 = 1024 * 1024;

/// A read that whoever polls it drives itself.
pub(crate) struct Direct {
    course: Course,
    connection: Connection,
    pause: Pause,
    /// What becomes of it once it is opened.
    connections: Connections,
    describes: Describes,
}

/// Whether its first reply is described to whoever reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Describes {
    Reply,
    /// It is a second read of an object that is described already.
    Nothing,
}

enum Connection {
    /// Nothing was asked for yet, or the connection was given up on purpose.
    None,
    /// A request is under way, on copies of window and budget: until it has come to something
    /// the read stands where it stood.
    Opening(Pin<Box<dyn Future<Output = Opening> + Send>>),
    /// The registry of paused bodies may take the connection away.
    Open(Arc<Slot<Flow>>),
}

/// A body that has begun, and how long its head has taken.
struct Arrived {
    latency: Duration,
    body: Box<dyn Body>,
}

/// What comes back from a request.
struct Opening {
    window: Window,
    budget: Budget,
    opened: Result<(Arrived, Option<Box<Evidence>>)>,
}

impl Direct {
    /// A read of which nothing has been asked for yet.
    pub(crate) fn new(target: Target, window: Window, connections: Connections) -> Self {
        let budget = target.session.budget();
        Direct::from_course(Course::new(target, window, budget), connections)
    }

    fn from_course(course: Course, connections: Connections) -> Self {
        let (connection, pause, describes) = (Connection::None, Pause::new(), Describes::Reply);
        Direct { course, connection, pause, connections, describes }
    }

    /// A second read of an object, for its bytes alone: a digest is to compare them.
    pub(crate) fn again(target: Target, window: Window) -> Self {
        let mut direct = Direct::new(target, window, Connections::One);
        direct.course.backing = Backing::Digest;
        direct.describes = Describes::Nothing;
        direct
    }

    /// Goes on with a course that had other connections.
    pub(super) fn resume(course: Course) -> Self {
        Direct::from_course(course, Connections::One)
    }

    pub(crate) fn course(&self) -> &Course {
        &self.course
    }

    /// The same read at another place; what was found out and spent on the way stays so.
    pub(crate) fn at(self, window: Window) -> Self {
        let Direct { course, connection: _, pause: _, connections, describes } = self;
        let Course { target, window: _, budget, backing: _, mut ahead } = course;
        ahead.reset();
        let backing = Backing::Length;
        let course = Course { target, window, budget, backing, ahead };
        Direct { describes, ..Direct::from_course(course, connections) }
    }

    /// Counts what an earlier source of the same read took.
    pub(crate) fn join(&mut self, effort: crate::read::Effort) {
        self.course.budget.join(effort.resumes, effort.retries);
    }

    /// Repeats the read after a failure that is nobody's connection's: it costs an attempt.
    pub(crate) fn repeat(&mut self, error: Error) {
        self.reopen(Some((Failure::Transient, error)));
    }

    /// Sends the request, and returns what its reply says of the object.
    ///
    /// # Errors
    /// Those of a failed request, when the retries are used up.
    pub(crate) async fn open(&mut self) -> Result<Box<Evidence>> {
        std::future::poll_fn(|cx| self.poll_open(cx)).await
    }

    /// The same, to be polled.
    pub(crate) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<Evidence>>> {
        loop {
            match &mut self.connection {
                Connection::Open(_) => {
                    let error = Error::invalid("it is opened already");
                    return Poll::Ready(Err(self.course.target.at(error)));
                }
                Connection::None => self.reopen(None),
                Connection::Opening(opening) => {
                    let opening = ready!(opening.as_mut().poll(cx));
                    if let Some(evidence) = self.opened(opening)? {
                        return Poll::Ready(Ok(evidence));
                    }
                }
            }
        }
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Poll<Result<Yield>> {
        let idle_timeout = self.course.target.session.config.idle_timeout;
        if self.pause.come_back(idle_timeout) == Absence::Long {
            // A deliberate drop costs nothing.
            self.park();
        }
        let polled = self.advance(cx, sink);
        self.course.measure(&polled);
        // A description is nothing that the consumer goes away with.
        if polled.is_ready() && !matches!(polled, Poll::Ready(Ok(Yield::Opened(_)))) {
            self.leave();
        }
        polled
    }

    /// The consumer goes away, with bytes or without.
    pub(super) fn leave(&mut self) {
        self.pause.leave();
        if let Connection::Open(slot) = &self.connection {
            self.course.target.session.bodies.pause(slot);
        }
    }

    /// Gives up the connection on purpose; the next read makes another.
    pub(super) fn park(&mut self) {
        if matches!(self.connection, Connection::Open(_)) {
            self.connection = Connection::None;
        }
    }

    /// Whether a task that reads ahead should leave the rest to its consumer: then each byte
    /// is copied once less. Not where decryption could go on while the consumer is busy.
    pub(super) fn moving(&self) -> Moving {
        let course = &self.course;
        let pays = matches!(self.connection, Connection::Open(_))
            && course.window.is_whole()
            && course.window.is_exact()
            && course.remaining() >= WORTH_MOVING
            && course.ahead.is_single()
            && !course.target.session.config.service.endpoint().is_encrypted();
        if pays { Moving::Pays } else { Moving::Stays }
    }

    pub(super) fn relocate(self, session: &Arc<Session>) -> Self {
        // A connection stays in its runtime, and so does a request under way.
        let Direct { course, connection: _, pause: _, connections, describes } = self;
        let Course { target, window, budget, backing, mut ahead } = course;
        ahead.reset();
        let target = target.on(session, target.cancel.clone());
        let course = Course { target, window, budget, backing, ahead };
        Direct { describes, ..Direct::from_course(course, connections) }
    }

    /// Goes on in the runtime of its reader, at the very byte where it stands.
    pub(super) fn arrive(self, target: &Target) -> Self {
        let Direct { course, connection, pause, connections, describes } = self;
        let Course { target: before, window, budget, backing, ahead } = course;
        if !Arc::ptr_eq(&before.session, &target.session)
            && let Connection::Open(slot) = &connection
            && let Some(flow) = slot.held().as_mut()
        {
            flow.move_here();
        }
        let course = Course { target: target.clone(), window, budget, backing, ahead };
        Direct { course, connection, pause, connections, describes }
    }

    fn advance(&mut self, cx: &mut Context<'_>, sink: &mut Sink<'_>) -> Poll<Result<Yield>> {
        loop {
            match &mut self.connection {
                Connection::None if self.course.window.is_complete() => {
                    return Poll::Ready(Ok(Yield::End(self.course.effort())));
                }
                Connection::None => self.reopen(None),
                Connection::Opening(opening) => {
                    let opening = ready!(opening.as_mut().poll(cx));
                    if let Some(evidence) = self.opened(opening)? {
                        return Poll::Ready(Ok(Yield::Opened(evidence)));
                    }
                }
                Connection::Open(_) if self.course.window.is_complete() => {
                    return Poll::Ready(Ok(Yield::End(self.course.effort())));
                }
                Connection::Open(_) => {
                    let most = match self.course.send_ahead(sink.most()) {
                        0 => return Poll::Ready(Ok(Yield::Successor(self.go_on_in_ranges()))),
                        most => most,
                    };
                    if let Some(yielded) = ready!(self.poll_body(cx, sink, most))? {
                        return Poll::Ready(Ok(yielded));
                    }
                }
            }
        }
    }
}

impl Direct {
    /// Takes the object up where the consumer has left it.
    fn reopen(&mut self, failed: Option<(Failure, Error)>) {
        self.pause.restart();
        let course = &mut self.course;
        let target = course.target.clone();
        let (mut window, mut budget) = (course.window.clone(), course.budget.clone());
        let describes = self.describes;
        let why = if failed.is_some() { Resume::Forced } else { Resume::Deliberate };
        let begins = course.window.delivered() == 0 || course.ahead.was_planned();
        if !begins {
            target.session.counters.resume();
        }
        self.connection = Connection::Opening(Box::pin(async move {
            let opened = async {
                if !begins && !budget.resume(why) {
                    let (_, error) = failed.unwrap_or_else(|| (Failure::Final, lost()));
                    return Err(target.at(error));
                }
                if let Some((failure, error)) = failed {
                    target.session.wait(failure, &mut budget, target.at(error)).await?;
                }
                let Opened { latency, head, body } = target.get(&mut window, &mut budget).await?;
                // What is delivered already needs no description any more.
                let evidence = match window.delivered() {
                    0 if describes == Describes::Reply => {
                        Some(Box::new(Evidence::gather(head, &window, &target).await?))
                    }
                    _ => None,
                };
                Ok((Arrived { latency, body }, evidence))
            }
            .await;
            Opening { window, budget, opened }
        }));
    }

    fn opened(&mut self, opening: Opening) -> Result<Option<Box<Evidence>>> {
        let Opening { window, budget, opened } = opening;
        self.course.budget = budget;
        self.connection = Connection::None;
        let (Arrived { latency, body }, evidence) = opened?;
        self.course.window = window;
        if let Some(evidence) = &evidence {
            let integrity = self.course.target.session.config.integrity;
            self.course.backing = evidence.backing(integrity);
        }
        if std::mem::replace(&mut self.connections, Connections::One) == Connections::Adaptive
            && self.course.window.is_open_ended()
        {
            self.course.begin_measuring(latency);
        }
        self.connection = Connection::Open(self.course.target.session.bodies.admit(body));
        if matches!(self.pause, Pause::Away(_)) {
            // The connection is as young as it can be.
            self.pause.leave();
        }
        Ok(evidence)
    }

    /// Leaves what follows to the ranges that have been sent for.
    fn go_on_in_ranges(&mut self) -> Source {
        self.connection = Connection::None;
        self.course.window.leave_body();
        Source::Ranged(Box::new(Ranged::new(self.course.take())))
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Connection, "the connection was lost too often")
}
