//! How a listing stands: what it may be relied upon for.

use crate::proto::ending::End;
use crate::proto::order::Order;
use crate::proto::ranges::Standing;

/// How a listing stands, or ended: in which order it came, and how its end is known.
///
/// ```no_run
/// use s3stream_core::{End, ListOptions, blocking::Client};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::from_env()?;
/// let mut list = client.list("bucket", ListOptions::new().prove_end(true));
/// for entry in list.by_ref() {
///     println!("{}", entry?.name());
/// }
/// assert_eq!(list.summary().expect("it began").end, End::Proven);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSummary {
    /// In which order the keys came so far.
    pub order: Order,
    /// Whether it is certain that no key came twice: always where they ascend; in another
    /// order as far as there is memory to tell, which is half of `memory_limit`.
    pub no_repeats: bool,
    /// How the end is known.
    pub end: End,
    /// How often the server said that there is no more, and there was: the listing went on.
    pub early_ends: u32,
    /// Entries that could not be read: each was an error of its own.
    pub unreadable: u64,
    /// Objects whose `LastModified` nobody can read; they have none.
    pub without_time: u64,
    /// Whether its end could not be proven, though that was asked for.
    is_unproven: bool,
}

impl ListSummary {
    pub(super) fn new(standing: Standing, unreadable: u64) -> Self {
        let Standing { order, is_exact, end, early_ends, without_time, is_unproven } = standing;
        ListSummary {
            order,
            no_repeats: is_exact,
            end,
            early_ends,
            unreadable,
            without_time,
            is_unproven,
        }
    }

    /// What is to be known about a listing that is not as it should be, one line each.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.early_ends > 0 {
            remarks.push(format!(
                "the server ended the listing early ({} times): keys that it had left out were \
                 found behind the end and taken",
                self.early_ends
            ));
        }
        if self.order == Order::Unordered {
            let repeats = if self.no_repeats {
                "no key came twice"
            } else {
                "keys that came twice could not be ruled out, for there are too many"
            };
            remarks.push(format!(
                "the server lists in an order of its own, which proves nothing: it was followed \
                 by its tokens; {repeats}"
            ));
        }
        if self.is_unproven {
            remarks.push(
                "the end of the listing is the server's word alone: it does not start behind a \
                 key, so nobody could look there"
                    .to_owned(),
            );
        }
        if self.end == End::Outrun {
            remarks.push(
                "new keys kept appearing behind the end of the listing: ten pages of them were \
                 taken, and no more"
                    .to_owned(),
            );
        }
        if self.without_time > 0 {
            remarks.push(format!(
                "{} objects have a LastModified that cannot be read",
                self.without_time
            ));
        }
        remarks
    }
}
