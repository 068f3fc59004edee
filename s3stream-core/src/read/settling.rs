//! What is asked when every byte has come and the digests leave a question: the sizes of the
//! parts, and whether a second read of the object is the same.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::parts;
use super::prover::{Digests, Found, Hasher, Sums};
use super::sink::Sink;
use super::source::{Direct, Source, Yield};
use super::{Effort, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::object::{Algorithm, Object};
use crate::proto::proof::{Judge, Step, Told};
use crate::proto::window::{Extent, Window};
use crate::send::Session;

/// A second read takes pieces of this size, and holds none.
const PIECE: usize = 64 * 1024;

/// A question under way about bytes that were read.
pub(super) struct Settling {
    target: Target,
    object: Object,
    pub(super) case: Case,
    stage: Stage,
}

/// What is known of the first read.
pub(super) struct Case {
    pub(super) algorithm: Algorithm,
    pub(super) judge: Box<Judge>,
    /// Our own digest of its bytes.
    pub(super) own: Vec<u8>,
    pub(super) effort: Effort,
    /// Bytes of a second read.
    pub(super) reread: u64,
}

enum Stage {
    Asking(Pin<Box<dyn Future<Output = Result<Told>> + Send>>),
    Rereading(Box<SecondRead>),
    Over,
}

/// A second read of an object, of which only the digests are kept.
struct SecondRead {
    source: Source,
    digests: Digests,
    next: u64,
}

impl Case {
    /// Whether a second read gave the bytes of the first: so many as the object has, and our
    /// own digest of them is the same.
    fn is_same(&self, size: u64, seen: u64, own: &[u8]) -> bool {
        seen == size && own == self.own
    }
}

impl Settling {
    /// Asks for the sizes of the parts.
    pub(super) fn parts(target: &Target, object: &Object, case: Case) -> Self {
        let stage = Stage::asking(target, object, &case.judge);
        Settling { target: target.clone(), object: object.clone(), case, stage }
    }

    /// Reads the object once more, hashing it at these part sizes too.
    pub(super) fn second_read(target: &Target, object: &Object, case: Case, sizes: &[u64]) -> Self {
        let window = Window::pinned(Extent::default(), object);
        let direct = Direct::again(target.clone(), window);
        let stage = Stage::Rereading(Box::new(SecondRead {
            source: Source::Direct(Box::new(direct)),
            digests: Digests::parts(case.algorithm, sizes),
            next: 0,
        }));
        Settling { target: target.clone(), object: object.clone(), case, stage }
    }

    /// The same question in another session's runtime: the digests have spoken, and do not
    /// speak twice.
    pub(super) fn relocate(self, session: &Arc<Session>) -> Self {
        let Settling { target, object, case, stage } = self;
        let target = target.on(session, target.cancel.clone());
        let stage = match stage {
            Stage::Asking(_) => Stage::asking(&target, &object, &case.judge),
            Stage::Rereading(second) => {
                let SecondRead { source, digests, next } = *second;
                let source = source.relocate(session);
                Stage::Rereading(Box::new(SecondRead { source, digests, next }))
            }
            Stage::Over => Stage::Over,
        };
        Settling { target, object, case, stage }
    }

    /// The consumer goes away.
    pub(super) fn leave(&mut self) {
        if let Stage::Rereading(second) = &mut self.stage {
            second.source.leave();
        }
    }

    /// The next step, once the answer is there.
    ///
    /// # Errors
    /// `Cancelled`: whatever else fails is an answer too.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step>> {
        let step = match &mut self.stage {
            Stage::Asking(asking) => {
                let told = ready!(asking.as_mut().poll(cx))?;
                self.judged(|judge, habits| judge.parts_told(told, habits))
            }
            Stage::Rereading(second) => match ready!(second.poll(cx)) {
                Ok(effort) => {
                    self.case.reread = second.next;
                    self.case.effort = self.case.effort.and(effort);
                    self.compare()
                }
                Err(error) if error.kind() == ErrorKind::Cancelled => {
                    return Poll::Ready(Err(error));
                }
                Err(_) => {
                    self.case.reread = second.next;
                    self.judged(Judge::no_second_read)
                }
            },
            Stage::Over => {
                let error = Error::new(ErrorKind::Internal, "it is settled already");
                return Poll::Ready(Err(self.target.at(error)));
            }
        };
        Poll::Ready(Ok(step))
    }

    /// Both reads are over: they are the same, or one of them is wrong.
    fn compare(&mut self) -> Step {
        let Stage::Rereading(second) = std::mem::replace(&mut self.stage, Stage::Over) else {
            return self.judged(Judge::no_second_read);
        };
        let Found { seen, sums: Sums::Parts(candidates), own: Some(own) } = second.digests.finish()
        else {
            return self.judged(Judge::no_second_read);
        };
        let is_same = self.case.is_same(self.object.size, seen, &own);
        self.judged(|judge, habits| judge.second_read(is_same, &candidates, habits))
    }

    fn judged(
        &mut self,
        judge: impl FnOnce(&mut Judge, &mut crate::proto::parts::PartSizes) -> Step,
    ) -> Step {
        let Settling { target, case, .. } = self;
        target.session.habits.part_sizes(&target.bucket, |habits| judge(&mut case.judge, habits))
    }
}

impl Stage {
    fn asking(target: &Target, object: &Object, judge: &Judge) -> Self {
        let (target, object, census) = (target.clone(), object.clone(), judge.census());
        Stage::Asking(Box::pin(async move { parts::census(&target, &object, census).await }))
    }
}

impl SecondRead {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Effort>> {
        loop {
            match ready!(self.source.poll(cx, &mut Sink::Cut(PIECE)))? {
                Yield::Piece(piece) => {
                    let length = piece.len() as u64;
                    let bytes = piece
                        .into_bytes(self.next)
                        .map_err(|_| Error::new(ErrorKind::Internal, "a second read lost bytes"))?;
                    self.digests.update(&bytes);
                    self.next += length;
                }
                Yield::Successor(source) => self.source = source,
                Yield::End(effort) => return Poll::Ready(Ok(effort)),
                // It is described already, and no buffer was given.
                Yield::Opened(_) | Yield::Filled(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::parts::PartSizes;
    use crate::proto::proof::FirstPart;

    #[test]
    fn two_reads_are_the_same_only_if_every_byte_was_seen_twice() {
        let mut habits = PartSizes::default();
        let judge = Judge::new(vec![0; 16], 10, 2, FirstPart::Unasked, &mut habits);
        let case = Case {
            algorithm: Algorithm::Md5,
            judge: Box::new(judge),
            own: vec![1, 2],
            effort: Effort::default(),
            reread: 0,
        };
        assert!(case.is_same(10, 10, &[1, 2]));
        for (seen, own) in [(9, &[1, 2][..]), (11, &[1, 2]), (10, &[1, 3]), (10, &[1]), (10, &[])] {
            assert!(!case.is_same(10, seen, own), "{seen} {own:?}");
        }
    }
}
