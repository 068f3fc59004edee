//! A wait for a cancellation, beside whatever else is waited for.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Made when it is first waited for, and kept: most reads are never cancelled.
#[derive(Default)]
pub(super) struct Cancellation(Option<Pin<Box<WaitForCancellationFutureOwned>>>);

impl Cancellation {
    /// Ready once the token is cancelled.
    pub(super) fn poll(&mut self, token: &CancellationToken, cx: &mut Context<'_>) -> Poll<()> {
        let cancelled = self.0.get_or_insert_with(|| Box::pin(token.clone().cancelled_owned()));
        cancelled.as_mut().poll(cx)
    }
}
