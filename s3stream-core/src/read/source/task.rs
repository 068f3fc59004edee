//! The task's end of a feed: one object fetched ahead of whoever reads it.
//!
//! The task owns a source with all its rights (resumption, retries) and moves what it yields
//! into the queue, as far as the client's memory and the reader's window allow. It proves
//! nothing: that is done where the bytes are delivered. Once a long object is being read, a
//! task in between may only cost: then it gives the source itself away, behind what is queued.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use super::feed::Channel;
use super::queue::{Item, Moving, Queue, Room};
use super::{Direct, Feed, Source, Yield};
use crate::read::evidence::Evidence;
use crate::read::piece::Piece;
use crate::read::sink::Sink;
use crate::send::Session;
use crate::send::memory::Reservation;

/// A piece up to this is copied, or it would keep a whole read buffer alive.
const COPIED: usize = 32 * 1024;

/// The task's end of a feed.
pub(crate) struct Task(Arc<Channel>);

/// Why a task moves no more pieces for now.
enum Stop {
    /// There is no room.
    Full,
    /// The last item is in the queue, or nobody wants one.
    Done,
    /// The consumer is to have the source.
    HandOver,
}

impl Task {
    /// A feed that begins at this offset, and that the token ends: its two ends.
    pub(crate) fn new(offset: u64, cancel: CancellationToken) -> (Feed, Self) {
        let channel = Arc::new(Channel { queue: Queue::new(), cancel });
        (Feed::new(Arc::clone(&channel), offset), Task(channel))
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.0.cancel
    }

    /// Fetches what a source yields, up to its end; `credit` is what may be held at first.
    pub(crate) async fn fill(self, direct: Direct, credit: Reservation) {
        let queue = &self.0.queue;
        queue.begin(credit);
        let session = Arc::clone(&direct.course().target.session);
        let filling = fill(queue, direct, &session);
        // Dropped in the middle, it leaves the telling to `Drop`.
        self.0.cancel.run_until_cancelled(filling).await;
    }
}

impl Drop for Task {
    /// A task that ends early (its runtime is gone, it panicked) must not leave a waiter.
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

async fn fill(queue: &Queue<Box<Evidence>, Box<Direct>>, mut direct: Direct, session: &Session) {
    let window = session.config.window;
    let moves = match direct.open().await {
        Ok(evidence) => {
            let moves = !evidence.is_slow(session.config.integrity);
            queue.open(evidence, direct.course().remaining().min(window));
            moves
        }
        Err(error) => return queue.finish(Item::End(Err(error))),
    };
    let mut source = Source::Direct(Box::new(direct));
    loop {
        match poll_fn(|cx| poll_move(queue, cx, &mut source, window, moves)).await {
            Stop::Full => rest(queue, &mut source, session).await,
            Stop::Done => return,
            Stop::HandOver => {
                // It was waited for here, and is not until the consumer takes it.
                source.leave();
                if queue.is_holding() {
                    session.counters.handed_over();
                }
                if let Source::Direct(direct) = source {
                    queue.finish(Item::Successor(direct));
                }
                return;
            }
        }
    }
}

/// Moves pieces on, as far as that goes.
fn poll_move(
    queue: &Queue<Box<Evidence>, Box<Direct>>,
    cx: &mut Context<'_>,
    source: &mut Source,
    window: u64,
    moves: bool,
) -> Poll<Stop> {
    loop {
        let moving = if moves { source.moving() } else { Moving::Stays };
        let most = match queue.room(cx, source.remaining(), window, moving) {
            // At the end of a source there is still its end to be told.
            Room::Bytes(most) => usize::try_from(most).unwrap_or(usize::MAX).max(1),
            Room::Rest => return Poll::Ready(Stop::Full),
            Room::HandOver => return Poll::Ready(Stop::HandOver),
            Room::Unwanted => return Poll::Ready(Stop::Done),
        };
        let Poll::Ready(yielded) = source.poll(cx, &mut Sink::Cut(most)) else {
            queue.flush();
            return Poll::Pending;
        };
        match yielded {
            Ok(Yield::Opened(evidence)) => queue.open(evidence, source.remaining().min(window)),
            Ok(Yield::Piece(piece)) => queue.push(compact(piece)),
            Ok(Yield::Successor(next)) => *source = next,
            Ok(Yield::End(effort)) => {
                queue.finish(Item::End(Ok(effort)));
                return Poll::Ready(Stop::Done);
            }
            // It was given no buffer to fill.
            Ok(Yield::Filled(_)) => return Poll::Ready(Stop::Done),
            Err(error) => {
                queue.finish(Item::End(Err(error)));
                return Poll::Ready(Stop::Done);
            }
        }
    }
}

/// Waits until the consumer has made room, or somebody else has; a connection that stands
/// idle for long meanwhile is dropped on purpose.
async fn rest(queue: &Queue<Box<Evidence>, Box<Direct>>, source: &mut Source, session: &Session) {
    let window = session.config.window;
    let mut idle = pin!(tokio::time::sleep(session.config.idle_timeout));
    let mut is_parked = false;
    poll_fn(|cx| {
        if !is_parked && idle.as_mut().poll(cx).is_ready() {
            source.park();
            is_parked = true;
        }
        queue.poll_room(cx, source.remaining(), window, &session.memory)
    })
    .await;
}

/// A small piece in memory of its own.
fn compact(piece: Piece) -> Piece {
    if piece.len() <= COPIED { piece.copied() } else { piece }
}
