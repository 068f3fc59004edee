//! A read under way, whichever connections it has: what it is about and how far it has come.

use super::ahead::Ahead;
use crate::proto::retry::Budget;
use crate::proto::window::Window;
pub(super) use crate::read::evidence::Backing;
use crate::read::{Effort, Target};

/// What goes on when connections are made, lost and multiplied.
pub(crate) struct Course {
    pub(super) target: Target,
    pub(super) window: Window,
    pub(super) budget: Budget,
    pub(super) backing: Backing,
    pub(super) ahead: Ahead,
}

impl Course {
    pub(super) fn new(target: Target, window: Window, budget: Budget) -> Self {
        let (backing, ahead) = (Backing::Length, Ahead::off());
        Course { target, window, budget, backing, ahead }
    }

    /// The course itself, for the source that goes on with it: whoever had it yields nothing
    /// more, and what stays there is a shell.
    pub(super) fn take(&mut self) -> Self {
        let shell = Course::new(self.target.clone(), self.window.clone(), self.budget.clone());
        std::mem::replace(self, shell)
    }

    /// Offset in the object of the next byte.
    pub(crate) fn position(&self) -> u64 {
        self.window.position()
    }

    /// Bytes still to come.
    pub(crate) fn remaining(&self) -> u64 {
        self.window.remaining()
    }

    pub(super) fn effort(&self) -> Effort {
        Effort { resumes: self.budget.resumes(), retries: self.budget.retries() }
    }

    /// So many bytes have been yielded.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.window.advance(bytes);
        self.budget.delivered(bytes as u64);
    }
}
