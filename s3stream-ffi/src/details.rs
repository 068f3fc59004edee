//! What a reply says of an object besides its bytes: headers, encryption, lock, tags, restore.

use std::ffi::{c_char, c_void};
use std::sync::OnceLock;

use s3stream_core::{ChecksumType, Encryption, LegalHold, RestoreStatus};

use crate::object::{Object, optional, read};
use crate::pointer::{Output, text};
use crate::text::{Text, pointer};

/// The texts that C has asked for.
#[derive(Default)]
pub(crate) struct Texts {
    headers: OnceLock<Vec<(&'static str, Text)>>,
    encryption: OnceLock<Text>,
    kms_key_id: OnceLock<Text>,
    customer_algorithm: OnceLock<Text>,
    retention_mode: OnceLock<Text>,
    legal_hold: OnceLock<Text>,
    checksum_type: OnceLock<Text>,
    replication_status: OnceLock<Text>,
    unread: OnceLock<Vec<Text>>,
}

impl Object {
    fn headers(&self) -> &[(&'static str, Text)] {
        self.texts.details.headers.get_or_init(|| {
            let headers = self.inner.metadata().headers();
            headers.map(|(name, value)| (name, Text::new(&value.text()))).collect()
        })
    }

    fn encryption(&self) -> Option<&Encryption> {
        self.details()?.encryption.as_ref()
    }

    fn unread(&self) -> &[Text] {
        self.texts.details.unread.get_or_init(|| {
            let unread = self.details().map_or(&[][..], |details| &details.unread);
            unread.iter().map(|name| Text::new(name)).collect()
        })
    }
}

/// A header that the object was written with, for a person: UTF-8, or else Latin-1. NULL if the
/// server did not send it.
///
/// `name` is "content-type", "cache-control", "content-encoding" (without "aws-chunked"),
/// "content-disposition", "content-language", "expires" (as it was written) or
/// "x-amz-website-redirect-location".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_header(
    object: *const Object,
    name: *const c_char,
) -> *const c_char {
    read("s3stream_object_header", object, std::ptr::null(), |object| {
        // SAFETY: the header's contract of pointers.
        let name = unsafe { text(name, "name") }?;
        let found = object.headers().iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        Ok(pointer(found.map(|(_, value)| value)))
    })
}

/// The same as it was sent, which need not be text, and writes its length in bytes; NULL, and
/// writes nothing, if the server did not send it. Borrowed from `object`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_header_bytes(
    object: *const Object,
    name: *const c_char,
    length: *mut usize,
) -> *const c_void {
    read("s3stream_object_header_bytes", object, std::ptr::null(), |object| {
        // SAFETY: the header's contract of pointers.
        let (name, length) = unsafe { (text(name, "name")?, Output::new(length, "length")?) };
        let mut headers = object.inner.metadata().headers();
        let Some((_, value)) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
            return Ok(std::ptr::null());
        };
        length.set(value.as_bytes().len());
        Ok(value.as_bytes().as_ptr().cast())
    })
}

/// How many fields of user metadata the server has and cannot send.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_missing_meta(object: *const Object) -> u32 {
    read("s3stream_object_missing_meta", object, 0, |object| {
        Ok(object.inner.metadata().missing_meta)
    })
}

/// How many tags the object has; 0 also where the server did not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_tag_count(object: *const Object) -> u32 {
    read("s3stream_object_tag_count", object, 0, |object| {
        Ok(object.details().and_then(|details| details.tag_count).unwrap_or(0))
    })
}

/// How the server keeps it encrypted: "AES256", "aws:kms", "aws:kms:dsse", "customer" (SSE-C), or
/// another name of the server's. NULL if it did not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_encryption(object: *const Object) -> *const c_char {
    read("s3stream_object_encryption", object, std::ptr::null(), |object| {
        let name = object.encryption().map(Encryption::name);
        Ok(optional(&object.texts.details.encryption, name))
    })
}

/// The key of the key management service that it is encrypted with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_kms_key_id(object: *const Object) -> *const c_char {
    read("s3stream_object_kms_key_id", object, std::ptr::null(), |object| {
        let id = object.encryption().and_then(Encryption::kms_key_id);
        Ok(optional(&object.texts.details.kms_key_id, id))
    })
}

/// The algorithm of the customer's key that it is encrypted with: "AES256".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_customer_algorithm(
    object: *const Object,
) -> *const c_char {
    read("s3stream_object_customer_algorithm", object, std::ptr::null(), |object| {
        let algorithm = object.encryption().and_then(Encryption::customer_algorithm);
        Ok(optional(&object.texts.details.customer_algorithm, algorithm))
    })
}

/// Who may lift its retention: "GOVERNANCE" (whoever has the right to) or "COMPLIANCE" (nobody).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_retention_mode(object: *const Object) -> *const c_char {
    read("s3stream_object_retention_mode", object, std::ptr::null(), |object| {
        let retention = object.details().and_then(|details| details.retention);
        let mode = retention.map(|retention| retention.mode.name());
        Ok(optional(&object.texts.details.retention_mode, mode))
    })
}

/// Writes until when it may not be deleted, in seconds since 1970-01-01T00:00:00Z, and returns
/// true; returns false, and writes nothing, if the server did not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_retain_until(
    object: *const Object,
    unix_seconds: *mut i64,
) -> bool {
    read("s3stream_object_retain_until", object, false, |object| {
        // SAFETY: the header's contract of pointers.
        let unix_seconds = unsafe { Output::new(unix_seconds, "unix_seconds") }?;
        let retention = object.details().and_then(|details| details.retention);
        let Some(retention) = retention else { return Ok(false) };
        unix_seconds.set(retention.until.unix_seconds());
        Ok(true)
    })
}

/// Whether it may not be deleted, without an end: "ON" or "OFF".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_legal_hold(object: *const Object) -> *const c_char {
    read("s3stream_object_legal_hold", object, std::ptr::null(), |object| {
        let hold = object.details().and_then(|details| details.legal_hold).map(LegalHold::name);
        Ok(optional(&object.texts.details.legal_hold, hold))
    })
}

/// In how many parts it was written, where the reply says so; 0 otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_parts_count(object: *const Object) -> u32 {
    read("s3stream_object_parts_count", object, 0, |object| {
        Ok(object.details().and_then(|details| details.parts_count).unwrap_or(0))
    })
}

/// Of what its checksums are: "FULL_OBJECT" or "COMPOSITE".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_checksum_type(object: *const Object) -> *const c_char {
    read("s3stream_object_checksum_type", object, std::ptr::null(), |object| {
        let kind = object.details().and_then(|details| details.checksum_type);
        Ok(optional(&object.texts.details.checksum_type, kind.map(ChecksumType::name)))
    })
}

/// How its replication stands: "COMPLETED", "PENDING", "FAILED" or "REPLICA".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_replication_status(
    object: *const Object,
) -> *const c_char {
    read("s3stream_object_replication_status", object, std::ptr::null(), |object| {
        let status = object.details().and_then(|details| details.replication_status.as_deref());
        Ok(optional(&object.texts.details.replication_status, status))
    })
}

/// How many fields of the reply were there and cannot be read by anybody.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_unread_count(object: *const Object) -> usize {
    read("s3stream_object_unread_count", object, 0, |object| Ok(object.unread().len()))
}

/// The name of such a field, in lower case; NULL if `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_unread_name(
    object: *const Object,
    index: usize,
) -> *const c_char {
    read("s3stream_object_unread_name", object, std::ptr::null(), |object| {
        Ok(pointer(object.unread().get(index)))
    })
}

/// How the restore of an archived object stands: "ongoing" (it cannot be read yet), "restored" (it
/// can be read for now), or NULL (nobody has asked for it, or the server did not say). A listing
/// says so where it was asked to: s3stream_list_options_set_restore_status().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_restore_status(object: *const Object) -> *const c_char {
    read("s3stream_object_restore_status", object, std::ptr::null(), |object| {
        Ok(match object.inner.restore_status {
            Some(RestoreStatus::Ongoing) => c"ongoing".as_ptr(),
            Some(RestoreStatus::Restored { .. }) => c"restored".as_ptr(),
            None => std::ptr::null(),
        })
    })
}

/// Writes until when a restored object can be read, in seconds since 1970-01-01T00:00:00Z, and
/// returns true; returns false, and writes nothing, if the server did not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_object_restored_until(
    object: *const Object,
    unix_seconds: *mut i64,
) -> bool {
    read("s3stream_object_restored_until", object, false, |object| {
        // SAFETY: the header's contract of pointers.
        let unix_seconds = unsafe { Output::new(unix_seconds, "unix_seconds") }?;
        let Some(RestoreStatus::Restored { until: Some(until) }) = object.inner.restore_status
        else {
            return Ok(false);
        };
        unix_seconds.set(until.unix_seconds());
        Ok(true)
    })
}
