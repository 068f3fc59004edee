//! Taking an object up again: after a failure, after a pause, after a seek.

use super::super::open::Opened;
use super::super::proof::Prover;
use super::{ObjectReader, State};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::retry::{Budget, Failure, Resume};
use crate::proto::window::Window;

/// What comes back from a request that takes the body up again.
pub(super) struct Reopened {
    window: Window,
    budget: Budget,
    opened: Result<(Opened, Option<Prover>)>,
}

impl ObjectReader {
    /// Takes the object up again where the consumer has left it.
    pub(super) fn reopen(&mut self, failed: Option<(Failure, Error)>) {
        // What the next connection is waited for has nothing to do with the last one's silence.
        self.stall = None;
        let target = self.target.clone();
        let mut window = self.window.clone();
        let mut budget = self.budget.clone();
        let why = if failed.is_some() { Resume::Forced } else { Resume::Deliberate };
        let is_planned = std::mem::take(&mut self.ahead.is_over);
        let has_seeked = self.window.delivered() == 0 || is_planned;
        if !has_seeked {
            target.session.counters.resume();
        }
        self.state = State::Reopening(Box::pin(async move {
            let opened = async {
                if !has_seeked && !budget.resume(why) {
                    let (_, error) = failed.unwrap_or_else(|| (Failure::Final, lost()));
                    return Err(target.at(error));
                }
                if let Some((failure, error)) = failed {
                    target.session.wait(failure, &mut budget, target.at(error)).await?;
                }
                let opened = target.get(&mut window, &mut budget).await?;
                // A whole reply brings its own checksums; a range's are not to be trusted.
                let prover = if window.is_whole() && window.delivered() == 0 {
                    Some(Prover::of_reply(&opened.head, &target).await?)
                } else {
                    None
                };
                Ok((opened, prover))
            }
            .await;
            Reopened { window, budget, opened }
        }));
    }

    pub(super) fn reopened(&mut self, reopened: Reopened) {
        self.budget = reopened.budget;
        self.window = reopened.window;
        self.state = match reopened.opened {
            Ok((opened, prover)) => {
                if self.is_unopened {
                    self.is_unopened = false;
                    self.object = opened.head.object;
                }
                if let Some(prover) = prover {
                    self.prover = prover;
                }
                // It is as young as a connection can be.
                self.is_stale = false;
                State::Streaming(self.target.session.bodies.admit(opened.body))
            }
            Err(error) => State::Failed(error),
        };
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Connection, "the connection was lost too often")
}
