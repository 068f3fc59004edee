//! What the server claims the bytes to be, as the reply that brought them says.

use super::digests::{Digests, Own};
use crate::object::{Algorithm, Checksum};
use crate::proto::proof::{Judge, Proof};
use crate::read::Target;
use crate::read::evidence::{Evidence, Reach};
use crate::verdict::Unproven;

/// What the bytes of one read are to be compared with.
pub(crate) enum Claim {
    /// Nothing but their number, and why.
    Length(Unproven),
    /// A digest of them all.
    Whole { algorithm: Algorithm, expected: Vec<u8> },
    /// A digest of the digests of parts.
    Parts { algorithm: Algorithm, judge: Box<Judge> },
}

impl Claim {
    /// The strongest that a reply offers and the client's `integrity` wants.
    pub(crate) fn of(evidence: &Evidence, target: &Target) -> Self {
        let Reach::Whole(first_part) = evidence.reach else {
            return Claim::Length(Unproven::Range);
        };
        let config = &target.session.config;
        match Proof::choose(&evidence.head, config.integrity) {
            Proof::Length(reason) => Claim::Length(reason),
            Proof::Whole { algorithm, expected } => Claim::Whole { algorithm, expected },
            Proof::Parts { algorithm, expected, parts } => {
                let size = evidence.object().size;
                let judge = target.session.habits.part_sizes(&target.bucket, |habits| {
                    Judge::new(expected, size, parts, first_part, habits)
                });
                let judge = Box::new(judge.read_twice(config.read_twice));
                Claim::Parts { algorithm, judge }
            }
        }
    }

    pub(super) fn is_of_the_whole(&self) -> bool {
        !matches!(self, Claim::Length(Unproven::Range))
    }

    /// Whether what it takes is too slow to run in the way of a read.
    pub(super) fn is_slow(&self) -> bool {
        match self {
            Claim::Length(_) => false,
            Claim::Whole { algorithm, .. } | Claim::Parts { algorithm, .. } => algorithm.is_slow(),
        }
    }

    /// The digests that are to run along with the read.
    pub(super) fn digests(&self, own: Own) -> Option<Digests> {
        match self {
            Claim::Length(Unproven::Range) => None,
            Claim::Length(_) => (own == Own::Wanted).then(Digests::own),
            Claim::Whole { algorithm, .. } => Some(Digests::whole(*algorithm, own)),
            Claim::Parts { algorithm, judge } => Some(Digests::parts(*algorithm, judge.sizes())),
        }
    }

    /// What the server states, as it states it.
    pub(crate) fn stated(&self) -> Option<Checksum> {
        match self {
            Claim::Length(_) => None,
            Claim::Whole { algorithm, expected } => Some(Checksum::of(*algorithm, expected)),
            Claim::Parts { algorithm, judge } => Some(judge.stated(*algorithm)),
        }
    }
}
