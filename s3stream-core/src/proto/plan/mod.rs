//! A bucket cut into shards: ranges of keys that are backed up each for itself.
//!
//! | module | job |
//! |---|---|
//! | [`nouns`] | a plan, its shards, and what is under way between two of them |
//! | [`separator`] | where two keys are cut apart |
//! | [`cut`] | a first plan, from one ordered pass over a bucket |
//! | [`marks`] | where a shard could be cut, in bounded memory |
//! | [`revise`] | the next plan, from the one before and the bucket as it is now |
//! | [`change`] | which shards are split, merged or ended, and why |
//! | [`tiling`] | whether ranges cover all keys, and none twice |
//! | [`text`] | a plan as the file that it is kept in |
//!
//! All of it is fed keys and sizes in order and holds nothing but counts and boundaries: a
//! bucket of a billion objects takes as much memory as one of a thousand shards takes lines.

pub(crate) mod change;
pub(crate) mod cut;
mod marks;
pub(crate) mod nouns;
pub(crate) mod revise;
mod separator;
pub(crate) mod text;
pub(crate) mod tiling;

pub use change::{Change, Reason};
pub use nouns::{Bounds, Limits, Plan, Scope, Shard, Then, Transition};
pub use text::NoPlan;
pub use tiling::{Flaw, flaws};
