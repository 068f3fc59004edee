//! Text that C reads.

use std::ffi::c_char;

use crate::guard::guard_or;
use crate::pointer::{borrow, free};

/// Text that the library made; owned by whoever got it.
pub struct Text(Box<[u8]>);

impl Text {
    /// Text with the NUL that C needs behind it.
    pub(crate) fn new(text: &str) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Text(bytes.into_boxed_slice())
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }
}

/// A pointer for C; NULL where there is no text.
pub(crate) fn pointer(text: Option<&Text>) -> *const c_char {
    text.map_or(std::ptr::null(), Text::as_ptr)
}

/// The text, UTF-8, with a NUL behind it; a key may have NULs in it as well. Borrowed from
/// `text`. NULL if `text` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_text_data(text: *const Text) -> *const c_char {
    guard_or("s3stream_text_data", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(text, "text") }?.as_ptr())
    })
}

/// Bytes of the text, without the NUL behind it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_text_length(text: *const Text) -> usize {
    guard_or("s3stream_text_length", 0, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(text, "text") }?.0.len() - 1)
    })
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_text_free(text: *mut Text) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_text_free", text) }
}
