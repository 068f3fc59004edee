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
        let Found { seen, sums: Sums::Parts { candidates, own } } = second.digests.finish() else {
            return self.judged(Judge::no_second_read);
        };
        let is_same = seen == self.object.size && own == self.case.own;
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
