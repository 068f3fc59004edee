//! What a person sees while a program runs.

mod progress;

pub(crate) use progress::{Progress, Total};
