//! What the server claims the bytes to be, as the reply that brought them says.

use super::digests::Digests;
use crate::object::Algorithm;
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

    pub(super) fn digests(&self) -> Option<Digests> {
        match self {
            Claim::Length(_) => None,
            Claim::Whole { algorithm, .. } => Some(Digests::whole(*algorithm)),
            Claim::Parts { algorithm, judge } => Some(Digests::parts(*algorithm, judge.sizes())),
        }
    }
}
