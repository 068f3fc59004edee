//! The border to C: no panic crosses it, and a handle is entered by one thread at a time.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, TryLockError};

use crate::error::{self, Failure};
use crate::status::Status;

/// Runs the body of a function that returns a status.
///
/// `function` is the name that C calls it by, for the line of a misuse.
pub(crate) fn guard(function: &'static str, body: impl FnOnce() -> Result<(), Failure>) -> Status {
    match guarded(body) {
        Ok(()) => Status::S3STREAM_OK,
        Err(failure) => error::remember(function, failure),
    }
}

/// Runs the body of a function that returns a value; `otherwise` where it fails.
pub(crate) fn guard_or<T>(
    function: &'static str,
    otherwise: T,
    body: impl FnOnce() -> Result<T, Failure>,
) -> T {
    match guarded(body) {
        Ok(value) => value,
        Err(failure) => {
            error::remember(function, failure);
            otherwise
        }
    }
}

fn guarded<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    silence_panics();
    let before = INSIDE.replace(true);
    // What a panic leaves half done is never looked at again: the handle refuses to be entered.
    let result = catch_unwind(AssertUnwindSafe(body));
    INSIDE.set(before);
    result.unwrap_or_else(|_| {
        let told = PANIC.with_borrow_mut(Option::take);
        Err(Failure::Panic(told.unwrap_or_else(|| "a panic without a word".to_owned())))
    })
}

thread_local! {
    /// Whether this thread is in a call of ours.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// What the last panic in this thread said, and where.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps what a panic says for the error, instead of standard error, which is the agent's.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            let is_ours = thread.name().is_some_and(|name| name.starts_with("s3stream"));
            if INSIDE.get() {
                let place = panic.location().map(ToString::to_string).unwrap_or_default();
                let said = panic.payload_as_str().unwrap_or("no message");
                PANIC.set(Some(format!("{place}: {said}")));
            } else if !is_ours {
                before(panic);
            }
        }));
    });
}

/// What one thread at a time may enter, and nobody after a panic in it.
pub(crate) struct Exclusive<T>(Mutex<T>);

impl<T> Exclusive<T> {
    pub(crate) fn new(value: T) -> Self {
        Exclusive(Mutex::new(value))
    }

    /// Enters without waiting: a second thread is told that it must not be there.
    pub(crate) fn enter(&self) -> Result<MutexGuard<'_, T>, Failure> {
        match self.0.try_lock() {
            Ok(entered) => Ok(entered),
            Err(TryLockError::WouldBlock) => Err(Failure::misuse(
                "another thread is in a call with this handle: use it from one thread at a time",
            )),
            Err(TryLockError::Poisoned(_)) => Err(panicked()),
        }
    }
}

/// What several threads may enter at once, and nobody after a panic in it.
pub(crate) struct Shared<T> {
    value: T,
    has_panicked: AtomicBool,
}

impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Shared { value, has_panicked: AtomicBool::new(false) }
    }

    pub(crate) fn enter(&self) -> Result<Entered<'_, T>, Failure> {
        if self.has_panicked.load(Ordering::Relaxed) {
            return Err(panicked());
        }
        Ok(Entered(self))
    }
}

/// A [`Shared`] value in use; notices when it is left by a panic.
pub(crate) struct Entered<'a, T>(&'a Shared<T>);

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> Drop for Entered<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.has_panicked.store(true, Ordering::Relaxed);
        }
    }
}

fn panicked() -> Failure {
    Failure::Panic(
        "an earlier call with this handle panicked: free it, it does nothing else".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::{s3stream_error_line, s3stream_last_error};

    fn line() -> String {
        // SAFETY: the last error of this thread lives until the next one.
        let text = unsafe { CStr::from_ptr(s3stream_error_line(s3stream_last_error())) };
        text.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_becomes_an_error_that_says_where() {
        let status = guard("s3stream_test", || panic!("the reason"));
        assert_eq!(status, Status::S3STREAM_INTERNAL);
        let line = line();
        assert!(line.contains("s3stream_test: internal error"), "{line}");
        assert!(line.contains("guard.rs:") && line.contains("the reason"), "{line}");
        assert_eq!(guard_or("s3stream_test", 7, || panic!("again")), 7);
    }

    #[test]
    fn a_handle_that_panicked_is_never_entered_again() {
        let exclusive = Exclusive::new(1);
        let shared = Shared::new(1);
        guard("s3stream_test", || {
            let _inside = exclusive.enter()?;
            panic!("inside")
        });
        guard("s3stream_test", || {
            let _inside = shared.enter()?;
            panic!("inside")
        });
        for status in [
            guard("s3stream_test", || exclusive.enter().map(drop)),
            guard("s3stream_test", || shared.enter().map(drop)),
        ] {
            assert_eq!(status, Status::S3STREAM_INTERNAL);
            assert!(line().contains("free it"), "{}", line());
        }
    }

    #[test]
    fn a_second_thread_is_refused_and_a_later_one_is_not() {
        let exclusive = Exclusive::new(1);
        let inside = exclusive.enter().ok().unwrap();
        let status = std::thread::scope(|scope| {
            scope.spawn(|| guard("s3stream_test", || exclusive.enter().map(drop))).join().unwrap()
        });
        assert_eq!(status, Status::S3STREAM_INVALID_INPUT);
        drop(inside);
        assert_eq!(guard("s3stream_test", || exclusive.enter().map(drop)), Status::S3STREAM_OK);
    }
}
