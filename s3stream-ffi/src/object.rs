//! An object as a listing or a reply describes it.

use std::ffi::{c_char, c_void};
use std::sync::OnceLock;

use crate::error::Failure;
use crate::guard::guard_or;
use crate::pointer::{Output, borrow, free, give};
use crate::text::{Text, pointer};

/// One object, or one version of it, as a listing or a reply describes it.
///
/// Never changes: any number of threads may read one. Texts are borrowed from it, UTF-8, with a
/// NUL behind them; NULL means that the server did not say.
pub struct Object {
    pub(crate) inner: s3stream_core::Object,
    pub(crate) texts: Texts,
}

/// The texts that C has asked for: most listings are asked for keys only.
#[derive(Default)]
pub(crate) struct Texts {
    key: OnceLock<Text>,
    etag: OnceLock<Text>,
    storage_class: OnceLock<Text>,
    version_id: OnceLock<Text>,
    content_type: OnceLock<Text>,
    metadata: OnceLock<Vec<(Text, Text)>>,
    checksums: OnceLock<Vec<(Text, Text)>>,
    pub(crate) details: crate::details::Texts,
}

impl Object {
    /// What a reply said besides, if one has described the object.
    pub(crate) fn details(&self) -> Option<&s3stream_core::Details> {
        self.inner.details.as_deref()
    }

    pub(crate) fn new(inner: s3stream_core::Object) -> Self {
        Object { inner, texts: Texts::default() }
    }

    fn metadata(&self) -> &[(Text, Text)] {
        self.texts.metadata.get_or_init(|| {
            let pairs = self.inner.metadata().user.iter();
            pairs.map(|(name, value)| (Text::new(name), Text::new(&value.text()))).collect()
        })
    }

    fn checksums(&self) -> &[(Text, Text)] {
        self.texts.checksums.get_or_init(|| {
            let pairs = self.inner.checksums.iter();
            pairs.map(|sum| (Text::new(sum.algorithm.name()), Text::new(&sum.value))).collect()
        })
    }
}

/// A copy that the caller owns, of an object that is borrowed from something else. NULL if
/// `object` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_clone(object: *const Object) -> *mut Object {
    read("s3stream_object_clone", object, std::ptr::null_mut(), |object| {
        Ok(give(Object::new(object.inner.clone())))
    })
}

/// Frees an object that the caller owns; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_free(object: *mut Object) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_object_free", object) }
}

/// The key, byte for byte. Print it by a format of your own: it may hold control characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_key(object: *const Object) -> *const c_char {
    read("s3stream_object_key", object, std::ptr::null(), |object| {
        Ok(object.texts.key.get_or_init(|| Text::new(&object.inner.key)).as_ptr())
    })
}

/// Bytes of the key, which differs from strlen() of it only if the key has a NUL in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_key_length(object: *const Object) -> usize {
    read("s3stream_object_key_length", object, 0, |object| Ok(object.inner.key.len()))
}

/// The size in bytes; 0 for a delete marker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_size(object: *const Object) -> u64 {
    read("s3stream_object_size", object, 0, |object| Ok(object.inner.size))
}

/// The entity tag, without its quotes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_etag(object: *const Object) -> *const c_char {
    read("s3stream_object_etag", object, std::ptr::null(), |object| {
        let etag = object.inner.etag.as_ref().map(s3stream_core::ETag::as_str);
        Ok(optional(&object.texts.etag, etag))
    })
}

/// Writes the time of the last change, in seconds since 1970-01-01T00:00:00Z, and returns true;
/// returns false, and writes nothing, if the server did not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_last_modified(
    object: *const Object,
    unix_seconds: *mut i64,
) -> bool {
    read("s3stream_object_last_modified", object, false, |object| {
        // SAFETY: the header's contract of pointers.
        let unix_seconds = unsafe { Output::new(unix_seconds, "unix_seconds") }?;
        let Some(time) = object.inner.last_modified else { return Ok(false) };
        unix_seconds.set(time.unix_seconds());
        Ok(true)
    })
}

/// The storage class, in S3's spelling ("STANDARD", "GLACIER", ...).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_storage_class(object: *const Object) -> *const c_char {
    read("s3stream_object_storage_class", object, std::ptr::null(), |object| {
        Ok(optional(&object.texts.storage_class, object.inner.storage_class.as_deref()))
    })
}

/// The version, in a bucket that has versions; "null" is a version too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_version_id(object: *const Object) -> *const c_char {
    read("s3stream_object_version_id", object, std::ptr::null(), |object| {
        Ok(optional(&object.texts.version_id, object.inner.version_id.as_deref()))
    })
}

/// Whether it is the newest version; true where there are no versions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_is_latest(object: *const Object) -> bool {
    read("s3stream_object_is_latest", object, false, |object| Ok(object.inner.is_latest))
}

/// Whether it is a delete marker, which has no content and cannot be opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_is_delete_marker(object: *const Object) -> bool {
    read("s3stream_object_is_delete_marker", object, false, |object| {
        Ok(object.inner.is_delete_marker)
    })
}

/// The media type; only head and readers know it, as all that follows.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_content_type(object: *const Object) -> *const c_char {
    read("s3stream_object_content_type", object, std::ptr::null(), |object| {
        Ok(optional(&object.texts.content_type, object.inner.content_type().as_deref()))
    })
}

/// How many entries the user metadata has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_metadata_count(object: *const Object) -> usize {
    read("s3stream_object_metadata_count", object, 0, |object| {
        Ok(object.inner.metadata().user.len())
    })
}

/// The name of an entry, in lower case without "x-amz-meta-"; NULL if `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_metadata_name(
    object: *const Object,
    index: usize,
) -> *const c_char {
    read("s3stream_object_metadata_name", object, std::ptr::null(), |object| {
        Ok(pointer(object.metadata().get(index).map(|(name, _)| name)))
    })
}

/// The value of an entry, for a person: UTF-8, or else Latin-1, which any bytes are; NULL if `index`
/// is too great. To the byte: s3stream_object_metadata_bytes().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_metadata_value(
    object: *const Object,
    index: usize,
) -> *const c_char {
    read("s3stream_object_metadata_value", object, std::ptr::null(), |object| {
        Ok(pointer(object.metadata().get(index).map(|(_, value)| value)))
    })
}

/// The value of an entry as it was sent, which need not be text, and writes its length in bytes;
/// NULL, and writes nothing, if `index` is too great. Borrowed from `object`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_metadata_bytes(
    object: *const Object,
    index: usize,
    length: *mut usize,
) -> *const c_void {
    read("s3stream_object_metadata_bytes", object, std::ptr::null(), |object| {
        // SAFETY: the header's contract of pointers.
        let length = unsafe { Output::new(length, "length") }?;
        let Some((_, value)) = object.inner.metadata().user.get(index) else {
            return Ok(std::ptr::null());
        };
        length.set(value.as_bytes().len());
        Ok(value.as_bytes().as_ptr().cast())
    })
}

/// How many checksums the server keeps (x-amz-checksum-*).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_checksum_count(object: *const Object) -> usize {
    read("s3stream_object_checksum_count", object, 0, |object| Ok(object.inner.checksums.len()))
}

/// By which algorithm ("crc64nvme", "sha256", ...); NULL if `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_checksum_algorithm(
    object: *const Object,
    index: usize,
) -> *const c_char {
    read("s3stream_object_checksum_algorithm", object, std::ptr::null(), |object| {
        Ok(pointer(object.checksums().get(index).map(|(algorithm, _)| algorithm)))
    })
}

/// The checksum as it was sent: base64, with "-N" behind it where it is a composite of N
/// parts; NULL if `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_checksum_value(
    object: *const Object,
    index: usize,
) -> *const c_char {
    read("s3stream_object_checksum_value", object, std::ptr::null(), |object| {
        Ok(pointer(object.checksums().get(index).map(|(_, value)| value)))
    })
}

pub(crate) fn read<T>(
    function: &'static str,
    object: *const Object,
    otherwise: T,
    read: impl FnOnce(&Object) -> Result<T, Failure>,
) -> T {
    // SAFETY: the header's contract of pointers; only functions that C calls call this.
    guard_or(function, otherwise, || read(unsafe { borrow(object, "object") }?))
}

pub(crate) fn optional(kept: &OnceLock<Text>, text: Option<&str>) -> *const c_char {
    pointer(text.map(|text| kept.get_or_init(|| Text::new(text))))
}
