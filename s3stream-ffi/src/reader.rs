//! One object being read, into the caller's buffer, to its proven end.

use std::ffi::{c_char, c_int, c_void};
use std::io::Seek;
use std::os::fd::IntoRawFd;

use s3stream_core::{Canceller, blocking};

use crate::error::Failure;
use crate::guard::{Exclusive, guard, guard_or};
use crate::object::Object;
use crate::pointer::{Output, borrow, free, give, text};
use crate::status::Status;
use crate::verdict::Verdict;

/// Which version of an object to open, and which part of it.
pub struct OpenOptions(Exclusive<Chosen>);

#[derive(Clone, Default)]
struct Chosen {
    options: s3stream_core::OpenOptions,
    has_version: bool,
}

impl OpenOptions {
    pub(crate) fn or_default(
        options: Option<&OpenOptions>,
    ) -> Result<s3stream_core::OpenOptions, Failure> {
        Ok(match options {
            Some(options) => options.0.enter()?.options.clone(),
            None => s3stream_core::OpenOptions::new(),
        })
    }

    /// The options for the version that a listing described.
    pub(crate) fn for_listed(
        options: Option<&OpenOptions>,
        listed: &s3stream_core::Object,
    ) -> Result<s3stream_core::OpenOptions, Failure> {
        let chosen = match options {
            Some(options) => options.0.enter()?.clone(),
            None => Chosen::default(),
        };
        let has_other_version = chosen.has_version;
        Ok(match &listed.version_id {
            // What was listed says nothing of another version.
            _ if has_other_version => chosen.options,
            Some(version_id) => chosen.options.listed(listed).version_id(version_id.as_str()),
            None => chosen.options.listed(listed),
        })
    }
}

/// Options for all of the newest version. NULL only after an internal error.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_open_options_new() -> *mut OpenOptions {
    guard_or("s3stream_open_options_new", std::ptr::null_mut(), || {
        Ok(give(OpenOptions(Exclusive::new(Chosen::default()))))
    })
}

/// Starts at this byte. A read from an offset is proven by its length only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_set_offset(
    options: *mut OpenOptions,
    bytes: u64,
) -> Status {
    change("s3stream_open_options_set_offset", options, |chosen| {
        chosen.options = chosen.options.clone().offset(bytes);
        Ok(())
    })
}

/// Reads at most this many bytes, fewer where the object ends before. A read of a length is
/// proven by that only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_set_length(
    options: *mut OpenOptions,
    bytes: u64,
) -> Status {
    change("s3stream_open_options_set_length", options, |chosen| {
        chosen.options = chosen.options.clone().length(bytes);
        Ok(())
    })
}

/// Reads this version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_set_version_id(
    options: *mut OpenOptions,
    version_id: *const c_char,
) -> Status {
    change("s3stream_open_options_set_version_id", options, |chosen| {
        // SAFETY: the header's contract of pointers.
        let version_id = unsafe { text(version_id, "version_id") }?;
        chosen.options = chosen.options.clone().version_id(version_id);
        chosen.has_version = true;
        Ok(())
    })
}

/// Opens the object only if its ETag is this one; otherwise S3STREAM_CHANGED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_set_if_match(
    options: *mut OpenOptions,
    etag: *const c_char,
) -> Status {
    change("s3stream_open_options_set_if_match", options, |chosen| {
        // SAFETY: the header's contract of pointers.
        let etag = unsafe { text(etag, "etag") }?;
        chosen.options = chosen.options.clone().if_match(etag);
        Ok(())
    })
}

/// Holds the reply against what a listing or s3stream_client_head() said of the object: the same
/// ETag with another size is S3STREAM_PROTOCOL, another ETag is what
/// s3stream_reader_is_newer_than_listed() says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_set_listed(
    options: *mut OpenOptions,
    etag: *const c_char,
    size: u64,
) -> Status {
    change("s3stream_open_options_set_listed", options, |chosen| {
        // SAFETY: the header's contract of pointers.
        let listed = listed(unsafe { text(etag, "etag") }?, size)?;
        chosen.options = chosen.options.clone().listed(&listed);
        Ok(())
    })
}

/// What was said of an object.
pub(crate) fn listed(etag: &str, size: u64) -> Result<s3stream_core::Object, Failure> {
    let mut object = s3stream_core::Object::new("");
    let etag = s3stream_core::ETag::parse(etag).ok_or(Failure::misuse("etag is not an ETag"))?;
    object.etag = Some(etag);
    object.size = size;
    Ok(object)
}

/// Frees them; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_open_options_free(options: *mut OpenOptions) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_open_options_free", options) }
}

fn change(
    function: &'static str,
    options: *mut OpenOptions,
    change: impl FnOnce(&mut Chosen) -> Result<(), Failure>,
) -> Status {
    guard(function, || {
        // SAFETY: the header's contract of pointers; only functions that C calls call this.
        change(&mut *unsafe { borrow(options, "options") }?.0.enter()?)
    })
}

/// One object being read; one thread at a time, but not always the same.
///
/// It may rest for hours between two reads: a connection that breaks meanwhile is replaced, and
/// the object taken up where it was, if it is still the same.
pub struct Reader {
    inside: Exclusive<Inside>,
    canceller: Canceller,
}

struct Inside {
    reader: blocking::ObjectReader,
    /// What C looks at, as the reader described it when it last asked.
    object: Option<Box<Object>>,
    verdict: Option<Box<Verdict>>,
}

impl Inside {
    fn object(&mut self) -> *const Object {
        let now = self.reader.object();
        if self.object.as_ref().is_none_or(|kept| kept.inner != *now) {
            self.object = Some(Box::new(Object::new(now.clone())));
        }
        self.object.as_deref().map_or(std::ptr::null(), std::ptr::from_ref)
    }
}

impl Reader {
    pub(crate) fn new(reader: blocking::ObjectReader) -> Self {
        let canceller = reader.canceller();
        let inside = Exclusive::new(Inside { reader, object: None, verdict: None });
        Reader { inside, canceller }
    }
}

/// Reads the next bytes into `buffer`, waiting for them, and writes to `count` how many: as many
/// as fit, fewer only at the end or before an error, which the next call then returns.
///
/// 0 bytes mean the end, and that length and checksum have proven the bytes: see
/// s3stream_reader_verdict(). A read after the end gives 0 again. `length` must not be 0.
///
/// An error ends the reader for good, every later call repeats it. What was read before it is
/// not to be trusted if it is S3STREAM_INTEGRITY or S3STREAM_CHANGED, and is incomplete otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_read(
    reader: *mut Reader,
    buffer: *mut c_void,
    length: usize,
    count: *mut usize,
) -> Status {
    guard("s3stream_reader_read", || {
        // SAFETY: the header's contract of pointers.
        let (reader, count) = unsafe { (borrow(reader, "reader")?, Output::new(count, "count")?) };
        if buffer.is_null() {
            return Err(Failure::misuse("buffer is NULL"));
        }
        if length == 0 {
            return Err(Failure::misuse("length is 0, so that 0 bytes would look like the end"));
        }
        // No buffer is longer than this; a length that is one is cut rather than believed.
        let length = length.min(isize::MAX.unsigned_abs());
        let mut inside = reader.inside.enter()?;
        // SAFETY: not NULL, the caller promises `length` bytes for this call, and they are
        // written before any of them is read.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
        count.set(inside.reader.read_full(buffer)?);
        Ok(())
    })
}

/// The object, as the reply that was opened describes it; of a reader of a stream that is not
/// opened yet or failed, as far as the listing described it. Borrowed from `reader` until the
/// next call with it. NULL if `reader` is NULL, in use or broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_object(reader: *mut Reader) -> *const Object {
    guard_or("s3stream_reader_object", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let mut inside = unsafe { borrow(reader, "reader") }?.inside.enter()?;
        Ok(inside.object())
    })
}

/// Gives the object after waiting for the reply that opens it, for a reader of a stream: an
/// archive wants to know the size before the first byte. Borrowed as by s3stream_reader_object().
///
/// Those of s3stream_client_open(); the reader has then failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_opened(
    reader: *mut Reader,
    object: *mut *const Object,
) -> Status {
    guard("s3stream_reader_opened", || {
        // SAFETY: the header's contract of pointers.
        let (reader, object) =
            unsafe { (borrow(reader, "reader")?, Output::new(object, "object")?) };
        let mut inside = reader.inside.enter()?;
        inside.reader.opened()?;
        object.set(inside.object());
        Ok(())
    })
}

/// Whether the object is another one than was listed, by its ETag: it was written again since.
/// False until the reply has come, where nothing was listed, or if `reader` is NULL, in use or
/// broken. Listed is what a stream was fed by or given as an object, what
/// s3stream_client_open_object() is given, and what s3stream_open_options_set_listed() says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_is_newer_than_listed(reader: *const Reader) -> bool {
    guard_or("s3stream_reader_is_newer_than_listed", false, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(reader, "reader") }?.inside.enter()?.reader.is_newer_than_listed())
    })
}

/// The verdict; NULL until the end has been reached and proven. Borrowed from `reader` until the
/// next call with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_verdict(reader: *mut Reader) -> *const Verdict {
    guard_or("s3stream_reader_verdict", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let mut entered = unsafe { borrow(reader, "reader") }?.inside.enter()?;
        let inside = &mut *entered;
        let now = inside.reader.verdict();
        if inside.verdict.as_ref().map(|kept| &kept.inner) != now {
            inside.verdict = now.map(|inner| Box::new(Verdict::new(inner.clone())));
        }
        Ok(inside.verdict.as_deref().map_or(std::ptr::null(), std::ptr::from_ref))
    })
}

/// Offset in the object of the next byte; 0 if `reader` is NULL, in use or broken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_position(reader: *const Reader) -> u64 {
    guard_or("s3stream_reader_position", 0, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(reader, "reader") }?.inside.enter()?.reader.position())
    })
}

/// Goes on at this byte of the object; nothing is sent before the next read. After it the end is
/// proven by the length only. Beyond the end there is nothing to read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_seek(reader: *mut Reader, offset: u64) -> Status {
    guard("s3stream_reader_seek", || {
        // SAFETY: the header's contract of pointers.
        let mut inside = unsafe { borrow(reader, "reader") }?.inside.enter()?;
        match inside.reader.seek(std::io::SeekFrom::Start(offset)) {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::misuse(error.to_string())),
        }
    })
}

/// Writes to `descriptor` one from which the rest of the object can be read, fed in the background,
/// for an agent that reads or polls itself. It is the caller's, who closes it; closing it before
/// its end ends the feeding. One end of a socket pair, close-on-exec, blocking until it is told
/// otherwise.
///
/// Its end says nothing: whether the object was whole, s3stream_reader_finish() tells. The reader
/// itself reads no more from here on.
///
/// S3STREAM_INTERNAL if there are no descriptors or threads left; S3STREAM_INVALID_INPUT if it
/// has a pipe already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_open_pipe(
    reader: *mut Reader,
    descriptor: *mut c_int,
) -> Status {
    guard("s3stream_reader_open_pipe", || {
        // SAFETY: the header's contract of pointers.
        let (reader, descriptor) =
            unsafe { (borrow(reader, "reader")?, Output::new(descriptor, "descriptor")?) };
        let pipe = reader.inside.enter()?.reader.open_pipe()?;
        descriptor.set(pipe.into_raw_fd());
        Ok(())
    })
}

/// Tells what became of a read through a pipe, after the pipe's end: S3STREAM_OK, and then
/// s3stream_reader_verdict() has the verdict, or the error. It waits until everything has been
/// written: do not call it before the pipe's end was read. Without a pipe it reads what is left,
/// and drops it.
///
/// Those of s3stream_reader_read(); S3STREAM_CANCELLED if the pipe was closed before its end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_finish(reader: *mut Reader) -> Status {
    guard("s3stream_reader_finish", || {
        // SAFETY: the header's contract of pointers.
        unsafe { borrow(reader, "reader") }?.inside.enter()?.reader.finish()?;
        Ok(())
    })
}

/// Cancels the reader for good, from any thread but not from a signal handler: a read that waits
/// returns within 100 ms with S3STREAM_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_cancel(reader: *const Reader) -> Status {
    guard("s3stream_reader_cancel", || {
        // SAFETY: the header's contract of pointers.
        unsafe { borrow(reader, "reader") }?.canceller.cancel();
        Ok(())
    })
}

/// Frees it, at the end or before; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_reader_free(reader: *mut Reader) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_reader_free", reader) }
}
