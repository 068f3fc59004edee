//! The end of a read: what the digests say, and what becomes of damage.

use super::super::proof::{Outcome, mismatch, parts_are_even};
use super::{ObjectReader, State};
use crate::proto::retry::Failure;
use crate::verdict::{Method, Unproven, Verdict};

impl ObjectReader {
    /// Every byte is here: asks the digests.
    pub(super) fn finish(&mut self) {
        if !self.window.is_whole() {
            return self.conclude(Method::Range, Some(Unproven::Range));
        }
        match self.prover.finish() {
            Outcome::Proven(method) => self.conclude(method, None),
            Outcome::Unproven(reason) => self.conclude(Method::Length, Some(reason)),
            Outcome::Mismatch(message) => self.damaged(&message),
            Outcome::Unclear => self.check_parts(),
        }
    }

    /// The digests disagree: asks whether they had to.
    pub(super) fn check_parts(&mut self) {
        let target = self.target.clone();
        let (size, parts) = (self.object.size, self.prover.parts());
        self.state =
            State::Checking(Box::pin(async move { parts_are_even(&target, size, parts).await }));
    }

    pub(super) fn conclude(&mut self, method: Method, unproven: Option<Unproven>) {
        // Whoever reads a part knows that no checksum speaks of it.
        if unproven.is_some_and(|reason| reason != Unproven::Range) {
            self.target.session.counters.unproven();
        }
        self.verdict = Some(Verdict {
            method,
            unproven,
            is_probably_damaged: false,
            bytes: self.window.delivered(),
            reread: 0,
            resumes: self.budget.resumes(),
            retries: self.budget.retries(),
        });
        self.state = State::Ended;
    }

    /// The bytes are not the server's: once more from the start, if none was delivered.
    pub(super) fn damaged(&mut self, message: &str) {
        let error = self.target.at(mismatch(message));
        if self.has_delivered || self.has_reread {
            self.ready.clear();
            self.state = State::Failed(error);
            return;
        }
        self.has_reread = true;
        self.ready.clear();
        self.window.rewind();
        self.reopen(Some((Failure::Transient, error)));
    }
}
