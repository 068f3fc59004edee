//! Cancelling from elsewhere: a handle that ends a wait in another thread or task.

use tokio_util::sync::CancellationToken;

/// Cancels one client, listing or reader; cheap to clone, safe from any thread.
///
/// A call that is waiting returns within 100 ms with
/// [`Cancelled`](crate::ErrorKind::Cancelled), and so does every later one.
#[derive(Clone, Debug)]
pub struct Canceller(CancellationToken);

impl Canceller {
    pub(crate) fn new(token: CancellationToken) -> Self {
        Canceller(token)
    }

    /// Cancels; a second call does nothing.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}
