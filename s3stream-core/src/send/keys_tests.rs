use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

// Placeholder for the compiler: see below.
