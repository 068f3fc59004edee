//! What to list.

use crate::proto::selection::Selection;

/// What to list: all of a bucket, unless narrowed.
///
/// See "ListObjectsV2" and "ListObjectVersions" in the Amazon S3 API reference.
///
/// ```
/// use s3stream_core::ListOptions;
/// let options = ListOptions::new().prefix("logs/2026/").delimiter("/");
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct ListOptions {
    pub(super) selection: Selection,
    pub(super) parallel: usize,
}

/// More requests at once serve no listing.
const MOST_PARALLEL: usize = 64;

impl ListOptions {
    /// All objects, their newest versions.
    pub fn new() -> Self {
        ListOptions::default()
    }

    /// Only keys that start with this.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.selection.prefix = prefix.into();
        self
    }

    /// Groups keys that share a beginning up to this into a [`CommonPrefix`](crate::CommonPrefix).
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.selection.delimiter = Some(delimiter.into()).filter(|d| !d.is_empty());
        self
    }

    /// Only keys after this one, itself excluded; an empty one leaves nothing out.
    ///
    /// A range in which no key can be (`start_after` not before [`end_at`](ListOptions::end_at),
    /// or either of them beside the [`prefix`](ListOptions::prefix)) is `InvalidInput`. A server
    /// that lists in no order has no ranges: see [`Order`](crate::Order).
    pub fn start_after(mut self, key: impl Into<String>) -> Self {
        self.selection.start_after = Some(key.into()).filter(|key| !key.is_empty());
        self
    }

    /// Only keys up to this one, itself included. An empty one is `InvalidInput`.
    pub fn end_at(mut self, key: impl Into<String>) -> Self {
        self.selection.end_at = Some(key.into());
        self
    }

    /// All versions and delete markers, the newest of each key first.
    pub fn versions(mut self, versions: bool) -> Self {
        self.selection.versions = versions;
        self
    }

    /// Looks behind the last key, by one more request, once the server says that there is no
    /// more: for whoever backs up all of a bucket. False unless set.
    ///
    /// If keys come that were there before the listing began, the server had ended it early:
    /// the listing goes on, and [`ListSummary::early_ends`](crate::ListSummary::early_ends)
    /// says so. Keys that were written since are taken, ten pages of them at most.
    ///
    /// ```
    /// use s3stream_core::ListOptions;
    /// let options = ListOptions::new().prove_end(true);
    /// # let _ = options;
    /// ```
    pub fn prove_end(mut self, prove: bool) -> Self {
        self.selection.prove_end = prove;
        self
    }

    /// Asks how the restore of each archived object stands: `Object::restore_status`. False
    /// unless set; servers that do not know of it leave it out.
    ///
    /// See `x-amz-optional-object-attributes` of "ListObjectsV2" in the Amazon S3 API reference.
    pub fn restore_status(mut self, wanted: bool) -> Self {
        self.selection.restore_status = wanted;
        self
    }

    /// Refuses a server that lists in another order than by the bytes of the keys: for whoever
    /// merges listings. False unless set.
    ///
    /// ```
    /// use s3stream_core::ListOptions;
    /// let options = ListOptions::new().ordered(true);
    /// # let _ = options;
    /// ```
    pub fn ordered(mut self, ordered: bool) -> Self {
        self.selection.is_ordered = ordered;
        self
    }

    /// Lists up to so many ranges of keys at once, merged in order; 1, one page after the
    /// other, unless set.
    ///
    /// The listing is the same, entry by entry, and ends with the same error at the same
    /// place if it does. It takes a fraction of the round trips, which pays where a server is
    /// far or slow. The ranges are found from the keys: counters, dates, hashes and their
    /// like go on as they begin, and where they do not, fewer requests are sent at once.
    /// Some requests are vain, rarely more than a tenth where keys are regular. A server that
    /// lists in no order is refused: see [`Order`](crate::Order).
    ///
    /// Up to three pages of 1,000 entries for each are held ahead of the consumer: a few MiB
    /// for 8 at once and keys of ordinary length. A listing with a delimiter is not split.
    ///
    /// ```
    /// use s3stream_core::ListOptions;
    /// let options = ListOptions::new().prefix("logs/").parallel(8);
    /// # let _ = options;
    /// ```
    pub fn parallel(mut self, ranges: usize) -> Self {
        self.parallel = ranges.clamp(1, MOST_PARALLEL);
        self
    }
}
