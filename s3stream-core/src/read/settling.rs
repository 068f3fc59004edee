//! What is asked when every byte has come and the digests leave a question.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::parts::{self, Parts};
use super::{Effort, Target};
use crate::error::Result;
use crate::object::Object;

/// A question under way, and what the read took until then.
pub(super) struct Settling {
    effort: Effort,
    parts: u32,
    asking: Pin<Box<dyn Future<Output = Result<Parts>> + Send>>,
}

impl Settling {
    /// Asks whether the parts have the sizes that a composite was computed with.
    pub(super) fn parts(target: &Target, object: &Object, parts: u32, effort: Effort) -> Self {
        let (target, object) = (target.clone(), object.clone());
        let asking = Box::pin(async move { parts::shape(&target, &object, parts).await });
        Settling { effort, parts, asking }
    }

    /// The same question in another session's runtime: the digests have spoken, and do not
    /// speak twice.
    pub(super) fn relocate(self, target: &Target, object: &Object) -> Self {
        let Settling { effort, parts, asking: _ } = self;
        Settling::parts(target, object, parts, effort)
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(Parts, Effort)>> {
        let parts = ready!(self.asking.as_mut().poll(cx))?;
        Poll::Ready(Ok((parts, self.effort)))
    }
}
