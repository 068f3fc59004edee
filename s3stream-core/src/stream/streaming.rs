//! A stream of objects over a source of them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{IntoWanted, ObjectStream};
use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::read::ObjectReader;

/// The readers of the objects that a source names, in its order: a `futures::Stream`.
///
/// An `Err` is the source's own failure (a listing that broke off), or says that the stream was
/// cancelled: it comes behind the objects before it, and is the last item. An object's failure
/// is its reader's. See [`ObjectStream`].
pub struct Streaming<S> {
    objects: ObjectStream,
    /// `None` once it has ended.
    source: Option<S>,
    failed: Option<Error>,
    is_cancelled: bool,
}

impl<S> Streaming<S> {
    pub(crate) fn new(objects: ObjectStream, source: S) -> Self {
        Streaming { objects, source: Some(source), failed: None, is_cancelled: false }
    }

    /// Cancels the stream and all its readers.
    pub fn canceller(&self) -> Canceller {
        self.objects.canceller()
    }
}

impl<S> futures_core::Stream for Streaming<S>
where
    S: futures_core::Stream<Item: IntoWanted> + Unpin,
{
    type Item = Result<ObjectReader>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<ObjectReader>>> {
        let this = &mut *self;
        if this.is_cancelled {
            return Poll::Ready(None);
        }
        while this.objects.has_room()
            && let Some(source) = &mut this.source
        {
            match Pin::new(source).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => this.source = None,
                Poll::Ready(Some(item)) => match item.into_wanted() {
                    Ok(wanted) => this.objects.push(wanted),
                    Err(error) => {
                        this.failed = Some(error);
                        this.source = None;
                    }
                },
            }
        }
        if let Some(next) = ready!(this.objects.poll_reader(cx)) {
            // Said once: behind it there is nothing more to come.
            this.is_cancelled = next.is_err();
            return Poll::Ready(Some(next));
        }
        if this.source.is_some() {
            return Poll::Pending;
        }
        Poll::Ready(this.failed.take().map(Err))
    }
}
