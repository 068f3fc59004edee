//! Leaving a wait from inside: an interpreter has signals to look at while it waits for us.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Runtime;

/// Between two questions: short enough for a person at a keyboard.
const EVERY: Duration = Duration::from_millis(50);

type Watch = Box<dyn FnMut() -> bool>;

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
    /// Whether a wait was given up since [`tells_giving_up`] began.
    static GAVE_UP: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body`; each blocking call in it that waits asks `go_on` twenty times a second, on
/// this thread, and ends with `Cancelled` once the answer is no.
///
/// Such an end is nobody's failure: a reader, listing or stream is as if it had not been
/// called, and goes on with the next call. A read that has filled a part of its buffer
/// returns that part. Meant for language runtimes that must look at their signals.
///
/// ```
/// use s3stream_core::{ErrorKind, blocking};
/// let client = blocking::Client::builder()
///     .endpoint_url("http://127.0.0.1:9")
///     .anonymous(true)
///     .proxy("none")
///     .build_blocking()?;
/// let error = blocking::watched(|| false, || client.head("bucket", "key", None)).unwrap_err();
/// // Nobody listens there: either that was found out at once, or the wait was given up.
/// assert!(matches!(error.kind(), ErrorKind::Connection | ErrorKind::Cancelled));
/// # Ok::<(), s3stream_core::Error>(())
/// ```
pub fn watched<T>(go_on: impl FnMut() -> bool + 'static, body: impl FnOnce() -> T) -> T {
    let _before = Restore(WATCH.replace(Some(Box::new(go_on))));
    body()
}

/// Puts back what was watching before, also when `body` panics.
struct Restore(Option<Watch>);

impl Drop for Restore {
    fn drop(&mut self) {
        WATCH.set(self.0.take());
    }
}

/// Drives a future to its output; `None` if the wait for it was given up.
///
/// Whoever is asked is asked outside of the runtime: other threads need it meanwhile, and may
/// be what he waits for.
pub(super) fn unless_given_up<T>(runtime: &Runtime, future: impl Future<Output = T>) -> Option<T> {
    if !is_watched() {
        return Some(runtime.block_on(future));
    }
    let mut future = pin!(future);
    loop {
        // Timers are made inside of the runtime.
        let for_a_while = async { tokio::time::timeout(EVERY, future.as_mut()).await };
        match runtime.block_on(for_a_while) {
            Ok(output) => return Some(output),
            Err(_) if go_on() => {}
            Err(_) => {
                GAVE_UP.set(true);
                return None;
            }
        }
    }
}

/// Runs `body`, and says whether a wait in it was given up.
pub(super) fn tells_giving_up<T>(body: impl FnOnce() -> T) -> (T, bool) {
    GAVE_UP.set(false);
    (body(), GAVE_UP.take())
}

fn is_watched() -> bool {
    WATCH.with_borrow(Option::is_some)
}

/// Asks; what is asked may itself make blocking calls, which nobody watches.
fn go_on() -> bool {
    let Some(mut watch) = WATCH.take() else { return true };
    let answer = watch();
    WATCH.set(Some(watch));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> Option<T> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        unless_given_up(&runtime.enable_time().build().unwrap(), future)
    }

    #[test]
    fn a_wait_ends_when_the_answer_is_no() {
        let mut questions = 0;
        let ended = watched(
            move || {
                questions += 1;
                questions < 3
            },
            || run(std::future::pending::<()>()),
        );
        assert_eq!(ended, None);
    }

    #[test]
    fn what_is_ready_is_returned_without_a_question() {
        let ended = watched(|| panic!("asked"), || run(std::future::ready(7)));
        assert_eq!(ended, Some(7));
    }

    #[test]
    fn nobody_watches_afterwards() {
        watched(|| false, || ());
        assert!(!is_watched());
        watched(|| false, || watched(|| true, || ()));
        assert!(!is_watched());
    }
}
