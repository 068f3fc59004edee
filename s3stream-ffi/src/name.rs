//! Keys as file names, both ways.

use std::ffi::c_char;

use s3stream_core::name;

use crate::guard::{Exclusive, guard, guard_or};
use crate::object::Object;
use crate::pointer::{Output, borrow, free, give, text, text_of_length};
use crate::status::Status;
use crate::text::Text;

/// File names for the keys of one listing, in which both "a" and "a/b" may be keys; one thread
/// at a time.
pub struct Names(Exclusive<name::Names>);

/// Starts a listing. NULL only after an internal error.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_names_new() -> *mut Names {
    guard_or("s3stream_names_new", std::ptr::null_mut(), || {
        Ok(give(Names(Exclusive::new(name::Names::new()))))
    })
}

/// Gives the file name of the next object: a relative path that never leaves its directory,
/// that every Linux file system takes, and that s3stream_key() turns back into the key.
///
/// Every object of the listing must come, in its order, whatever becomes of it: "a" decides on
/// the name of "a/b" behind it. Several versions of one key have the same name. The text is the
/// caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_names_file_name(
    names: *mut Names,
    object: *const Object,
    file_name: *mut *mut Text,
) -> Status {
    guard("s3stream_names_file_name", || {
        // SAFETY: the header's contract of pointers.
        let (names, object, file_name) = unsafe {
            (
                borrow(names, "names")?,
                borrow(object, "object")?,
                Output::new(file_name, "file_name")?,
            )
        };
        file_name.give(Text::new(&names.0.enter()?.file_name(&object.inner.key)));
        Ok(())
    })
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_names_free(names: *mut Names) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_names_free", names) }
}

/// Gives the file name of one key on its own: where "a" and "a/b" may both be keys, use
/// s3stream_names_file_name().
///
/// `key_length` is in bytes. S3STREAM_INVALID_INPUT if the key is not UTF-8. The text is the
/// caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_file_name(
    key: *const c_char,
    key_length: usize,
    file_name: *mut *mut Text,
) -> Status {
    guard("s3stream_file_name", || {
        // SAFETY: the header's contract of pointers.
        let (key, file_name) = unsafe {
            (text_of_length(key, key_length, "key")?, Output::new(file_name, "file_name")?)
        };
        file_name.give(Text::new(&name::file_name(key)));
        Ok(())
    })
}

/// Gives the key of a file name that one of the functions above made.
///
/// S3STREAM_INVALID_INPUT if they never make such a name. The text is the caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_key(file_name: *const c_char, key: *mut *mut Text) -> Status {
    guard("s3stream_key", || {
        // SAFETY: the header's contract of pointers.
        let (file_name, key) = unsafe { (text(file_name, "file_name")?, Output::new(key, "key")?) };
        key.give(Text::new(&name::key(file_name)?));
        Ok(())
    })
}

/// Gives the path of one version of a key: for all its life, and never a key's own. Delete markers
/// have one too; where a listing gives no version, its id is "null".
///
/// `key_length` is in bytes. S3STREAM_INVALID_INPUT if one of them is not UTF-8. The text is the
/// caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_version_file_name(
    key: *const c_char,
    key_length: usize,
    version_id: *const c_char,
    file_name: *mut *mut Text,
) -> Status {
    guard("s3stream_version_file_name", || {
        // SAFETY: the header's contract of pointers.
        let (key, version_id, file_name) = unsafe {
            (
                text_of_length(key, key_length, "key")?,
                text(version_id, "version_id")?,
                Output::new(file_name, "file_name")?,
            )
        };
        file_name.give(Text::new(&name::version_file_name(key, version_id)));
        Ok(())
    })
}

/// Gives the key and the version's id of a path that s3stream_version_file_name() made.
///
/// S3STREAM_INVALID_INPUT if it never makes such a path. The texts are the caller's, who frees
/// them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_version_of(
    file_name: *const c_char,
    key: *mut *mut Text,
    version_id: *mut *mut Text,
) -> Status {
    guard("s3stream_version_of", || {
        // SAFETY: the header's contract of pointers.
        let (file_name, key, version_id) = unsafe {
            (
                text(file_name, "file_name")?,
                Output::new(key, "key")?,
                Output::new(version_id, "version_id")?,
            )
        };
        let (of_key, of_version) = name::version_of(file_name)?;
        key.give(Text::new(&of_key));
        version_id.give(Text::new(&of_version));
        Ok(())
    })
}
