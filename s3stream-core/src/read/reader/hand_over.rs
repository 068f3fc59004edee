//! A read that is handed over to another runtime, and what becomes of it there.

use std::sync::Arc;

use super::super::proof::Prover;
use super::{ObjectReader, State};
use crate::error::{Error, Result};
use crate::send::Session;
use crate::verdict::Verdict;

/// For less, a feed is as cheap, and the way between threads is saved.
const WORTH_MOVING: u64 = 1024 * 1024;

impl ObjectReader {
    /// Hands the read over to another session, which goes on where this one was left; this
    /// reader then only describes the object.
    pub(crate) fn hand_over(&mut self, session: &Arc<Session>) -> ObjectReader {
        let is_checking = matches!(self.state, State::Checking(_));
        let error = Error::invalid("it is read through its pipe");
        let state = match std::mem::replace(&mut self.state, State::Failed(self.target.at(error))) {
            // A connection stays in its runtime, and so does a request under way.
            State::Streaming(_) | State::Ranged(_) | State::Reopening(_) | State::Checking(_) => {
                State::Idle
            }
            state => state,
        };
        // Ranges that were sent for are of this runtime too.
        self.ahead.reset();
        let target = self.target.on(session, self.target.cancel.clone());
        let prover = std::mem::replace(&mut self.prover, Prover::of_length());
        let (window, budget) = (self.window.clone(), self.budget.clone());
        let mut reader =
            ObjectReader::new(target, self.object.clone(), window, budget, prover, state);
        reader.ready = std::mem::take(&mut self.ready);
        reader.is_unopened = self.is_unopened;
        reader.has_delivered = self.has_delivered;
        reader.has_reread = self.has_reread;
        reader.verdict = self.verdict;
        if is_checking {
            // The digests have spoken, and do not speak twice.
            reader.check_parts();
        }
        reader
    }

    /// Whether a task that reads ahead should leave the rest to its consumer: then each byte
    /// is copied once less.
    ///
    /// Not where the task has work of its own that goes on while the consumer is busy: to
    /// decrypt, to feed a slow digest, to read over several connections.
    pub(crate) fn is_worth_moving(&self) -> bool {
        matches!(self.state, State::Streaming(_))
            && self.window.is_whole()
            && self.window.remaining() >= WORTH_MOVING
            && self.is_direct()
            && self.ahead.is_single()
            && !self.target.session.config.service.endpoint().is_encrypted()
    }

    /// Goes on with a read that a task has begun, at the very byte where this one stands.
    pub(super) fn take_over(&mut self, mut reader: ObjectReader) {
        std::mem::swap(&mut reader.target, &mut self.target);
        let is_elsewhere = !Arc::ptr_eq(&reader.target.session, &self.target.session);
        if is_elsewhere
            && let State::Streaming(slot) = &reader.state
            && let Some(flow) = slot.flow().as_mut()
        {
            flow.move_here();
        }
        reader.has_delivered |= self.has_delivered;
        (reader.stall, reader.cancelled) = (None, None);
        *self = reader;
        // It may have lain ready while the consumer was away.
        self.come_back();
    }

    /// Takes over what became of a read that was handed over.
    pub(crate) fn conclude_elsewhere(&mut self, outcome: &Result<Verdict>) {
        match outcome {
            Ok(verdict) => {
                self.verdict = Some(*verdict);
                self.state = State::Ended;
            }
            Err(error) => self.state = State::Failed(error.clone()),
        }
    }
}
