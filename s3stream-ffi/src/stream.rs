//! Objects in order, fetched ahead: from a listing, or as the caller names them.

use std::collections::VecDeque;
use std::ffi::c_char;
use std::sync::Arc;

use s3stream_core::{Canceller, IntoWanted, blocking};

use crate::client::Client;
use crate::error::Failure;
use crate::guard::{Exclusive, guard, guard_or};
use crate::list::{List, Listing};
use crate::object::Object;
use crate::pointer::{Output, borrow, free, give, text};
use crate::reader::{Reader, listed};
use crate::status::Status;

/// How a stream reads ahead.
pub struct StreamOptions(Exclusive<s3stream_core::StreamOptions>);

/// The defaults. NULL only after an internal error.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_stream_options_new() -> *mut StreamOptions {
    guard_or("s3stream_stream_options_new", std::ptr::null_mut(), || {
        Ok(give(StreamOptions(Exclusive::new(s3stream_core::StreamOptions::new()))))
    })
}

/// How many requests are kept in flight ahead of the consumer, within the client's
/// memory_limit; 16 unless set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_options_set_concurrency(
    options: *mut StreamOptions,
    requests: usize,
) -> Status {
    guard("s3stream_stream_options_set_concurrency", || {
        // SAFETY: the header's contract of pointers.
        let mut options = unsafe { borrow(options, "options") }?.0.enter()?;
        *options = options.concurrency(requests);
        Ok(())
    })
}

/// Frees them; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_options_free(options: *mut StreamOptions) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_stream_options_free", options) }
}

/// One object that a stream is to read, where its key or its listing does not say enough.
pub struct Wanted(Exclusive<s3stream_core::Wanted>);

/// The newest version under a key. `wanted` is the caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_of_key(
    key: *const c_char,
    wanted: *mut *mut Wanted,
) -> Status {
    guard("s3stream_wanted_of_key", || {
        // SAFETY: the header's contract of pointers.
        let (key, wanted) = unsafe { (text(key, "key")?, Output::new(wanted, "wanted")?) };
        wanted.give(Wanted(Exclusive::new(s3stream_core::Wanted::new(key))));
        Ok(())
    })
}

/// An object that a listing described, and its version where the listing gave versions.
/// `wanted` is the caller's, who frees it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_of_object(
    object: *const Object,
    wanted: *mut *mut Wanted,
) -> Status {
    guard("s3stream_wanted_of_object", || {
        // SAFETY: the header's contract of pointers.
        let (object, wanted) =
            unsafe { (borrow(object, "object")?, Output::new(wanted, "wanted")?) };
        wanted.give(Wanted(Exclusive::new(object.inner.clone().into())));
        Ok(())
    })
}

/// This version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_set_version_id(
    wanted: *mut Wanted,
    version_id: *const c_char,
) -> Status {
    change("s3stream_wanted_set_version_id", wanted, |wanted| {
        // SAFETY: the header's contract of pointers.
        Ok(wanted.version_id(unsafe { text(version_id, "version_id") }?))
    })
}

/// Only if its ETag is this one; otherwise its reader fails with S3STREAM_CHANGED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_set_if_match(
    wanted: *mut Wanted,
    etag: *const c_char,
) -> Status {
    change("s3stream_wanted_set_if_match", wanted, |wanted| {
        // SAFETY: the header's contract of pointers.
        Ok(wanted.if_match(unsafe { text(etag, "etag") }?))
    })
}

/// What a listing said of it: its reply is held against that, as it is for an object that a
/// listing described. See s3stream_open_options_set_listed().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_set_listed(
    wanted: *mut Wanted,
    etag: *const c_char,
    size: u64,
) -> Status {
    change("s3stream_wanted_set_listed", wanted, |wanted| {
        // SAFETY: the header's contract of pointers.
        Ok(wanted.listed(&listed(unsafe { text(etag, "etag") }?, size)?))
    })
}

/// Its size in bytes, as far as known: so much memory is planned for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_set_size(wanted: *mut Wanted, bytes: u64) -> Status {
    change("s3stream_wanted_set_size", wanted, |wanted| Ok(wanted.size(bytes)))
}

/// Whether it is requested ahead, as it is unless set; otherwise its request goes out when its
/// reader is first read, for an object that the agent may skip.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_set_ahead(wanted: *mut Wanted, ahead: bool) -> Status {
    change("s3stream_wanted_set_ahead", wanted, |wanted| Ok(wanted.ahead(ahead)))
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_wanted_free(wanted: *mut Wanted) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_wanted_free", wanted) }
}

fn change(
    function: &'static str,
    wanted: *mut Wanted,
    change: impl FnOnce(s3stream_core::Wanted) -> Result<s3stream_core::Wanted, Failure>,
) -> Status {
    guard(function, || {
        // SAFETY: the header's contract of pointers; only functions that C calls call this.
        let mut wanted = unsafe { borrow(wanted, "wanted") }?.0.enter()?;
        *wanted = change(wanted.clone())?;
        Ok(())
    })
}

/// The readers of many objects, in order, fetched ahead by the client's one thread; one thread
/// at a time.
///
/// Objects come from listings, s3stream_stream_feed(), or one by one, s3stream_stream_push() and
/// its kin; s3stream_stream_next() gives their readers in that order.
pub struct Stream {
    inside: Exclusive<Inside>,
    canceller: Canceller,
}

struct Inside {
    stream: blocking::ObjectStream,
    /// The listings that it is fed by, the first one first.
    sources: VecDeque<Arc<Exclusive<Listing>>>,
    /// Why the first of them broke off: told behind the objects before it, and from then on.
    failed: Option<s3stream_core::Error>,
}

impl Inside {
    /// Takes from the listings as much as is welcome.
    fn pull(&mut self) -> Result<(), Failure> {
        while self.failed.is_none()
            && self.stream.has_room()
            && let Some(source) = self.sources.front()
        {
            let next = source.enter()?.entries.next();
            match next.map(IntoWanted::into_wanted) {
                Some(Ok(wanted)) => self.stream.push(wanted),
                Some(Err(error)) => self.failed = Some(error),
                None => drop(self.sources.pop_front()),
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<blocking::ObjectReader>, Failure> {
        self.pull()?;
        match (self.stream.next_reader()?, &self.failed) {
            (None, Some(error)) => Err(error.clone().into()),
            (reader, _) => Ok(reader),
        }
    }
}

/// Starts a stream of objects of one bucket. `options` may be NULL; they are copied.
///
/// S3STREAM_INTERNAL if no thread can be started.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_client_stream(
    client: *const Client,
    bucket: *const c_char,
    options: *const StreamOptions,
    stream: *mut *mut Stream,
) -> Status {
    guard("s3stream_client_stream", || {
        // SAFETY: the header's contract of pointers.
        let (client, bucket, options, stream) = unsafe {
            (
                borrow(client, "client")?,
                text(bucket, "bucket")?,
                options.as_ref(),
                Output::new(stream, "stream")?,
            )
        };
        let options = match options {
            Some(options) => *options.0.enter()?,
            None => s3stream_core::StreamOptions::new(),
        };
        let inner = client.0.enter()?.object_stream(bucket, options)?;
        let canceller = inner.canceller();
        let inside = Inside { stream: inner, sources: VecDeque::new(), failed: None };
        stream.give(Stream { inside: Exclusive::new(inside), canceller });
        Ok(())
    })
}

/// Feeds the stream by a listing of the same bucket without a delimiter, behind what it was
/// given before. It takes entries as it needs them, in s3stream_stream_next().
///
/// The listing stays the caller's, who frees it at any time, also before the stream has taken
/// all of it; what is taken from it by s3stream_list_next() is not in the stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_feed(stream: *mut Stream, list: *const List) -> Status {
    guard("s3stream_stream_feed", || {
        // SAFETY: the header's contract of pointers.
        let (stream, list) = unsafe { (borrow(stream, "stream")?, borrow(list, "list")?) };
        stream.inside.enter()?.sources.push_back(Arc::clone(&list.inside));
        Ok(())
    })
}

/// Whether more is welcome: an agent with a source of its own pushes while this is true. Pushing
/// more is allowed; it only waits in line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_has_room(stream: *const Stream) -> bool {
    guard_or("s3stream_stream_has_room", false, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(stream, "stream") }?.inside.enter()?.stream.has_room())
    })
}

/// Adds an object behind those before it. `wanted` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_push(
    stream: *mut Stream,
    wanted: *const Wanted,
) -> Status {
    push("s3stream_stream_push", stream, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(wanted, "wanted") }?.0.enter()?.clone())
    })
}

/// The same for the newest version under a key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_push_key(
    stream: *mut Stream,
    key: *const c_char,
) -> Status {
    push("s3stream_stream_push_key", stream, || {
        // SAFETY: the header's contract of pointers.
        Ok(s3stream_core::Wanted::new(unsafe { text(key, "key") }?))
    })
}

/// The same for an object that a listing described, which is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_push_object(
    stream: *mut Stream,
    object: *const Object,
) -> Status {
    push("s3stream_stream_push_object", stream, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(object, "object") }?.inner.clone().into())
    })
}

fn push(
    function: &'static str,
    stream: *mut Stream,
    wanted: impl FnOnce() -> Result<s3stream_core::Wanted, Failure>,
) -> Status {
    guard(function, || {
        // SAFETY: the header's contract of pointers; only functions that C calls call this.
        let stream = unsafe { borrow(stream, "stream") }?;
        let wanted = wanted()?;
        stream.inside.enter()?.stream.push(wanted);
        Ok(())
    })
}

/// Gives the reader of the next object, once it is opened or has failed; NULL, with S3STREAM_OK,
/// when all that was given so far has been handed out: more may be pushed then.
///
/// The reader is the caller's, who frees it, before or after the next one. An object that could
/// not be opened is a reader whose first read returns why: its failure is not the stream's.
///
/// The failure of a listing, which comes behind the objects before it; S3STREAM_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_next(
    stream: *mut Stream,
    reader: *mut *mut Reader,
) -> Status {
    guard("s3stream_stream_next", || {
        // SAFETY: the header's contract of pointers.
        let (stream, reader) =
            unsafe { (borrow(stream, "stream")?, Output::new(reader, "reader")?) };
        match stream.inside.enter()?.next()? {
            Some(next) => reader.give(Reader::new(next)),
            None => reader.set(std::ptr::null_mut()),
        }
        Ok(())
    })
}

/// Cancels the stream and all its readers for good, from any thread but not from a signal
/// handler: calls that wait return within 100 ms with S3STREAM_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_cancel(stream: *const Stream) -> Status {
    guard("s3stream_stream_cancel", || {
        // SAFETY: the header's contract of pointers.
        unsafe { borrow(stream, "stream") }?.canceller.cancel();
        Ok(())
    })
}

/// Frees it, and drops what it fetched ahead; readers that it gave live on. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stream_free(stream: *mut Stream) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_stream_free", stream) }
}
