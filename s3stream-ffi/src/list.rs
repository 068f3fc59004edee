//! Listings: complete, or an error that says they are not.

use std::ffi::c_char;
use std::sync::{Arc, OnceLock};

use s3stream_core::{Canceller, End, ListSummary, Order, blocking};

use crate::error::Failure;
use crate::guard::{Exclusive, guard, guard_or};
use crate::object::Object;
use crate::pointer::{Output, borrow, free, give, text};
use crate::status::Status;
use crate::text::{Text, pointer};

/// What to list: all of a bucket, unless narrowed.
pub struct ListOptions(pub(crate) Exclusive<s3stream_core::ListOptions>);

/// Options that narrow nothing. NULL only after an internal error.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_list_options_new() -> *mut ListOptions {
    guard_or("s3stream_list_options_new", std::ptr::null_mut(), || {
        Ok(give(ListOptions(Exclusive::new(s3stream_core::ListOptions::new()))))
    })
}

/// Only keys that start with this.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_prefix(
    options: *mut ListOptions,
    prefix: *const c_char,
) -> Status {
    // SAFETY: the header's contract of pointers.
    let prefix = || unsafe { text(prefix, "prefix") };
    change("s3stream_list_options_set_prefix", options, |options| Ok(options.prefix(prefix()?)))
}

/// Groups keys that share a beginning up to this, "/" for folders, into common prefixes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_delimiter(
    options: *mut ListOptions,
    delimiter: *const c_char,
) -> Status {
    // SAFETY: the header's contract of pointers.
    let delimiter = || unsafe { text(delimiter, "delimiter") };
    change("s3stream_list_options_set_delimiter", options, |options| {
        Ok(options.delimiter(delimiter()?))
    })
}

/// Only keys after this one, itself excluded.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_start_after(
    options: *mut ListOptions,
    key: *const c_char,
) -> Status {
    // SAFETY: the header's contract of pointers.
    let key = || unsafe { text(key, "key") };
    change("s3stream_list_options_set_start_after", options, |options| {
        Ok(options.start_after(key()?))
    })
}

/// Only keys up to this one, itself included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_end_at(
    options: *mut ListOptions,
    key: *const c_char,
) -> Status {
    // SAFETY: the header's contract of pointers.
    let key = || unsafe { text(key, "key") };
    change("s3stream_list_options_set_end_at", options, |options| Ok(options.end_at(key()?)))
}

/// Whether to list all versions and delete markers, the newest of each key first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_versions(
    options: *mut ListOptions,
    versions: bool,
) -> Status {
    change("s3stream_list_options_set_versions", options, |options| Ok(options.versions(versions)))
}

/// Whether to look behind the last key, by one more request, once the server says that there is
/// no more: for whoever backs up all of a bucket. s3stream_list_end() tells what came of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_prove_end(
    options: *mut ListOptions,
    prove: bool,
) -> Status {
    change("s3stream_list_options_set_prove_end", options, |options| Ok(options.prove_end(prove)))
}

/// Whether to ask how the restore of each archived object stands: s3stream_object_restore_status().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_restore_status(
    options: *mut ListOptions,
    wanted: bool,
) -> Status {
    change("s3stream_list_options_set_restore_status", options, |options| {
        Ok(options.restore_status(wanted))
    })
}

/// Whether to refuse a server that lists in another order than by the bytes of the keys: for
/// whoever merges listings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_set_ordered(
    options: *mut ListOptions,
    ordered: bool,
) -> Status {
    change("s3stream_list_options_set_ordered", options, |options| Ok(options.ordered(ordered)))
}

/// Frees them; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_options_free(options: *mut ListOptions) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_list_options_free", options) }
}

fn change(
    function: &'static str,
    options: *mut ListOptions,
    change: impl FnOnce(s3stream_core::ListOptions) -> Result<s3stream_core::ListOptions, Failure>,
) -> Status {
    guard(function, || {
        // SAFETY: the header's contract of pointers; only functions that C calls call this.
        let mut options = unsafe { borrow(options, "options") }?.0.enter()?;
        *options = change(options.clone())?;
        Ok(())
    })
}

/// A listing in progress, in ascending order of the keys' bytes unless s3stream_list_order() says
/// otherwise; one thread at a time.
pub struct List {
    pub(crate) inside: Arc<Exclusive<Listing>>,
    canceller: Option<Canceller>,
}

/// What one thread at a time may enter; a stream that is fed by the listing shares it.
pub(crate) struct Listing {
    pub(crate) entries: blocking::ObjectList,
    /// What C looks at until it asks for the next.
    entry: Option<Box<Entry>>,
}

impl List {
    pub(crate) fn new(entries: blocking::ObjectList) -> Self {
        let canceller = entries.canceller();
        List { inside: Arc::new(Exclusive::new(Listing { entries, entry: None })), canceller }
    }
}

/// One item of a listing: an object, or, in a listing with a delimiter, a common prefix.
pub struct Entry {
    /// `None` for a common prefix.
    object: Option<Object>,
    prefix: Option<Text>,
}

impl From<s3stream_core::Entry> for Entry {
    fn from(entry: s3stream_core::Entry) -> Self {
        match entry {
            s3stream_core::Entry::Object(object) => {
                Entry { object: Some(Object::new(object)), prefix: None }
            }
            s3stream_core::Entry::CommonPrefix(group) => {
                Entry { object: None, prefix: Some(Text::new(&group.prefix)) }
            }
        }
    }
}

/// Gives the next entry; NULL, with S3STREAM_OK, at the proven end and ever after.
///
/// The entry is borrowed from `list` until the next call with it. An entry that cannot be read (a
/// key that is not UTF-8, a size that is not a number) is S3STREAM_PROTOCOL with an error that
/// names it, s3stream_error_is_of_entry(), and the next call goes on behind it. Any other error
/// ends the listing for good, every later call repeats it: what came before it is true, but it
/// is not all.
///
/// S3STREAM_NOT_FOUND and S3STREAM_ACCESS_DENIED for the bucket, S3STREAM_INVALID_INPUT for a
/// range in which no key can be, S3STREAM_PROTOCOL for a page that is none of S3's or cannot be
/// the next one, those of a failed request otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_next(list: *mut List, entry: *mut *const Entry) -> Status {
    guard("s3stream_list_next", || {
        // SAFETY: the header's contract of pointers.
        let (list, entry) = unsafe { (borrow(list, "list")?, Output::new(entry, "entry")?) };
        let mut inside = list.inside.enter()?;
        let next = inside.entries.next_entry()?;
        inside.entry = next.map(|next| Box::new(next.into()));
        entry.set(inside.entry.as_deref().map_or(std::ptr::null(), std::ptr::from_ref));
        Ok(())
    })
}

/// The object, borrowed from `entry`; NULL if the entry is a common prefix.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_entry_object(entry: *const Entry) -> *const Object {
    guard_or("s3stream_entry_object", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let object = unsafe { borrow(entry, "entry") }?.object.as_ref();
        Ok(object.map_or(std::ptr::null(), std::ptr::from_ref))
    })
}

/// The common prefix, its delimiter included, borrowed from `entry`; NULL if the entry is an
/// object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_entry_common_prefix(entry: *const Entry) -> *const c_char {
    guard_or("s3stream_entry_common_prefix", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        Ok(pointer(unsafe { borrow(entry, "entry") }?.prefix.as_ref()))
    })
}

/// In which order the keys came so far: "ascending" by their bytes, or "unordered", which proves
/// nothing and was followed by the server's tokens. NULL if the listing is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_order(list: *const List) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe {
        summary("s3stream_list_order", list, std::ptr::null(), |summary| match summary.order {
            Order::Unordered => c"unordered".as_ptr(),
            _ => c"ascending".as_ptr(),
        })
    }
}

/// How the end of the listing is known: "not_reached", "told" by the server alone, "proven" by a
/// request behind the last key or by a key beyond the range, or "outrun", where new keys kept
/// appearing behind it and ten pages of them were taken. NULL if the listing is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_end(list: *const List) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe {
        summary("s3stream_list_end", list, std::ptr::null(), |summary| match summary.end {
            End::Told => c"told".as_ptr(),
            End::Proven => c"proven".as_ptr(),
            End::Outrun => c"outrun".as_ptr(),
            _ => c"not_reached".as_ptr(),
        })
    }
}

/// How often the server said that there is no more, and there was: the listing went on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_early_ends(list: *const List) -> u32 {
    // SAFETY: the header's contract of pointers.
    unsafe { summary("s3stream_list_early_ends", list, 0, |summary| summary.early_ends) }
}

/// How many entries could not be read so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_unreadable(list: *const List) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { summary("s3stream_list_unreadable", list, 0, |summary| summary.unreadable) }
}

/// Whether it is certain that no key came twice: false only for an "unordered" listing of more
/// keys than there is memory to tell apart, and for one that is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_no_repeats(list: *const List) -> bool {
    // SAFETY: the header's contract of pointers.
    unsafe { summary("s3stream_list_no_repeats", list, false, |summary| summary.no_repeats) }
}

/// What a listing says of itself; `otherwise` if it never began.
unsafe fn summary<T: Copy>(
    function: &'static str,
    list: *const List,
    otherwise: T,
    read: impl FnOnce(&ListSummary) -> T,
) -> T {
    guard_or(function, otherwise, || {
        // SAFETY: the header's contract of pointers.
        let list = unsafe { borrow(list, "list") }?;
        let summary = list.inside.enter()?.entries.summary();
        Ok(summary.as_ref().map_or(otherwise, read))
    })
}

/// Cancels the listing for good, from any thread but not from a signal handler: a
/// s3stream_list_next() that waits returns within 100 ms with S3STREAM_CANCELLED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_cancel(list: *const List) -> Status {
    guard("s3stream_list_cancel", || {
        // SAFETY: the header's contract of pointers.
        if let Some(canceller) = &unsafe { borrow(list, "list") }?.canceller {
            canceller.cancel();
        }
        Ok(())
    })
}

/// Frees it; NULL is allowed. A stream that is fed by it goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_list_free(list: *mut List) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_list_free", list) }
}

/// The buckets of a client's credentials. Never changes: any number of threads may read it.
pub struct Buckets(Vec<Bucket>);

struct Bucket {
    name: OnceLock<Text>,
    inner: s3stream_core::Bucket,
}

impl Buckets {
    pub(crate) fn new(buckets: &[s3stream_core::Bucket]) -> Self {
        let buckets = buckets.iter().cloned();
        Buckets(buckets.map(|inner| Bucket { name: OnceLock::new(), inner }).collect())
    }
}

/// How many there are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_buckets_count(buckets: *const Buckets) -> usize {
    guard_or("s3stream_buckets_count", 0, || {
        // SAFETY: the header's contract of pointers.
        Ok(unsafe { borrow(buckets, "buckets") }?.0.len())
    })
}

/// The name of one, borrowed from `buckets`; NULL if `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_buckets_name(
    buckets: *const Buckets,
    index: usize,
) -> *const c_char {
    guard_or("s3stream_buckets_name", std::ptr::null(), || {
        // SAFETY: the header's contract of pointers.
        let bucket = unsafe { borrow(buckets, "buckets") }?.0.get(index);
        let name = bucket.map(|it| it.name.get_or_init(|| Text::new(&it.inner.name)));
        Ok(pointer(name))
    })
}

/// Writes when it was created, in seconds since 1970-01-01T00:00:00Z, and returns true; returns
/// false, and writes nothing, if the server did not say or `index` is too great.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_buckets_created(
    buckets: *const Buckets,
    index: usize,
    unix_seconds: *mut i64,
) -> bool {
    guard_or("s3stream_buckets_created", false, || {
        // SAFETY: the header's contract of pointers.
        let (buckets, unix_seconds) =
            unsafe { (borrow(buckets, "buckets")?, Output::new(unix_seconds, "unix_seconds")?) };
        let Some(created) = buckets.0.get(index).and_then(|bucket| bucket.inner.created) else {
            return Ok(false);
        };
        unix_seconds.set(created.unix_seconds());
        Ok(true)
    })
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_buckets_free(buckets: *mut Buckets) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_buckets_free", buckets) }
}
