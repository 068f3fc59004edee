//! The end of a read: what the digests say, and what becomes of damage.

use super::super::parts::Parts;
use super::super::prover::Settle;
use super::{Direct, Effort, ObjectReader, Rereads, Settling, Source, State};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::window::{Extent, Window};
use crate::read::Connections;
use crate::verdict::{Method, Unproven, Verdict};

impl ObjectReader {
    /// The source has ended: asks the digests.
    pub(super) fn finish(&mut self, effort: Effort) -> Result<()> {
        let settle = self.prover.finish().map_err(|error| self.at(error))?;
        self.settle(settle, effort)
    }

    /// It is known now whether the composite had to agree.
    pub(super) fn settled(&mut self, parts: Parts, effort: Effort) -> Result<()> {
        let settle = match parts {
            Parts::Even => {
                self.prover.disagrees("the composite checksum of its parts disagrees".to_owned())
            }
            Parts::Uneven | Parts::Unknown => Settle::Unproven(Unproven::NotCheckable),
        };
        self.settle(settle, effort)
    }

    fn settle(&mut self, settle: Settle, effort: Effort) -> Result<()> {
        match settle {
            Settle::Proven(method) => self.conclude(method, None, effort),
            Settle::Unproven(Unproven::Range) => {
                self.conclude(Method::Range, Some(Unproven::Range), effort);
            }
            Settle::Unproven(reason) => self.conclude(Method::Length, Some(reason), effort),
            Settle::Reread(why) if self.rereads == Rereads::None => self.reread(&why, effort),
            Settle::Reread(why) | Settle::Damaged(why) => return Err(self.at(mismatch(why))),
            Settle::Parts(parts) => {
                let settling = Settling::parts(&self.target, &self.object, parts, effort);
                self.state = State::Settling(settling);
            }
        }
        Ok(())
    }

    fn conclude(&mut self, method: Method, unproven: Option<Unproven>, effort: Effort) {
        // Whoever reads a part knows that no checksum speaks of it.
        if unproven.is_some_and(|reason| reason != Unproven::Range) {
            self.target.session.counters.unproven();
        }
        self.prover.release();
        self.state = State::Ended(Verdict {
            method,
            unproven,
            is_probably_damaged: false,
            bytes: self.prover.taken(),
            reread: 0,
            resumes: effort.resumes,
            retries: effort.retries,
        });
    }

    /// The bytes are not the server's, and none was delivered: once more from the start.
    fn reread(&mut self, why: &str, effort: Effort) {
        self.rereads = Rereads::Once;
        self.prover.rewind();
        let window = Window::pinned(Extent::default(), &self.object);
        let mut direct = Direct::new(self.target.clone(), window, Connections::One);
        direct.join(effort);
        direct.repeat(self.at(mismatch(why)));
        self.state = State::Reading(Source::Direct(Box::new(direct)));
    }
}

/// The error of a proof that failed.
fn mismatch(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Integrity, message)
        .with_advice(Some("read it again; if it persists, the stored object is damaged"))
}
