//! The client: one endpoint, one set of credentials, one memory budget.

use std::ffi::c_char;

use s3stream_core::blocking;

use crate::config::Config;
use crate::guard::{Shared, guard};
use crate::list::{Buckets, List, ListOptions};
use crate::object::Object;
use crate::pointer::{Output, borrow, free, optional_text, text};
use crate::reader::{OpenOptions, Reader};
use crate::stats::Stats;
use crate::status::Status;

/// A client of one S3 service. Any number of threads may use it at once.
///
/// Nothing is sent and no thread is started before its first use. After a fork() the child may
/// go on using it: it makes connections of its own there. Readers, listings and streams from
/// before the fork fail in the child, and can be freed there without harm to the parent's.
pub struct Client(pub(crate) Shared<blocking::Client>);

/// Makes a client; nothing is sent yet.
///
/// `config` may be NULL: everything then comes from the environment and the profile files. It
/// is copied, and may be freed or used again.
///
/// S3STREAM_INVALID_INPUT that names the setting, variable, file or profile at fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_new(
    config: *const Config,
    client: *mut *mut Client,
) -> Status {
    guard("s3stream_client_new", || {
        // SAFETY: the header's contract of pointers.
        let (config, client) = unsafe { (config.as_ref(), Output::new(client, "client")?) };
        let builder = match config {
            Some(config) => config.0.enter()?.clone(),
            None => blocking::Client::builder(),
        };
        client.give(Client(Shared::new(builder.build_blocking()?)));
        Ok(())
    })
}

/// Lists the buckets of these credentials.
///
/// S3STREAM_ACCESS_DENIED, S3STREAM_PROTOCOL, or those of a failed request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_list_buckets(
    client: *const Client,
    buckets: *mut *mut Buckets,
) -> Status {
    guard("s3stream_client_list_buckets", || {
        // SAFETY: the header's contract of pointers.
        let (client, buckets) =
            unsafe { (borrow(client, "client")?, Output::new(buckets, "buckets")?) };
        let found = client.0.enter()?.list_buckets()?;
        buckets.give(Buckets::new(&found));
        Ok(())
    })
}

/// Starts a listing of a bucket; the request goes out at the first s3stream_list_next(), which
/// is also what reports a bucket that there is not.
///
/// `options` may be NULL: everything, newest versions only. They are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_list(
    client: *const Client,
    bucket: *const c_char,
    options: *const ListOptions,
    list: *mut *mut List,
) -> Status {
    guard("s3stream_client_list", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, options, list) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                options.as_ref(),
                Output::new(list, "list")?,
            )
        };
        let options = match options {
            Some(options) => options.0.enter()?.clone(),
            None => s3stream_core::ListOptions::new(),
        };
        list.give(List::new(client.0.enter()?.list(bucket, options)));
        Ok(())
    })
}

/// Describes an object without reading it. `version_id` may be NULL: the newest version.
///
/// S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED, or those of a failed request. The reply has no
/// body, so a missing bucket cannot be told from a missing key here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_head(
    client: *const Client,
    bucket: *const c_char,
    key: *const c_char,
    version_id: *const c_char,
    object: *mut *mut Object,
) -> Status {
    guard("s3stream_client_head", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, key, version_id, object) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                text(key, "key")?,
                optional_text(version_id, "version_id")?,
                Output::new(object, "object")?,
            )
        };
        object.give(Object::new(client.0.enter()?.head(bucket, key, version_id)?));
        Ok(())
    })
}

/// The same for an object, and the version, that a listing described: for keys with a NUL in
/// them too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_head_object(
    client: *const Client,
    bucket: *const c_char,
    listed: *const Object,
    object: *mut *mut Object,
) -> Status {
    guard("s3stream_client_head_object", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, listed, object) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                &borrow(listed, "listed")?.inner,
                Output::new(object, "object")?,
            )
        };
        let client = client.0.enter()?;
        let version_id = listed.version_id.as_deref();
        object.give(Object::new(client.head(bucket, &listed.key, version_id)?));
        Ok(())
    })
}

/// Opens an object for reading; its first bytes are on their way when this returns.
///
/// `options` may be NULL: all of the newest version. They are copied.
///
/// S3STREAM_NOT_FOUND, S3STREAM_ACCESS_DENIED, S3STREAM_ARCHIVED, S3STREAM_CHANGED where
/// if_match does not hold, S3STREAM_INVALID_INPUT for an offset beyond the end, or those of a
/// failed request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_open(
    client: *const Client,
    bucket: *const c_char,
    key: *const c_char,
    options: *const OpenOptions,
    reader: *mut *mut Reader,
) -> Status {
    guard("s3stream_client_open", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, key, options, reader) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                text(key, "key")?,
                options.as_ref(),
                Output::new(reader, "reader")?,
            )
        };
        let options = OpenOptions::or_default(options)?;
        reader.give(Reader::new(client.0.enter()?.open(bucket, key, options)?));
        Ok(())
    })
}

/// The same for an object, and the version, that a listing described, against which the reply is
/// held (see s3stream_open_options_set_listed()): for keys with a NUL in them too. A version_id in
/// `options` wins.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_open_object(
    client: *const Client,
    bucket: *const c_char,
    listed: *const Object,
    options: *const OpenOptions,
    reader: *mut *mut Reader,
) -> Status {
    guard("s3stream_client_open_object", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, listed, options, reader) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                &borrow(listed, "listed")?.inner,
                options.as_ref(),
                Output::new(reader, "reader")?,
            )
        };
        let options = OpenOptions::for_listed(options, listed)?;
        reader.give(Reader::new(client.0.enter()?.open(bucket, &listed.key, options)?));
        Ok(())
    })
}

/// What this client has done so far in this process, counted now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_stats(
    client: *const Client,
    stats: *mut *mut Stats,
) -> Status {
    guard("s3stream_client_stats", || {
        // SAFETY: the header's contract of pointers.
        let (client, stats) = unsafe { (borrow(client, "client")?, Output::new(stats, "stats")?) };
        stats.give(Stats(client.0.enter()?.stats()));
        Ok(())
    })
}

/// Cancels everything that this client and what was made from it are doing, for good. From any
/// thread; a call that waits in another one returns within 100 ms with S3STREAM_CANCELLED, and
/// so does every later one. Not from a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_cancel(client: *const Client) -> Status {
    guard("s3stream_client_cancel", || {
        // SAFETY: the header's contract of pointers.
        unsafe { borrow(client, "client") }?.0.enter()?.canceller()?.cancel();
        Ok(())
    })
}

/// Frees it; readers, listings and streams that it made live on. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_free(client: *mut Client) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_client_free", client) }
}
