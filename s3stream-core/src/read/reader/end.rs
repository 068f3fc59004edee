//! The end of a read: what the digests say, and what becomes of damage.

use super::super::prover::{Claim, Sums};
use super::super::settling::{Case, Settling};
use super::{Direct, Effort, ObjectReader, Rereads, Source, State};
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Algorithm, Checksum};
use crate::proto::proof::{Damage, Step, demand};
use crate::proto::window::{Extent, Window};
use crate::read::Connections;
use crate::verdict::{Method, Unproven, Verdict};

impl ObjectReader {
    /// The source has ended: asks the digests.
    pub(super) fn finish(&mut self, effort: Effort) -> Result<()> {
        let (claim, sums, own) = self.prover.finish().map_err(|error| self.at(error))?;
        let stated = claim.stated();
        let session = &self.target.session;
        let step = match (claim, sums) {
            (Claim::Whole { algorithm, expected }, Sums::Whole(got)) => {
                session.habits.etags(|etags| Step::of_whole(algorithm, &expected, &got, etags))
            }
            (Claim::Parts { algorithm, mut judge }, Sums::Parts(candidates)) => {
                let step = session
                    .habits
                    .part_sizes(&self.target.bucket, |habits| judge.first_read(candidates, habits));
                let own = own.unwrap_or_default();
                let case = Case { algorithm, judge, own, effort, reread: 0 };
                return self.take_step(step, Ending::Open(case));
            }
            (Claim::Length(reason), _) => Step::Unproven { reason, is_probably_damaged: false },
            (Claim::Whole { .. } | Claim::Parts { .. }, _) => {
                let error = Error::new(ErrorKind::Internal, "its digest is missing");
                return Err(self.at(error));
            }
        };
        self.take_step(step, Ending::Known { effort, stated, own })
    }

    /// The question that was left is answered.
    pub(super) fn settled(&mut self, step: Step) -> Result<()> {
        match std::mem::replace(&mut self.state, State::Elsewhere) {
            State::Settling(settling) => self.take_step(step, Ending::Open(settling.case)),
            state => {
                self.state = state;
                Ok(())
            }
        }
    }

    fn take_step(&mut self, step: Step, ending: Ending) -> Result<()> {
        match (step, ending) {
            (Step::Proven(method), ending) => self.conclude(method, None, false, &ending),
            (Step::Unproven { reason, is_probably_damaged }, ending) => {
                let method = match reason {
                    Unproven::Range => Method::Range,
                    _ => Method::Length,
                };
                self.conclude(method, Some(reason), is_probably_damaged, &ending)
            }
            (Step::Damaged(damage), ending) => self.damaged(damage, &ending),
            (Step::AskParts, Ending::Open(case)) => {
                let settling = Settling::parts(&self.target, &self.object, case);
                self.state = State::Settling(Box::new(settling));
                Ok(())
            }
            (Step::ReadAgain(sizes), Ending::Open(case)) => {
                let settling = Settling::second_read(&self.target, &self.object, case, &sizes);
                self.state = State::Settling(Box::new(settling));
                Ok(())
            }
            (Step::AskParts | Step::ReadAgain(_), Ending::Known { .. }) => {
                Err(self.at(Error::new(ErrorKind::Internal, "there are no parts to ask for")))
            }
        }
    }

    fn conclude(
        &mut self,
        method: Method,
        unproven: Option<Unproven>,
        is_probably_damaged: bool,
        ending: &Ending,
    ) -> Result<()> {
        self.target.settle(&self.object, method)?;
        let Effort { resumes, retries } = ending.effort();
        let is_own_wanted = self.target.session.config.own_digest;
        let verdict = Verdict {
            method,
            unproven,
            is_probably_damaged,
            digest: ending.stated().filter(|_| unproven.is_none()),
            own_digest: ending.own().filter(|_| is_own_wanted),
            bytes: self.prover.taken(),
            reread: ending.reread(),
            resumes,
            retries,
        };
        // Whoever reads a part knows that no checksum speaks of it.
        if unproven.is_some_and(|reason| reason != Unproven::Range) {
            self.target.session.counters.unproven();
        }
        demand(self.target.session.config.require_proof, &verdict)
            .map_err(|error| self.at(error))?;
        self.prover.release();
        self.state = State::Ended(verdict);
        Ok(())
    }

    /// The bytes are not the server's: once more from the start, if none was delivered.
    fn damaged(&mut self, damage: Damage, ending: &Ending) -> Result<()> {
        let Damage { message, advice } = damage;
        let error = Error::new(ErrorKind::Integrity, message).with_advice(Some(advice));
        let error = self.at(error);
        if self.rereads == Rereads::Once || !self.prover.is_held() {
            return Err(error);
        }
        self.rereads = Rereads::Once;
        self.prover.rewind();
        let window = Window::pinned(Extent::default(), &self.object);
        let mut direct = Direct::new(self.target.clone(), window, Connections::One);
        direct.join(ending.effort());
        direct.repeat(error);
        self.state = State::Reading(Source::Direct(Box::new(direct)));
        Ok(())
    }
}

/// What the end took and found, and what a question that is left would need.
enum Ending {
    Known { effort: Effort, stated: Option<Checksum>, own: Option<Vec<u8>> },
    Open(Case),
}

impl Ending {
    fn effort(&self) -> Effort {
        match self {
            Ending::Known { effort, .. } => *effort,
            Ending::Open(case) => case.effort,
        }
    }

    fn reread(&self) -> u64 {
        match self {
            Ending::Known { .. } => 0,
            Ending::Open(case) => case.reread,
        }
    }

    /// The digest that the server states.
    fn stated(&self) -> Option<Checksum> {
        match self {
            Ending::Known { stated, .. } => stated.clone(),
            Ending::Open(case) => Some(case.judge.stated(case.algorithm)),
        }
    }

    /// Our own digest.
    fn own(&self) -> Option<Checksum> {
        let own = match self {
            Ending::Known { own, .. } => own.as_deref()?,
            Ending::Open(case) => &case.own,
        };
        Some(Checksum::of(Algorithm::Crc64Nvme, own))
    }
}
