//! What is asked of an object apart from its bytes: its tags, and who may do what with it.

use std::ffi::c_char;

use s3stream_core as core;

use crate::client::Client;
use crate::guard::{guard, guard_or};
use crate::pointer::{Output, borrow, free, optional_text, text};
use crate::status::Status;
use crate::text::{Text, pointer};

/// The tags of an object.
pub struct Tags(Vec<(Text, Text)>);

/// Who owns an object, and who else may do what with it.
pub struct Acl {
    owner_id: Option<Text>,
    owner_name: Option<Text>,
    grants: Vec<Grant>,
}

struct Grant {
    kind: Text,
    grantee: Text,
    name: Option<Text>,
    permission: Text,
}

/// Asks for the tags of an object: one request. `version_id` may be NULL: the newest version.
///
/// s3stream_object_tag_count() says whether there are any. S3STREAM_NOT_FOUND,
/// S3STREAM_ACCESS_DENIED without the right to tags, S3STREAM_UNSUPPORTED or S3STREAM_PROTOCOL where
/// the server knows of none, or those of a failed request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_tags(
    client: *const Client,
    bucket: *const c_char,
    key: *const c_char,
    version_id: *const c_char,
    tags: *mut *mut Tags,
) -> Status {
    guard("s3stream_client_tags", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, key, version_id, tags) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                text(key, "key")?,
                optional_text(version_id, "version_id")?,
                Output::new(tags, "tags")?,
            )
        };
        let found = client.0.enter()?.tags(bucket, key, version_id)?;
        let found = found.iter().map(|(key, value)| (Text::new(key), Text::new(value)));
        tags.give(Tags(found.collect()));
        Ok(())
    })
}

/// How many tags there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_tags_count(tags: *const Tags) -> usize {
    // SAFETY: the header's contract of pointers.
    guard_or("s3stream_tags_count", 0, || Ok(unsafe { borrow(tags, "tags") }?.0.len()))
}

/// The key of a tag; NULL if `index` is too great. Borrowed from `tags`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_tags_key(tags: *const Tags, index: usize) -> *const c_char {
    guard_or("s3stream_tags_key", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let tags = unsafe { borrow(tags, "tags") }?;
        Ok(pointer(tags.0.get(index).map(|(key, _)| key)))
    })
}

/// The value of a tag, which may be empty; NULL if `index` is too great. Borrowed from `tags`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_tags_value(tags: *const Tags, index: usize) -> *const c_char {
    guard_or("s3stream_tags_value", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let tags = unsafe { borrow(tags, "tags") }?;
        Ok(pointer(tags.0.get(index).map(|(_, value)| value)))
    })
}

/// Frees them; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_tags_free(tags: *mut Tags) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_tags_free", tags) }
}

/// Asks who may do what with an object: one request. `version_id` may be NULL: the newest version.
///
/// S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED without the right to it, S3STREAM_UNSUPPORTED where
/// the server knows of none, or those of a failed request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_acl(
    client: *const Client,
    bucket: *const c_char,
    key: *const c_char,
    version_id: *const c_char,
    acl: *mut *mut Acl,
) -> Status {
    guard("s3stream_client_acl", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, key, version_id, acl) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                text(key, "key")?,
                optional_text(version_id, "version_id")?,
                Output::new(acl, "acl")?,
            )
        };
        acl.give(Acl::new(&client.0.enter()?.acl(bucket, key, version_id)?));
        Ok(())
    })
}

impl Acl {
    fn new(acl: &core::Acl) -> Self {
        let optional = |text: &Option<String>| text.as_deref().map(Text::new);
        let grant = |grant: &core::Grant| Grant {
            kind: Text::new(grant.grantee.kind()),
            grantee: Text::new(grant.grantee.value()),
            name: grant.grantee.name().map(Text::new),
            permission: Text::new(&grant.permission),
        };
        Acl {
            owner_id: optional(&acl.owner_id),
            owner_name: optional(&acl.owner_name),
            grants: acl.grants.iter().map(grant).collect(),
        }
    }
}

/// The owner's id, which means something in its own service only. Borrowed from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_owner_id(acl: *const Acl) -> *const c_char {
    guard_or("s3stream_acl_owner_id", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        Ok(pointer(unsafe { borrow(acl, "acl") }?.owner_id.as_ref()))
    })
}

/// The owner's name, where the server gives one. Borrowed from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_owner_name(acl: *const Acl) -> *const c_char {
    guard_or("s3stream_acl_owner_name", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        Ok(pointer(unsafe { borrow(acl, "acl") }?.owner_name.as_ref()))
    })
}

/// How many grants there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_grants(acl: *const Acl) -> usize {
    // SAFETY: the header's contract of pointers.
    guard_or("s3stream_acl_grants", 0, || Ok(unsafe { borrow(acl, "acl") }?.grants.len()))
}

/// The sort of a grantee: "CanonicalUser", "Group" or "AmazonCustomerByEmail"; NULL if `index` is
/// too great. Borrowed from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_kind(acl: *const Acl, index: usize) -> *const c_char {
    grant("s3stream_acl_kind", acl, index, |grant| Some(&grant.kind))
}

/// The grantee: a user's id, a group's URI or an address; NULL if `index` is too great. Borrowed
/// from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_grantee(acl: *const Acl, index: usize) -> *const c_char {
    grant("s3stream_acl_grantee", acl, index, |grant| Some(&grant.grantee))
}

/// The name of a grantee who is a user; NULL if the server gives none, or if `index` is too great.
/// Borrowed from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_name(acl: *const Acl, index: usize) -> *const c_char {
    grant("s3stream_acl_name", acl, index, |grant| grant.name.as_ref())
}

/// The right: "FULL_CONTROL", "READ", "WRITE", "READ_ACP" or "WRITE_ACP"; NULL if `index` is too
/// great. Borrowed from `acl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_permission(acl: *const Acl, index: usize) -> *const c_char {
    grant("s3stream_acl_permission", acl, index, |grant| Some(&grant.permission))
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_acl_free(acl: *mut Acl) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_acl_free", acl) }
}

fn grant(
    function: &'static str,
    acl: *const Acl,
    index: usize,
    text: impl FnOnce(&Grant) -> Option<&Text>,
) -> *const c_char {
    guard_or(function, std::ptr::null(), || {
        // SAFETY: the header's contract of pointers; only functions that C calls call this.
        let acl = unsafe { borrow(acl, "acl") }?;
        Ok(pointer(acl.grants.get(index).and_then(text)))
    })
}
