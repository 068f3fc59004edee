//! Where a read's bytes come from: one connection, a task, several ranges.
//!
//! A source yields pieces that name their offset, and knows nothing of proof. It changes hands
//! whole, as an item behind what it has yielded: whoever reads from it reads to the end of
//! the one and goes on with the other.

mod ahead;
mod course;
mod direct;
mod feed;
mod pause;
pub(crate) mod queue;
mod ranged;
mod task;

use std::ops::Range;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::evidence::Evidence;
use super::piece::Piece;
use super::sink::Sink;
use super::{Effort, Target};
use crate::error::Result;
use crate::send::Session;

pub(crate) use self::direct::Direct;
pub(crate) use self::feed::Feed;
pub(crate) use self::queue::FEED_MEMORY;
use self::queue::{Moving, Take};
use self::ranged::Ranged;
pub(crate) use self::task::Task;

/// Where the bytes of one read come from.
pub(crate) enum Source {
    /// One connection, driven by whoever reads.
    Direct(Box<Direct>),
    /// A task, which fetches ahead.
    Fed(Feed),
    /// Tasks, each with a range of the object.
    Ranged(Box<Ranged>),
}

/// What comes of a source.
pub(crate) enum Yield {
    /// A reply describes the object; only while no byte has come.
    Opened(Box<Evidence>),
    /// Bytes, and where they lie in the object.
    Piece(Piece),
    /// These bytes of the object lie in the sink's buffer.
    Filled(Range<u64>),
    /// The bytes that follow come from here; the only way to change hands.
    Successor(Source),
    /// Every byte that was asked for has come.
    End(Effort),
}

fn take(sink: &Sink<'_>) -> Take {
    match sink {
        Sink::Hold => Take::Whole,
        Sink::Cut(_) | Sink::Fill(_) => Take::Cut(sink.most()),
    }
}

impl Source {
    /// What comes next; not to be asked again behind an end, a successor or an error.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Poll<Result<Yield>> {
        match self {
            Source::Direct(direct) => direct.poll(cx, sink),
            Source::Fed(feed) => feed.poll(cx, take(sink)),
            Source::Ranged(ranged) => ranged.poll(cx, sink),
        }
    }

    /// Offset in the object of the next byte that it yields.
    pub(crate) fn next_offset(&self) -> u64 {
        match self {
            Source::Direct(direct) => direct.course().position(),
            Source::Fed(feed) => feed.next_offset(),
            Source::Ranged(ranged) => ranged.course().position(),
        }
    }

    /// Bytes still to come, as far as this end knows.
    fn remaining(&self) -> u64 {
        match self {
            Source::Direct(direct) => direct.course().remaining(),
            Source::Fed(_) => u64::MAX,
            Source::Ranged(ranged) => ranged.course().remaining(),
        }
    }

    /// Whether it may be given to its consumer.
    fn moving(&self) -> Moving {
        match self {
            Source::Direct(direct) => direct.moving(),
            Source::Fed(_) | Source::Ranged(_) => Moving::Stays,
        }
    }

    /// Gives up a connection on purpose.
    fn park(&mut self) {
        if let Source::Direct(direct) = self {
            direct.park();
        }
    }

    /// The consumer goes away: no timer may run meanwhile, and its connection may be taken
    /// for others.
    pub(crate) fn leave(&mut self) {
        if let Source::Direct(direct) = self {
            direct.leave();
        }
    }

    /// The same read in another session's runtime; connections and requests stay behind.
    pub(crate) fn relocate(self, session: &Arc<Session>) -> Source {
        match self {
            Source::Direct(direct) => Source::Direct(Box::new(direct.relocate(session))),
            Source::Ranged(ranged) => Source::Direct(Box::new(ranged.stop().relocate(session))),
            // Its task stays where it is.
            Source::Fed(feed) => Source::Fed(feed),
        }
    }

    /// The same read for the reader of that target, which may live in another runtime.
    pub(crate) fn arrive(self, target: &Target) -> Source {
        match self {
            Source::Direct(direct) => Source::Direct(Box::new(direct.arrive(target))),
            other @ (Source::Fed(_) | Source::Ranged(_)) => other,
        }
    }
}
