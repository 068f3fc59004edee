//! What the objects of a client's buckets have taught about their ETags and part sizes.

use std::collections::HashMap;

use crate::proto::parts::PartSizes;
use crate::proto::proof::Etags;
use crate::sync::{Mutex, lock};

/// Part sizes by bucket; whether ETags are digests, of the one server.
#[derive(Default)]
pub(crate) struct Habits {
    part_sizes: Mutex<HashMap<String, PartSizes>>,
    etags: Mutex<Etags>,
}

impl Habits {
    /// Looks at, or adds to, what is known of a bucket's part sizes.
    pub(crate) fn part_sizes<T>(&self, bucket: &str, look: impl FnOnce(&mut PartSizes) -> T) -> T {
        look(lock(&self.part_sizes).entry(bucket.to_owned()).or_default())
    }

    /// Looks at, or adds to, what is known of the server's ETags.
    pub(crate) fn etags<T>(&self, look: impl FnOnce(&mut Etags) -> T) -> T {
        look(&mut lock(&self.etags))
    }
}
