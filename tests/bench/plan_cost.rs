//! What it costs to plan: keys per second and memory, for keys of several shapes, in one run.
//!
//! ```sh
//! cargo bench -p s3stream-tests --bench plan_cost -- [--keys N] [--most N]
//! ```
//!
//! The keys come from no server: what a listing costs is `list_cost`'s to say. `--most` is how
//! many counters are planned at the end, once.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
// The numbers are counts of a run.
#![allow(clippy::cast_precision_loss)]

use std::fmt::Write as _;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use s3stream_core::internals::Planner;
use s3stream_core::plan::{Limits, Plan};

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<u64>().expect("a number"))
    };
    let keys = number("--keys").unwrap_or(1_000_000);
    println!("| keys | shape | shards | keys/s | CPU ns/key | peak memory more, MiB |");
    println!("|---|---|---|---|---|---|");
    let shapes: [(&str, Shape); 4] =
        [("dates", dates), ("hashes", hashes), ("words", words), ("one prefix of 9 in 10", skewed)];
    for (name, shape) in shapes {
        measure(name, keys, shape);
    }
    if let Some(most) = number("--most") {
        measure("counters", most, counters);
    }
}

/// Writes the key of a number among so many; numbers that follow each other give keys that do.
type Shape = fn(&mut String, u64, u64);

fn measure(name: &str, keys: u64, shape: Shape) {
    let memory = peak_memory();
    let (wall, processor) = (Instant::now(), cpu());
    let plan = plan(keys, shape);
    let (wall, processor) = (wall.elapsed().as_secs_f64(), cpu() - processor);
    println!(
        "| {keys} | {name} | {} | {:.0} | {:.0} | {:.1} |",
        plan.shards.len(),
        keys as f64 / wall,
        processor * 1e9 / keys as f64,
        (peak_memory() - memory) as f64 / 1024.0,
    );
    assert_eq!(plan.shards.iter().map(|shard| shard.objects).sum::<u64>(), keys);
    if keys <= 10_000_000 {
        assert_eq!(self::plan(keys, shape).to_string(), plan.to_string(), "to the byte");
    }
}

fn plan(keys: u64, shape: Shape) -> Plan {
    let mut planner = Planner::new(Limits::default()).unwrap();
    let mut key = String::new();
    for index in 0..keys {
        key.clear();
        shape(&mut key, index, keys);
        planner.pass(&key, 130_000).unwrap();
    }
    planner.finish()
}

fn counters(key: &mut String, index: u64, _: u64) {
    write!(key, "data/{index:012}").unwrap();
}

fn dates(key: &mut String, index: u64, keys: u64) {
    let day = index * 3_600 / keys;
    let (year, month, day) = (2016 + day / 360, day / 30 % 12 + 1, day % 30 + 1);
    write!(key, "logs/{year}/{month:02}/{day:02}/{index:012}.gz").unwrap();
}

fn hashes(key: &mut String, index: u64, keys: u64) {
    let spread = u128::from(u64::MAX) * u128::from(index) / u128::from(keys);
    write!(key, "{spread:016x}{index:016x}").unwrap();
}

fn words(key: &mut String, index: u64, keys: u64) {
    const LETTERS: u64 = 26;
    let mut rest = u128::from(index) * u128::from(LETTERS.pow(8)) / u128::from(keys);
    let mut place = u128::from(LETTERS.pow(7));
    while place > 0 {
        key.push(char::from(b'a' + u8::try_from(rest / place).unwrap()));
        (rest, place) = (rest % place, place / u128::from(LETTERS));
    }
    write!(key, "-{index:012}").unwrap();
}

fn skewed(key: &mut String, index: u64, keys: u64) {
    let tenant = if index < keys / 20 {
        "a"
    } else if index < keys / 20 * 19 {
        "m"
    } else {
        "z"
    };
    write!(key, "{tenant}/{index:012}").unwrap();
}

fn cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6)
        .sum()
}

/// KiB.
fn peak_memory() -> i64 {
    getrusage(UsageWho::RUSAGE_SELF).unwrap().max_rss()
}
