//! What a reply says of the object that it brings, and what its proof will need.

use super::open::Target;
use super::parts;
use crate::error::Result;
use crate::object::Object;
use crate::proto::parts::Asking;
use crate::proto::proof::{FirstPart, Proof};
use crate::proto::response::ObjectHead;
use crate::proto::window::Window;
use crate::verdict::Integrity;

/// What is known of an object from the reply that opened it.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) head: ObjectHead,
    pub(crate) reach: Reach,
    /// Offset behind the last byte of the read.
    pub(crate) end: u64,
}

/// How much of the object the reply brings: only a whole one's checksums are to be trusted, a
/// range's may belong to a part, or wrongly to the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// With what is known of the first part, where it is a multipart upload.
    Whole(FirstPart),
    Part,
}

/// What will tell at the end whether bytes from several replies belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backing {
    Digest,
    Length,
}

impl Evidence {
    /// What a reply's head says; for a proof by parts, their size is asked for.
    ///
    /// # Errors
    /// `Cancelled` only: the size of a part is a help, not a need.
    pub(super) async fn gather(head: ObjectHead, window: &Window, target: &Target) -> Result<Self> {
        let end = window.end();
        if !window.is_whole() {
            return Ok(Evidence { head, reach: Reach::Part, end });
        }
        let first_part = match Proof::choose(&head, target.session.config.integrity) {
            Proof::Parts { parts, .. } => {
                let size = head.object.size;
                let habits = &target.session.habits;
                match habits.part_sizes(&target.bucket, |habits| habits.asking(size, parts)) {
                    Asking::First => parts::first(target, &head.object).await?,
                    Asking::OnlyInDoubt | Asking::Never => FirstPart::Unasked,
                }
            }
            Proof::Whole { .. } | Proof::Length(_) => FirstPart::Unasked,
        };
        Ok(Evidence { head, reach: Reach::Whole(first_part), end })
    }

    /// The same, for who keeps it.
    pub(crate) fn into_object(self) -> Object {
        self.head.object
    }

    /// The object, as the reply describes it.
    pub(crate) fn object(&self) -> &Object {
        &self.head.object
    }

    /// What its proof will be.
    pub(super) fn backing(&self, integrity: Integrity) -> Backing {
        match Proof::choose(&self.head, integrity) {
            Proof::Whole { .. } | Proof::Parts { .. } if self.reach != Reach::Part => {
                Backing::Digest
            }
            _ => Backing::Length,
        }
    }

    /// Whether its proof takes a digest that is too slow to run in the way of a read.
    pub(super) fn is_slow(&self, integrity: Integrity) -> bool {
        self.reach != Reach::Part && Proof::choose(&self.head, integrity).is_slow()
    }
}
