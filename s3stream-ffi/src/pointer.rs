//! Arguments from C: checked where they come in, so that everything behind holds values.

use std::ffi::{CStr, c_char};

use crate::error::Failure;

/// What a handle or a borrowed value points to; refuses NULL.
///
/// # Safety
/// `pointer` is NULL, or came from this library for this type and was not freed.
pub(crate) unsafe fn borrow<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Failure> {
    // SAFETY: as the caller promises; what we handed out is aligned and alive.
    unsafe { pointer.as_ref() }.ok_or_else(|| is_null(name))
}

/// Text that C wrote: UTF-8 up to its NUL; refuses NULL.
///
/// # Safety
/// `pointer` is NULL, or text with a NUL that stays as it is during the call.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &str) -> Result<&'a str, Failure> {
    // SAFETY: the caller promises the same.
    unsafe { optional_text(pointer, name) }?.ok_or_else(|| is_null(name))
}

/// The same, where NULL means that there is none.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(
    pointer: *const c_char,
    name: &str,
) -> Result<Option<&'a str>, Failure> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and the caller promises the NUL behind it.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(Some).map_err(|_| is_not_utf8(name))
}

/// Text of a known length, which may have NULs in it; refuses NULL unless it is empty.
///
/// # Safety
/// `pointer` is NULL or `length` bytes that stay as they are during the call.
pub(crate) unsafe fn text_of_length<'a>(
    pointer: *const c_char,
    length: usize,
    name: &str,
) -> Result<&'a str, Failure> {
    if length == 0 {
        return Ok("");
    }
    if pointer.is_null() {
        return Err(is_null(name));
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::misuse(format!("{name} cannot be {length} bytes long")));
    }
    // SAFETY: not NULL, not longer than memory is, and the caller promises the bytes.
    let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) };
    std::str::from_utf8(bytes).map_err(|_| is_not_utf8(name))
}

/// Where a result goes: known not to be NULL, written once, by [`Output::set`].
pub(crate) struct Output<'a, T>(&'a mut std::mem::MaybeUninit<T>);

impl<'a, T> Output<'a, T> {
    /// # Safety
    /// `pointer` is NULL or room for a `T` that nobody else uses during the call.
    pub(crate) unsafe fn new(pointer: *mut T, name: &str) -> Result<Self, Failure> {
        // SAFETY: as the caller promises; nothing is read from it.
        unsafe { pointer.cast::<std::mem::MaybeUninit<T>>().as_mut() }
            .map(Output)
            .ok_or_else(|| is_null(name))
    }

    pub(crate) fn set(self, value: T) {
        self.0.write(value);
    }
}

impl<T> Output<'_, *mut T> {
    /// Hands a value over to C, which frees it by the `_free` of its type.
    pub(crate) fn give(self, value: T) {
        self.set(give(value));
    }
}

/// A value that C owns from now on.
pub(crate) fn give<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Takes a value back from C and drops it; NULL is nothing.
///
/// # Safety
/// `pointer` is NULL, or came from [`give`] and was not freed.
pub(crate) unsafe fn free<T>(function: &'static str, pointer: *mut T) {
    if !pointer.is_null() {
        crate::guard::guard(function, || {
            // SAFETY: as the caller promises, it is ours and nobody uses it any more.
            drop(unsafe { Box::from_raw(pointer) });
            Ok(())
        });
    }
}

fn is_null(name: &str) -> Failure {
    Failure::misuse(format!("{name} is NULL"))
}

fn is_not_utf8(name: &str) -> Failure {
    Failure::misuse(format!("{name} is not UTF-8"))
}
