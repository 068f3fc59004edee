//! Threads of ours, deaf to signals that the agent waits for.

use std::io;
use std::thread::JoinHandle;

use nix::sys::signal::{SigSet, SigmaskHow};

/// Starts a thread that blocks all signals from its first instruction on.
pub(crate) fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // A thread inherits its mask, so it is the starting thread's that must change for a moment.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).ok();
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    if let Some(before) = before {
        // It fails for wrong arguments only, and these were right a moment ago.
        let _ = before.thread_set_mask();
    }
    started
}

/// Blocks all signals in the current thread, where somebody else has started it.
pub(crate) fn block_signals() {
    // As above: it cannot fail with these arguments.
    let _ = SigSet::all().thread_block();
}
