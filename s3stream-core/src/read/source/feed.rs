//! The consumer's end of a feed: what a task fetches ahead of whoever reads it.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio_util::sync::CancellationToken;

use super::queue::{Item, Queue, Take};
use super::{Direct, Source, Yield};
use crate::error::Result;
use crate::read::evidence::Evidence;

/// What a feed's task and its consumer share.
pub(super) struct Channel {
    pub(super) queue: Queue<Box<Evidence>, Box<Direct>>,
    pub(super) cancel: CancellationToken,
}

/// The consumer's end of a feed; the task ends when it is dropped.
pub(crate) struct Feed {
    channel: Arc<Channel>,
    next: u64,
}

impl Feed {
    /// Of a read that begins at this offset.
    pub(super) fn new(channel: Arc<Channel>, offset: u64) -> Self {
        Feed { channel, next: offset }
    }

    /// From now on somebody waits for it: it goes before what is ahead of it.
    pub(crate) fn await_reply(&self) {
        self.channel.queue.await_reply();
    }

    /// Whether a reply has come, or none will.
    pub(crate) fn is_opened(&self) -> bool {
        self.channel.queue.is_opened()
    }

    /// What the first reply said; to be asked until it has come, and not again.
    pub(crate) fn poll_opened(&self, cx: &mut Context<'_>) -> Poll<Result<Box<Evidence>>> {
        self.channel.queue.poll_opened(cx)
    }

    pub(super) fn next_offset(&self) -> u64 {
        self.next
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>, take: Take) -> Poll<Result<Yield>> {
        self.channel.queue.poll_next(cx, take).map(|item| match item {
            Item::Opened(evidence) => Ok(Yield::Opened(evidence)),
            Item::Piece(piece) => {
                self.next += piece.len() as u64;
                Ok(Yield::Piece(piece))
            }
            Item::Successor(direct) => Ok(Yield::Successor(Source::Direct(direct))),
            Item::End(outcome) => outcome.map(Yield::End),
        })
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.channel.cancel.cancel();
        self.channel.queue.leave();
    }
}
