//! A bucket cut into shards: from a listing to a plan that is kept, revised and checked.
//!
//! A job backs up one shard, a range of keys of at most 250 GB and two million objects unless
//! told otherwise. A plan is made by one ordered pass over the bucket, is kept as a file
//! ([`Plan`] is text: `to_string`, `parse`), and is revised against the bucket as it has become:
//! shards keep their numbers and, as far as can be, their keys, because a job whose range has
//! changed backs up anew what it did not have.
//!
//! **No key is ever nobody's.** Shards tile the key space, ends open. A shard that hands keys
//! over keeps them until whoever takes them has backed them up (see [`Transition`]): an overlap
//! for a night is harmless, a gap is not.
//!
//! ```no_run
//! use s3stream_core::blocking::Client;
//! use s3stream_core::plan::{Plan, PlanOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let planned = client.plan("bucket", PlanOptions::new()).finish()?;
//! std::fs::write("plan.json", planned.plan.to_string())?;
//!
//! let plan: Plan = std::fs::read_to_string("plan.json")?.parse()?;
//! for shard in &plan.shards {
//!     println!("{}: {} objects, {} bytes", Plan::name(shard.id), shard.objects, shard.bytes);
//! }
//! # Ok(())
//! # }
//! ```

mod options;
mod planning;

use std::sync::Arc;

use crate::list::{ListOptions, ObjectList};
use crate::send::Session;

pub use self::options::PlanOptions;
pub use self::planning::{Planned, Planning};
pub use crate::proto::plan::{
    Bounds, Change, Flaw, Limits, NoPlan, Plan, Reason, Scope, Shard, Then, Transition, flaws,
};

/// A plan of a bucket, from a listing of it that is ordered and whose end is proven.
pub(crate) fn planning(session: &Arc<Session>, bucket: &str, options: PlanOptions) -> Planning {
    let before = options.previous.as_ref().map(|plan| plan.scope.prefix.clone());
    let prefix = options.prefix.clone().or(before).unwrap_or_default();
    let scope = Scope {
        endpoint: session.config.service.to_string(),
        bucket: bucket.to_owned(),
        prefix: prefix.clone(),
    };
    let wanted =
        ListOptions::new().prefix(prefix).ordered(true).prove_end(true).parallel(options.parallel);
    Planning::new(ObjectList::new(Arc::clone(session), bucket, wanted), scope, options)
}
