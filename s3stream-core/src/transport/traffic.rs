//! What has gone over a connection, as far as others need to know.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters that socket, connection and whoever waits for a reply share.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Bytes delivered. What TLS sends for itself, a farewell above all, is no byte of a reply.
    received: AtomicU64,
    /// Bytes that the socket has taken.
    sent: AtomicU64,
    /// The peer takes no more bytes.
    is_deaf: AtomicBool,
    /// A body is under way that has not been answered.
    is_upload: AtomicBool,
}

impl Traffic {
    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    pub(super) fn receive(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Counts what was written, unless nobody takes it any more.
    pub(super) fn send(&self, bytes: usize) {
        if !self.is_deaf() {
            self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf.load(Ordering::Relaxed)
    }

    pub(super) fn turn_deaf(&self) {
        self.is_deaf.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_upload(&self) -> bool {
        self.is_upload.load(Ordering::Relaxed)
    }

    pub(super) fn upload(&self, is_upload: bool) {
        self.is_upload.store(is_upload, Ordering::Relaxed);
    }
}
