//! What the servers' programs have in common: sizes as arguments, and how they end.

use std::io::{self, Read as _};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Reads a size in bytes, K, M or G.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "not a size".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

/// Waits for a signal or, if asked to, for the end of standard input.
pub(crate) fn wait(until_stdin_closes: bool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = stdin_end(), if until_stdin_closes => {}
        }
        Ok(())
    })
}

/// Resolves when standard input ends. Its thread is left behind when a signal
/// comes first, which a runtime's own blocking thread could not be.
async fn stdin_end() {
    let (send, ended) = oneshot::channel();
    std::thread::spawn(move || {
        // An error is an end as well.
        let _read = io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink());
        // Fails only if nobody waits any more.
        let _sent = send.send(());
    });
    let _ended = ended.await;
}
