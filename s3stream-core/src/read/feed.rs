//! A feed: one object fetched by a task, ahead of whoever reads it.
//!
//! The task owns a reader with all its rights (resumption, proof) and moves what it delivers
//! into the feed, as far as the client's memory and the reader's window allow; the consumer's
//! reader takes pieces out. Neither ever waits for memory: a feed that nobody reads yet does
//! without, and the one that is being read always has room for one piece.
//!
//! Once a long object is being read, a task in between may only cost: then it gives the reader
//! itself away, which goes on behind what is queued, straight into the consumer's memory.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::ObjectReader;
use crate::error::{Error, Result};
use crate::object::Object;
use crate::send::Session;
use crate::send::memory::Reservation;
use crate::thread::lock;
use crate::verdict::Verdict;

/// What a feed that is being read may always hold: one read buffer of a connection.
const PIECE: u64 = crate::transport::READ_BUFFER as u64;

/// Wakes the consumer at the latest when so much waits: it fills blocks of that size.
const FLUSH: u64 = 256 * 1024;

/// A piece up to this is copied, or it would keep a whole read buffer alive.
const COPIED: usize = 32 * 1024;

/// What is counted for a feed besides its bytes: the reader, its task, names and headers.
pub(crate) const FEED_MEMORY: u64 = 4 * 1024;

/// The consumer's end of a feed; the task ends when it is dropped.
pub(crate) struct Feed(Arc<Channel>);

/// What a feed's task and its consumer share.
struct Channel {
    flow: Mutex<Flow>,
    cancel: CancellationToken,
}

struct Flow {
    opened: Option<Result<Object>>,
    pieces: VecDeque<Bytes>,
    /// Bytes in `pieces`.
    queued: u64,
    outcome: Option<Result<Verdict>>,
    /// What may be queued; `None` once nobody wants it any more.
    credit: Option<Reservation>,
    /// Whether it is being read: then one piece may be queued, credit or not.
    is_read: bool,
    /// The task does nothing until there is room for a good deal.
    is_resting: bool,
    /// The first piece has been asked for.
    is_begun: bool,
    /// The reader, once it has moved over.
    moved: Option<Box<ObjectReader>>,
    consumer: Option<Waker>,
    producer: Option<Waker>,
}

/// What the consumer finds.
pub(crate) enum Taken {
    Piece(Bytes),
    /// Everything has been taken, and this is what it was worth.
    End(Result<Verdict>),
}

impl Feed {
    /// A feed that may hold what was reserved for it, and the token that ends it.
    pub(crate) fn new(cancel: CancellationToken) -> Self {
        let flow = Flow {
            opened: None,
            pieces: VecDeque::new(),
            queued: 0,
            outcome: None,
            credit: None,
            is_read: false,
            is_resting: false,
            is_begun: false,
            moved: None,
            consumer: None,
            producer: None,
        };
        Feed(Arc::new(Channel { flow: Mutex::new(flow), cancel }))
    }

    /// The other end.
    pub(crate) fn source(&self) -> Source {
        Source(Arc::clone(&self.0))
    }

    /// From now on somebody waits for it: it goes before what is ahead of it.
    pub(crate) fn read_now(&self) {
        let mut flow = lock(&self.0.flow);
        flow.is_read = true;
        flow.wake_producer();
    }

    /// Whether a reply has come, or none will.
    pub(crate) fn is_opened(&self) -> bool {
        lock(&self.0.flow).opened.is_some()
    }

    /// The object, as the reply that was opened describes it; to be taken once.
    pub(crate) fn poll_opened(&self, cx: &mut Context<'_>) -> Poll<Result<Object>> {
        let mut flow = lock(&self.0.flow);
        match flow.opened.take() {
            Some(opened) => Poll::Ready(opened),
            None => {
                flow.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The next piece, of `most` bytes at most.
    pub(crate) fn poll_take(&self, cx: &mut Context<'_>, most: usize) -> Poll<Taken> {
        let mut flow = lock(&self.0.flow);
        if !std::mem::replace(&mut flow.is_begun, true) {
            flow.wake_producer();
        }
        if let Some(piece) = flow.pop(most) {
            if flow.is_resting {
                // It decides itself whether there is room enough to go on.
                flow.wake_producer();
            }
            return Poll::Ready(Taken::Piece(piece));
        }
        if let Some(outcome) = &flow.outcome {
            let outcome = outcome.clone();
            flow.credit = None;
            return Poll::Ready(Taken::End(outcome));
        }
        flow.consumer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The reader itself, if it is to be had instead of the next piece.
    pub(crate) fn take_reader(&self) -> Option<Box<ObjectReader>> {
        lock(&self.0.flow).moved.take()
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.cancel.cancel();
        let mut flow = lock(&self.0.flow);
        flow.pieces.clear();
        flow.moved = None;
        flow.credit = None;
        flow.outcome.get_or_insert_with(|| Err(abandoned()));
        flow.wake_producer();
    }
}

impl Flow {
    fn pop(&mut self, most: usize) -> Option<Bytes> {
        let first = self.pieces.front_mut()?;
        let piece =
            if first.len() > most { first.split_to(most) } else { self.pieces.pop_front()? };
        self.queued -= piece.len() as u64;
        if self.outcome.is_some()
            && let Some(credit) = &mut self.credit
        {
            credit.shrink_to(self.queued + FEED_MEMORY);
        }
        Some(piece)
    }

    fn wake_producer(&mut self) {
        if let Some(producer) = self.producer.take() {
            producer.wake();
        }
    }

    fn wake_consumer(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            consumer.wake();
        }
    }

    /// Bytes that may be queued now, of so many that are still to come; 0 to rest.
    fn room(&mut self, remaining: u64, window: u64) -> u64 {
        let wanted = window.min(self.queued + remaining);
        let Some(credit) = &mut self.credit else { return 0 };
        let short = (wanted + FEED_MEMORY).saturating_sub(credit.bytes());
        if short > 0 && !credit.try_grow(short) {
            // All of it does not fit: one more piece may.
            credit.try_grow(short.min(PIECE));
        }
        let mut room = credit.bytes().saturating_sub(FEED_MEMORY + self.queued);
        if self.is_read && self.queued == 0 {
            room = room.max(PIECE);
        }
        // Going on for a few bytes each time would cost a wake-up each.
        let worth = if self.is_resting { (wanted / 2).max(PIECE) } else { PIECE };
        let serves = room >= worth.min(remaining) || (self.is_read && self.queued == 0);
        self.is_resting = !serves;
        if serves { room } else { 0 }
    }
}

/// Why a task moves no more pieces.
enum Moved {
    /// There is no room.
    Full,
    /// There is nothing left, or nobody who wants it.
    End,
    /// The consumer is to have the reader.
    Over,
}

/// The task's end of a feed.
pub(crate) struct Source(Arc<Channel>);

impl Source {
    pub(crate) fn token(&self) -> &CancellationToken {
        &self.0.cancel
    }

    /// Fetches what a reader delivers, up to its end; `credit` is what may be held at first.
    pub(crate) async fn fill(
        self,
        session: &Session,
        credit: Reservation,
        opening: impl Future<Output = Result<ObjectReader>>,
    ) {
        lock(&self.0.flow).credit = Some(credit);
        let mut reader = match opening.await {
            Ok(reader) => reader,
            Err(error) => {
                return self.open(Err(error));
            }
        };
        self.adjust(reader.remaining().min(session.config.window));
        self.open(Ok(reader.object().clone()));
        loop {
            match poll_fn(|cx| self.poll_move(cx, &mut reader, session.config.window)).await {
                Moved::Full => self.rest(session, &mut reader).await,
                Moved::End => return,
                Moved::Over => return self.move_over(reader),
            }
        }
    }

    fn move_over(&self, mut reader: ObjectReader) {
        // It was waited for here, and is not until the consumer takes it.
        reader.leave();
        let mut flow = lock(&self.0.flow);
        if flow.outcome.is_none() {
            flow.moved = Some(Box::new(reader));
            flow.credit = None;
            flow.wake_consumer();
        }
    }

    fn open(&self, opened: Result<Object>) {
        let mut flow = lock(&self.0.flow);
        if let Err(error) = &opened {
            flow.outcome.get_or_insert_with(|| Err(error.clone()));
            flow.credit = None;
        }
        flow.opened = Some(opened);
        flow.wake_consumer();
    }

    /// The size is known now: what was reserved beyond it is given back.
    fn adjust(&self, wanted: u64) {
        if let Some(credit) = &mut lock(&self.0.flow).credit {
            credit.shrink_to(wanted + FEED_MEMORY);
        }
    }

    /// Moves pieces on, as far as that goes.
    fn poll_move(
        &self,
        cx: &mut Context<'_>,
        reader: &mut ObjectReader,
        window: u64,
    ) -> Poll<Moved> {
        loop {
            let mut flow = lock(&self.0.flow);
            if flow.is_begun && reader.is_worth_moving() {
                return Poll::Ready(Moved::Over);
            }
            let room = flow.room(reader.remaining(), window);
            if flow.credit.is_none() {
                return Poll::Ready(Moved::End);
            }
            if room == 0 && reader.remaining() > 0 {
                flow.wake_consumer();
                return Poll::Ready(Moved::Full);
            }
            // While it waits for the network, the consumer may begin to read.
            flow.producer.get_or_insert_with(|| cx.waker().clone());
            drop(flow);
            let most = usize::try_from(room).unwrap_or(usize::MAX).max(1);
            let polled = reader.poll_up_to(cx, most);
            let mut flow = lock(&self.0.flow);
            match polled {
                Poll::Pending => {
                    if flow.queued > 0 {
                        flow.wake_consumer();
                    }
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(piece))) => {
                    let piece =
                        if piece.len() <= COPIED { Bytes::copy_from_slice(&piece) } else { piece };
                    flow.queued += piece.len() as u64;
                    flow.pieces.push_back(piece);
                    if flow.queued >= FLUSH {
                        flow.wake_consumer();
                    }
                }
                Poll::Ready(None) => {
                    flow.end(reader.verdict().cloned().ok_or_else(abandoned));
                    return Poll::Ready(Moved::End);
                }
                Poll::Ready(Some(Err(error))) => {
                    flow.end(Err(error));
                    return Poll::Ready(Moved::End);
                }
            }
        }
    }

    /// Waits until the consumer has made room, or somebody else has; a connection that
    /// stands idle for long meanwhile is dropped on purpose.
    async fn rest(&self, session: &Session, reader: &mut ObjectReader) {
        let mut freed = pin!(session.memory.freed().notified());
        freed.as_mut().enable();
        let mut idle = pin!(tokio::time::sleep(session.config.idle_timeout));
        let mut is_parked = false;
        poll_fn(|cx| {
            if !is_parked && idle.as_mut().poll(cx).is_ready() {
                reader.park();
                is_parked = true;
            }
            loop {
                let mut flow = lock(&self.0.flow);
                let has_room = flow.room(reader.remaining(), session.config.window) > 0;
                if has_room || flow.credit.is_none() {
                    return Poll::Ready(());
                }
                flow.producer = Some(cx.waker().clone());
                drop(flow);
                if freed.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                // What others give back may not be enough, and is no end of its rest.
                freed.set(session.memory.freed().notified());
                freed.as_mut().enable();
            }
        })
        .await;
    }
}

impl Flow {
    fn end(&mut self, outcome: Result<Verdict>) {
        if let Some(credit) = &mut self.credit {
            credit.shrink_to(self.queued + FEED_MEMORY);
        }
        self.outcome.get_or_insert(outcome);
        self.wake_consumer();
    }
}

impl Drop for Source {
    /// A task that ends early (its runtime is gone, it panicked) must not leave a waiter.
    fn drop(&mut self) {
        let mut flow = lock(&self.0.flow);
        if flow.outcome.is_none() && flow.moved.is_none() {
            flow.end(Err(abandoned()));
        }
        if flow.opened.is_none() {
            flow.opened = Some(Err(abandoned()));
            flow.wake_consumer();
        }
    }
}

fn abandoned() -> Error {
    Error::new(crate::error::ErrorKind::Cancelled, "")
}
