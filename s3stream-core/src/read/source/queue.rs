//! The queue between a task that fetches an object and whoever reads it.
//!
//! It names neither a runtime nor a socket: `tests/models` plays its interleavings. What
//! keeps it right:
//!
//! - everything goes through it in order, the source itself too when that changes hands: it is
//!   an item behind the pieces, which nobody reaches before they are taken;
//! - a piece holds its own memory, so that nothing is given back that still lies here;
//! - neither end waits for memory: a task that has no room rests, and who reads may always
//!   have one piece.

mod state;

use std::collections::VecDeque;
use std::task::{Context, Poll};

use self::state::{After, Attention, Consumer, Filling, Pace, Producer, State};
use crate::error::{Error, ErrorKind, Result};
use crate::read::Effort;
use crate::read::piece::Piece;
use crate::send::memory::{Memory, Reservation};
use crate::sync::{Mutex, lock};

/// What a feed that is being read may always hold: one read buffer of a connection.
const PIECE: u64 = 64 * 1024;

/// Wakes the consumer at the latest when so much waits: it fills blocks of that size.
const FLUSH: u64 = 256 * 1024;

/// What is counted for a feed besides its bytes: its task, names and headers.
pub(crate) const FEED_MEMORY: u64 = 4 * 1024;

/// A queue whose replies are described by an `O`, and whose source is an `S`.
pub(crate) struct Queue<O, S>(Mutex<State<O, S>>);

/// What comes through the queue, in this order: replies, pieces, and one last item.
#[derive(Debug)]
pub(crate) enum Item<O, S> {
    /// A reply has come; again only while no piece has.
    Opened(O),
    Piece(Piece),
    /// The source itself, which goes on behind the pieces before it.
    Successor(S),
    End(Result<Effort>),
}

/// How much the consumer takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// Up to so many bytes, at least one, which are delivered: their memory is given back.
    Cut(usize),
    /// A piece as it is, with its memory: it is kept for a while.
    Whole,
}

/// What the task may do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Fetch so many bytes at most.
    Bytes(u64),
    /// Nothing, until there is room for a good deal.
    Rest,
    /// Give its source away: the consumer is here.
    HandOver,
    /// End: nobody wants more.
    Unwanted,
}

/// Whether the source may be given to the consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moving {
    Pays,
    Stays,
}

impl<O, S> Queue<O, S> {
    pub(crate) fn new() -> Self {
        let consumer = Consumer::Here { attention: Attention::Elsewhere, waker: None };
        let (items, producer) = (VecDeque::new(), Producer::Waiting);
        Queue(Mutex::new(State { items, queued: 0, producer, consumer }))
    }

    fn step<T>(&self, step: impl FnOnce(&mut State<O, S>) -> (T, After)) -> T {
        let (value, After { wake, freed }) = step(&mut lock(&self.0));
        drop(freed);
        if let Some(waker) = wake {
            waker.wake();
        }
        value
    }
}

/// The consumer's end.
impl<O, S> Queue<O, S> {
    /// From now on somebody waits for it: it goes before what is ahead of it.
    pub(crate) fn await_reply(&self) {
        self.step(|state| ((), state.attend(Attention::Awaiting)));
    }

    /// Whether a reply has come, or none will.
    pub(crate) fn is_opened(&self) -> bool {
        let state = lock(&self.0);
        !state.items.is_empty() || matches!(state.producer, Producer::Done(_))
    }

    /// What the first reply said; to be asked until it has come, and not again.
    pub(crate) fn poll_opened(&self, cx: &mut Context<'_>) -> Poll<Result<O>> {
        self.step(|state| match state.pop(Take::Whole) {
            Some((Item::Opened(opened), after)) => (Poll::Ready(Ok(opened)), after),
            Some((Item::End(Err(error)), after)) => (Poll::Ready(Err(error)), after),
            // Neither comes before a reply.
            Some((Item::Piece(_) | Item::Successor(_) | Item::End(Ok(_)), after)) => {
                (Poll::Ready(Err(abandoned())), after)
            }
            None if matches!(state.producer, Producer::Done(_)) => {
                (Poll::Ready(Err(abandoned())), After::default())
            }
            None => {
                state.consumer_waits(cx.waker());
                (Poll::Pending, After::default())
            }
        })
    }

    /// The next item.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>, take: Take) -> Poll<Item<O, S>> {
        self.step(|state| {
            let begun = state.attend(Attention::Reading);
            match state.pop(take) {
                Some((item, after)) => {
                    (Poll::Ready(item), After { wake: begun.wake.or(after.wake), ..after })
                }
                None if matches!(state.producer, Producer::Done(_)) => {
                    (Poll::Ready(Item::End(Err(abandoned()))), begun)
                }
                None => {
                    state.consumer_waits(cx.waker());
                    (Poll::Pending, begun)
                }
            }
        })
    }

    /// The consumer goes, and with it whatever lies here.
    pub(crate) fn leave(&self) {
        let left = self.step(|state| {
            state.consumer = Consumer::Gone;
            state.queued = 0;
            let wake = state.producer_waker();
            let producer = std::mem::replace(&mut state.producer, Producer::Done(None));
            ((std::mem::take(&mut state.items), producer), After { wake, freed: None })
        });
        // Outside of the lock: sockets may be among them.
        drop(left);
    }
}

/// The task's end.
impl<O, S> Queue<O, S> {
    /// Its turn has come; `credit` is what it may hold at first.
    pub(crate) fn begin(&self, credit: Reservation) {
        self.step(|state| match (&state.producer, &state.consumer) {
            (Producer::Waiting, Consumer::Here { .. }) => {
                let pace = Pace::Running;
                state.producer = Producer::Filling(Filling { credit, pace, waker: None });
                ((), After::default())
            }
            _ => ((), After { freed: Some(credit), ..After::default() }),
        });
    }

    /// A reply has come, to a source of which so many bytes are wanted.
    pub(crate) fn open(&self, opened: O, wanted: u64) {
        self.step(|state| {
            let Producer::Filling(filling) = &mut state.producer else {
                return ((), After::default());
            };
            // The size is known now: what was reserved beyond it is given back.
            let needed = wanted.saturating_add(FEED_MEMORY);
            let surplus = filling.credit.bytes().saturating_sub(needed);
            let freed = (surplus > 0).then(|| filling.credit.split(surplus));
            state.items.push_back(Item::Opened(opened));
            ((), After { wake: state.consumer_waker(), freed })
        });
    }

    /// What may be done now, of a source with so many bytes to come; who asks is woken
    /// when the consumer begins to read.
    pub(crate) fn room(
        &self,
        cx: &mut Context<'_>,
        remaining: u64,
        window: u64,
        moving: Moving,
    ) -> Room {
        self.step(|state| {
            let room = state.room(remaining, window, moving);
            if let Producer::Filling(filling) = &mut state.producer {
                filling.waker.get_or_insert_with(|| cx.waker().clone());
            }
            // What it waits for may be what lies here.
            let wake = if room == Room::Rest { state.consumer_waker() } else { None };
            (room, After { wake, freed: None })
        })
    }

    /// Ready once a task at rest may go on, or is to end.
    pub(crate) fn poll_room(
        &self,
        cx: &mut Context<'_>,
        remaining: u64,
        window: u64,
        memory: &Memory,
    ) -> Poll<()> {
        memory.wake_when_freed(cx.waker());
        let mut state = lock(&self.0);
        match state.room(remaining, window, Moving::Stays) {
            Room::Rest => {
                if let Producer::Filling(filling) = &mut state.producer {
                    filling.waker = Some(cx.waker().clone());
                }
                Poll::Pending
            }
            Room::Bytes(_) | Room::HandOver | Room::Unwanted => Poll::Ready(()),
        }
    }

    /// A piece behind those before it.
    pub(crate) fn push(&self, piece: Piece) {
        self.step(|state| {
            let Producer::Filling(filling) = &mut state.producer else {
                return ((), After::default());
            };
            let length = piece.len() as u64;
            let spare = filling.credit.bytes().saturating_sub(FEED_MEMORY);
            let held = filling.credit.split(length.min(spare));
            state.items.push_back(Item::Piece(piece.holding(held)));
            state.queued += length;
            let wake = if state.queued >= FLUSH { state.consumer_waker() } else { None };
            ((), After { wake, freed: None })
        });
    }

    /// The task is about to wait: what lies here is worth taking.
    pub(crate) fn flush(&self) {
        self.step(|state| {
            let wake = if state.queued > 0 { state.consumer_waker() } else { None };
            ((), After { wake, freed: None })
        });
    }

    /// Whether pieces lie here.
    pub(crate) fn is_holding(&self) -> bool {
        lock(&self.0).queued > 0
    }

    /// The last item: the end, or the source itself.
    pub(crate) fn finish(&self, last: Item<O, S>) {
        let unwanted = self.step(|state| match &mut state.producer {
            Producer::Done(_) => (Some(last), After::default()),
            Producer::Waiting => {
                state.producer = Producer::Done(None);
                state.items.push_back(last);
                (None, After { wake: state.consumer_waker(), freed: None })
            }
            Producer::Filling(filling) => {
                let kept = filling.credit.split(FEED_MEMORY);
                let done = Producer::Done(Some(kept));
                let freed = match std::mem::replace(&mut state.producer, done) {
                    Producer::Filling(filling) => Some(filling.credit),
                    Producer::Waiting | Producer::Done(_) => None,
                };
                state.items.push_back(last);
                (None, After { wake: state.consumer_waker(), freed })
            }
        });
        // Outside of the lock: it may be a source with its socket.
        drop(unwanted);
    }

    /// The task ends, whether it has come to an end or not: nobody may wait for it any more.
    pub(crate) fn abandon(&self) {
        self.finish(Item::End(Err(abandoned())));
    }
}

fn abandoned() -> Error {
    Error::new(ErrorKind::Cancelled, "")
}

#[cfg(all(test, not(model)))]
#[path = "queue_tests.rs"]
mod tests;
