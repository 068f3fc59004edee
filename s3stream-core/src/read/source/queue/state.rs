//! What both ends of a queue see, and what each step makes of it.

use std::collections::VecDeque;
use std::task::Waker;

use super::{FEED_MEMORY, Item, Moving, PIECE, Room, Take};
use crate::send::memory::Reservation;

pub(super) struct State<O, S> {
    pub(super) items: VecDeque<Item<O, S>>,
    /// Bytes of the pieces among them.
    pub(super) queued: u64,
    pub(super) producer: Producer,
    pub(super) consumer: Consumer,
}

pub(super) enum Producer {
    /// Its turn has not come.
    Waiting,
    Filling(Filling),
    /// The last item is in the queue, or nobody wants one; with what is counted until it is taken.
    Done(Option<Reservation>),
}

pub(super) struct Filling {
    /// What may still be queued, and `FEED_MEMORY`.
    pub(super) credit: Reservation,
    pub(super) pace: Pace,
    pub(super) waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    Running,
    Resting,
}

pub(super) enum Consumer {
    Here {
        attention: Attention,
        waker: Option<Waker>,
    },
    /// It has dropped its end.
    Gone,
}

/// How far the consumer has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attention {
    /// It is elsewhere yet: this is read ahead.
    Elsewhere,
    /// It waits for the first reply: one piece may be queued, credit or not.
    Awaiting,
    /// It has asked for a piece.
    Reading,
}

/// What is left to do once the lock is free.
#[derive(Default)]
pub(super) struct After {
    pub(super) wake: Option<Waker>,
    pub(super) freed: Option<Reservation>,
}

impl<O, S> State<O, S> {
    pub(super) fn attend(&mut self, now: Attention) -> After {
        let Consumer::Here { attention, .. } = &mut self.consumer else {
            return After::default();
        };
        if *attention >= now {
            return After::default();
        }
        *attention = now;
        After { wake: self.producer_waker(), freed: None }
    }

    pub(super) fn attention(&self) -> Attention {
        match self.consumer {
            Consumer::Here { attention, .. } => attention,
            Consumer::Gone => Attention::Elsewhere,
        }
    }

    /// The first item, or as much of it as is wanted.
    pub(super) fn pop(&mut self, take: Take) -> Option<(Item<O, S>, After)> {
        let Some(Item::Piece(front)) = self.items.front_mut() else {
            let item = self.items.pop_front()?;
            let is_last = matches!(item, Item::Successor(_) | Item::End(_));
            let freed = match &mut self.producer {
                Producer::Done(kept) if is_last => kept.take(),
                _ => None,
            };
            return Some((item, After { wake: None, freed }));
        };
        let (piece, share) = match take {
            Take::Cut(most) if front.len() > most => {
                let piece = front.split_to(most);
                (piece, front.surplus())
            }
            Take::Cut(_) | Take::Whole => {
                let Some(Item::Piece(mut piece)) = self.items.pop_front() else { return None };
                let share = if take == Take::Whole { None } else { piece.release() };
                (piece, share)
            }
        };
        self.queued -= piece.len() as u64;
        let (mut wake, mut freed) = (None, share);
        if let Producer::Filling(filling) = &mut self.producer {
            // It goes on with what it held, before anybody else gets it.
            if let Some(share) = freed.take() {
                filling.credit.absorb(share);
            }
            if filling.pace == Pace::Resting {
                // It decides itself whether there is room enough to go on.
                wake = filling.waker.take();
            }
        }
        Some((Item::Piece(piece), After { wake, freed }))
    }

    pub(super) fn room(&mut self, remaining: u64, window: u64, moving: Moving) -> Room {
        let is_awaited = self.attention() >= Attention::Awaiting;
        if moving == Moving::Pays && self.attention() == Attention::Reading {
            return Room::HandOver;
        }
        let Producer::Filling(filling) = &mut self.producer else { return Room::Unwanted };
        if remaining == 0 {
            return Room::Bytes(0);
        }
        let wanted = window.min(self.queued.saturating_add(remaining));
        let credit = &mut filling.credit;
        let needed = wanted.saturating_sub(self.queued) + FEED_MEMORY;
        let short = needed.saturating_sub(credit.bytes());
        if short > 0 && !credit.try_grow(short) {
            // All of it does not fit: one more piece may.
            credit.try_grow(short.min(PIECE));
        }
        let is_next = is_awaited && self.queued == 0;
        let mut room = credit.bytes().saturating_sub(FEED_MEMORY);
        if is_next {
            room = room.max(PIECE);
        }
        // Going on for a few bytes each time would cost a wake-up each.
        let worth = match filling.pace {
            Pace::Resting => (wanted / 2).max(PIECE),
            Pace::Running => PIECE,
        };
        let serves = is_next || room >= worth.min(remaining);
        filling.pace = if serves { Pace::Running } else { Pace::Resting };
        if serves { Room::Bytes(room) } else { Room::Rest }
    }

    pub(super) fn consumer_waits(&mut self, by: &Waker) {
        if let Consumer::Here { waker, .. } = &mut self.consumer {
            *waker = Some(by.clone());
        }
    }

    pub(super) fn consumer_waker(&mut self) -> Option<Waker> {
        match &mut self.consumer {
            Consumer::Here { waker, .. } => waker.take(),
            Consumer::Gone => None,
        }
    }

    pub(super) fn producer_waker(&mut self) -> Option<Waker> {
        match &mut self.producer {
            Producer::Filling(filling) => filling.waker.take(),
            Producer::Waiting | Producer::Done(_) => None,
        }
    }
}
