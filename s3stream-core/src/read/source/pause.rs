//! The time that a read spends waiting, and the time that its consumer is away.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::Sleep;

/// Who waits for whom. A timer that ran while the consumer is away would punish pauses.
pub(super) enum Pause {
    /// Since when the consumer has been away.
    Away(Instant),
    /// It waits for us; the timer is made when bytes are waited for.
    Waiting(Option<Pin<Box<Sleep>>>),
}

/// What the consumer's absence means for its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    Short,
    /// The server may be about to close the connection, or has.
    Long,
}

impl Pause {
    pub(super) fn new() -> Self {
        Pause::Away(Instant::now())
    }

    /// The consumer goes, with bytes or without.
    pub(super) fn leave(&mut self) {
        *self = Pause::Away(Instant::now());
    }

    /// The consumer is back: its absence is measured here, not while it waits for us.
    pub(super) fn come_back(&mut self, idle_timeout: Duration) -> Absence {
        let Pause::Away(since) = self else { return Absence::Short };
        let absence = if since.elapsed() >= idle_timeout { Absence::Long } else { Absence::Short };
        *self = Pause::Waiting(None);
        absence
    }

    /// Whatever is waited for next has nothing to do with the silence before.
    pub(super) fn restart(&mut self) {
        if let Pause::Waiting(stall) = self {
            *stall = None;
        }
    }

    /// Ready when the consumer has waited for bytes for so long.
    pub(super) fn poll_stall(&mut self, cx: &mut Context<'_>, timeout: Duration) -> Poll<()> {
        let Pause::Waiting(stall) = self else { return Poll::Pending };
        let timer = stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
        let polled = timer.as_mut().poll(cx);
        if polled.is_ready() {
            *stall = None;
        }
        polled
    }
}
