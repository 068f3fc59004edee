//! The end of a read: what the digests say, and what becomes of damage.

use super::super::proof::{Outcome, mismatch, parts_are_even};
use super::{ObjectReader, State};
use crate::proto::retry::Failure;
use crate::verdict::{Method, Verdict};

impl ObjectReader {
    /// Every byte is here: asks the digests.
    pub(super) fn finish(&mut self) {
        if !self.window.is_whole() {
            return self.conclude(Method::Range);
        }
        match self.prover.finish() {
            Outcome::Proven(method) => self.conclude(method),
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

    pub(super) fn conclude(&mut self, method: Method) {
        self.verdict = Some(Verdict {
            method,
            bytes: self.window.delivered(),
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
