//! The objects of a listing, each with a reader of what was fetched ahead of it.

use std::collections::VecDeque;

use s3stream_core::blocking::{Client, ObjectList, ObjectReader, ObjectStream};
use s3stream_core::report::Listing;
use s3stream_core::{Entry, IntoWanted, ListOptions, ListSummary, Object, Result, StreamOptions};

/// A listing, and the stream that it feeds.
pub(crate) struct Fetch {
    listing: ObjectList,
    stream: ObjectStream,
    /// Pushed into the stream and not handed out by it yet.
    listed: VecDeque<Object>,
    /// How the listing ended, once it has.
    end: Option<Listing>,
    count: u64,
}

impl Fetch {
    pub(crate) fn start(
        client: &Client,
        bucket: &str,
        selection: ListOptions,
        concurrency: usize,
    ) -> Result<Self> {
        let options = StreamOptions::new().concurrency(concurrency);
        Ok(Fetch {
            listing: client.list(bucket, selection),
            stream: client.object_stream(bucket, options)?,
            listed: VecDeque::new(),
            end: None,
            count: 0,
        })
    }

    /// The next object as the listing describes it, and its reader; `None` at the end of
    /// whatever could be listed.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(crate) fn next(&mut self) -> Result<Option<(Object, ObjectReader)>> {
        while self.end.is_none() && self.stream.has_room() {
            let Some(entry) = self.listing.next() else {
                self.end = Some(Listing::Complete);
                break;
            };
            let object = match &entry {
                Ok(Entry::Object(object)) => object.clone(),
                // Only in a listing with a delimiter.
                Ok(Entry::CommonPrefix(_)) => continue,
                // Of an entry that cannot be read only the name is known.
                Err(error) => Object::new(error.key().unwrap_or_default()),
            };
            match entry.into_wanted() {
                Ok(wanted) => {
                    self.count += 1;
                    self.stream.push(wanted);
                    self.listed.push_back(object);
                }
                Err(error) => self.end = Some(Listing::from(&error)),
            }
        }
        let reader = self.stream.next_reader()?;
        Ok(reader.and_then(|reader| Some((self.listed.pop_front()?, reader))))
    }

    /// How the listing stands.
    pub(crate) fn summary(&self) -> Option<ListSummary> {
        self.listing.summary()
    }

    /// How the listing ended, and how many objects it gave.
    pub(crate) fn end(self) -> (Listing, u64) {
        let incomplete = || Listing::Incomplete("the run ended before the listing".to_owned());
        (self.end.unwrap_or_else(incomplete), self.count)
    }

    /// The same where the run was stopped: what was listed ahead was never looked at.
    pub(crate) fn stopped(self, why: String) -> (Listing, u64) {
        (Listing::Incomplete(why), self.count - self.listed.len() as u64)
    }
}
