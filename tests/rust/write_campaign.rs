//! A campaign of writes: random objects, parts, faults, cancellations, each from one seed,
//! against a model of S3 that knows to the byte what it holds.
//!
//! Every run must end in the whole object and a `Written`, or in an error with nothing of it
//! published; an upload that is left over must have a reason. `cargo test` plays 500 runs;
//!
//! ```sh
//! cargo test -p s3stream-tests --test write_campaign -- --runs 10000
//! cargo test -p s3stream-tests --test write_campaign -- --seed 4711 --runs 1
//! ```
//!
//! play more, and one again.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "write_campaign/model.rs"]
mod model;
#[path = "write_campaign/script.rs"]
mod script;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use s3stream_core::{Client, Condition, CreateOptions, Error, ErrorKind, Written, blocking};
use s3stream_tests::fault::{FaultServer, Random};
use s3stream_tests::pattern;

use self::model::{Manners, Model, Stored};
use self::script::{Lost, Plan, Record, Shared, WriteScript};

const THREADS: usize = 6;
/// How long a dropped writer's upload may take to be removed.
const CLEANED_WITHIN: Duration = Duration::from_secs(10);
/// How long one that may be completed yet is watched.
const LEFT_ALONE: Duration = Duration::from_millis(100);

/// How a run's object is written.
struct Course {
    bytes: Vec<u8>,
    part_size: u64,
    concurrency: usize,
    condition: Condition,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Finish,
    Abort,
    Drop,
    /// In another thread, after so many microseconds.
    Cancel(u64),
}

#[derive(Default)]
struct Tally {
    runs: u64,
    requests: u64,
    outcomes: BTreeMap<String, u64>,
    faults: BTreeMap<&'static str, u64>,
    met: BTreeMap<&'static str, u64>,
    left_over: BTreeMap<&'static str, u64>,
    failed: Vec<String>,
}

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).and_then(|value| value.parse::<u64>().ok())
    };
    let (runs, first) = (number("--runs").unwrap_or(500), number("--seed").unwrap_or(1));
    let begun = Instant::now();
    let tally = Mutex::new(Tally::default());
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        return;
                    }
                    play(seed, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    report(&tally, begun.elapsed());
    assert!(tally.failed.is_empty(), "{} runs failed", tally.failed.len());
    for name in ["a reply to Complete lost", "a late duplicate of a part", "a cancellation"] {
        let met = tally.met.get(name).copied().unwrap_or(0);
        assert!(runs < 100 || met * 10 >= tally.runs, "{name} in only {met} runs");
    }
}

fn play(seed: u64, tally: &Mutex<Tally>) {
    let mut random = Random::new(seed);
    let course = course(&mut random);
    let before = random.chance(300).then(|| Stored {
        bytes: vec![0xbb; 777],
        etag: "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb".to_owned(),
    });
    let model = Model::new(Manners::drawn(&mut random), before.clone());
    let plan = plan(&mut random, &course);
    let script = WriteScript::new(seed, plan, model);
    let shared = Arc::clone(&script.shared);
    let server = FaultServer::with_script(Box::new(script)).unwrap();
    let client = client(&server);
    let outcome = write(&client, &course, &mut random);
    wait_for_removal(&shared, &outcome, &course);
    drop(client);
    let shared = shared.lock().unwrap();
    let mut tally = tally.lock().unwrap();
    tally.count(&shared.record, &course, &outcome);
    let judged = judge(&shared, &course, before.as_ref(), &outcome);
    let judged = judged.and_then(|()| account_for(&shared, &course, &outcome, &mut tally));
    if let Err(why) = judged {
        let line = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let failed = format!(
            "seed {seed}: {why}; {:?} {plan:?} {:?} {:?} {line}",
            course.end, shared.model.manners, shared.record
        );
        tally.failed.push(failed);
    }
    if tally.runs.is_multiple_of(1_000) {
        println!("{} runs, {} failed", tally.runs, tally.failed.len());
    }
}

fn course(random: &mut Random) -> Course {
    let part_size = 1_000 + random.below(20_000);
    let parts = 1 + random.below(8);
    let size = match random.below(4) {
        0 => random.below(part_size + 1),
        1 => part_size * parts,
        _ => part_size * parts + random.below(part_size),
    };
    let end = match random.below(20) {
        0 => End::Abort,
        1 => End::Drop,
        2..=5 => End::Cancel(random.below(20_000)),
        _ => End::Finish,
    };
    let is_absent = random.chance(200);
    Course {
        bytes: pattern::bytes(random.next_u64(), 0, usize::try_from(size).unwrap()),
        part_size,
        concurrency: usize::try_from(1 + random.below(4)).unwrap(),
        condition: if is_absent { Condition::Absent } else { Condition::None },
        end,
    }
}

fn plan(random: &mut Random, course: &Course) -> Plan {
    let is_in_parts = course.bytes.len() as u64 > course.part_size;
    let lost = [Lost::Ours, Lost::Nothing, Lost::Foreign, Lost::ForeignOfSameSize];
    Plan {
        lost_complete: (is_in_parts && random.chance(350)).then(|| *random.pick(&lost)),
        late_part: (is_in_parts && random.chance(300)).then_some(1),
        fault_per_mille: *random.pick(&[0, 100, 250, 400]),
    }
}

fn client(server: &FaultServer) -> blocking::Client {
    Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials("AKIAFAULT", "secret")
        .proxy("none")
        .max_attempts(12)
        .stall_timeout(Duration::from_secs(20))
        .retry_base_delay(Duration::from_millis(1))
        .retry_max_delay(Duration::from_millis(3))
        .build_blocking()
        .unwrap()
}

/// `None` where there was nothing to finish: an abort, a drop.
fn write(
    client: &blocking::Client,
    course: &Course,
    random: &mut Random,
) -> Result<Option<Written>, Error> {
    let options = CreateOptions::new()
        .part_size(course.part_size)
        .concurrency(course.concurrency)
        .condition(course.condition.clone());
    let mut writer = client.create("bucket", "key", options)?;
    let canceller = writer.canceller().unwrap();
    std::thread::scope(|scope| {
        if let End::Cancel(after) = course.end {
            scope.spawn(move || {
                // When it comes is what the run is about.
                std::thread::sleep(Duration::from_micros(after));
                canceller.cancel();
            });
        }
        let mut rest = &course.bytes[..];
        while !rest.is_empty() {
            let length = usize::try_from(1 + random.below(30_000)).unwrap().min(rest.len());
            let (piece, after) = rest.split_at(length);
            writer.write_bytes(Bytes::copy_from_slice(piece))?;
            rest = after;
        }
        match course.end {
            End::Abort => writer.abort().map(|()| None),
            End::Drop => {
                drop(writer);
                Ok(None)
            }
            End::Finish | End::Cancel(_) => writer.finish().map(Some),
        }
    })
}

/// What is cleaned up behind the caller's back is waited for.
fn wait_for_removal(
    shared: &Mutex<Shared>,
    outcome: &Result<Option<Written>, Error>,
    course: &Course,
) {
    if matches!(outcome, Ok(Some(_))) || !matches!(course.end, End::Drop | End::Cancel(_)) {
        return;
    }
    let begun = Instant::now();
    while begun.elapsed() < CLEANED_WITHIN {
        {
            let shared = shared.lock().unwrap();
            let known = &shared.record.unknown_uploads;
            let mut left = shared.model.uploads();
            left.retain(|id| !known.contains(id));
            // Whoever is cancelled in the middle of a Complete must leave it alone.
            let is_whole = |id: &String| shared.model.size_of(id) == course.bytes.len();
            let is_left = course.end != End::Drop && left.iter().any(is_whole);
            let is_hopeless = is_left && begun.elapsed() > LEFT_ALONE;
            if left.is_empty() || is_hopeless || shared.record.failed_aborts > 1 {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether what is stored is what the caller was told.
fn judge(
    shared: &Shared,
    course: &Course,
    before: Option<&Stored>,
    outcome: &Result<Option<Written>, Error>,
) -> Result<(), String> {
    let (object, record) = (shared.model.object.as_ref(), &shared.record);
    let is_ours = object.is_some_and(|object| object.bytes == course.bytes);
    let is_foreign = object.is_some_and(|object| object.bytes.iter().all(|byte| *byte == 0xee));
    let is_untouched = object == before || is_foreign;
    match outcome {
        Ok(Some(written)) if !is_ours => Err(format!("told of success: {written:?}")),
        Ok(Some(written)) => {
            let stated = written.object.etag.as_ref().map(|etag| etag.quoted());
            let stored = object.map(|object| format!("\"{}\"", object.etag));
            if written.bytes != course.bytes.len() as u64 || stated != stored && stated.is_some() {
                return Err(format!("told of another object: {written:?}, not {stored:?}"));
            }
            Ok(())
        }
        Ok(None) if is_untouched => Ok(()),
        Ok(None) => Err("published without finish".to_owned()),
        Err(_) if !is_ours && !is_untouched => Err("something else was published".to_owned()),
        Err(error) => judge_error(error, is_ours && object != before, course, before, record),
    }
}

fn judge_error(
    error: &Error,
    is_published: bool,
    course: &Course,
    before: Option<&Stored>,
    record: &Record,
) -> Result<(), String> {
    let is_undecided = record.undecided_completes + record.undecided_puts > 0;
    let is_cancelled = matches!(course.end, End::Cancel(_));
    if course.end == End::Abort && record.failed_aborts > 0 && !is_published {
        // It was tried, and says what is left.
        return Ok(());
    }
    match (error.kind(), error.code()) {
        (ErrorKind::Cancelled, _) if is_cancelled => Ok(()),
        (_, Some("CompletionUnknown")) if is_undecided => Ok(()),
        _ if is_published => Err("a definite error, and the object is there".to_owned()),
        (ErrorKind::AlreadyExists, _) if course.condition == Condition::Absent => {
            match before.is_some() || record.lost_completes > 0 {
                true => Ok(()),
                false => Err("nothing was there".to_owned()),
            }
        }
        _ => Err("failed though all faults could be survived".to_owned()),
    }
}

/// Every upload that is left must be one that could not be removed.
fn account_for(
    shared: &Shared,
    course: &Course,
    outcome: &Result<Option<Written>, Error>,
    tally: &mut Tally,
) -> Result<(), String> {
    let record = &shared.record;
    let code = outcome.as_ref().err().and_then(Error::code);
    // The call that failed stands first in the line.
    let line = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let is_begun_only = matches!(course.end, End::Cancel(_)) && line.starts_with("create ");
    for id in shared.model.uploads() {
        let reason = if record.unknown_uploads.contains(&id) {
            "its id never arrived"
        } else if is_begun_only && shared.model.size_of(&id) == 0 {
            "cancelled before its id arrived"
        } else if code == Some("CompletionUnknown") {
            "its completion is unknown"
        } else if record.failed_aborts > 0 {
            "its abort failed"
        } else if matches!(course.end, End::Cancel(_))
            && shared.model.size_of(&id) == course.bytes.len()
        {
            "cancelled while it was completed"
        } else {
            return Err(format!("{id} is left over"));
        };
        *tally.left_over.entry(reason).or_default() += 1;
    }
    Ok(())
}

impl Tally {
    fn count(
        &mut self,
        record: &Record,
        course: &Course,
        outcome: &Result<Option<Written>, Error>,
    ) {
        self.runs += 1;
        self.requests += record.requests;
        for (name, count) in &record.faults {
            *self.faults.entry(name).or_default() += count;
        }
        for (name, is_met) in [
            ("a reply to Complete lost", record.lost_completes > 0),
            ("a late duplicate of a part", record.late_parts > 0),
            ("a cancellation", matches!(course.end, End::Cancel(_))),
            ("an upload in parts", course.bytes.len() as u64 > course.part_size),
        ] {
            *self.met.entry(name).or_default() += u64::from(is_met);
        }
        let name = match outcome {
            Ok(Some(written)) if written.resolved_after_lost_reply => {
                format!("{}, resolved", written.verdict.name())
            }
            Ok(Some(written)) => written.verdict.name().to_owned(),
            Ok(None) => "given up".to_owned(),
            Err(error) => error.code().unwrap_or_else(|| error.kind().name()).to_owned(),
        };
        *self.outcomes.entry(name).or_default() += 1;
    }
}

fn report(tally: &Tally, elapsed: Duration) {
    let faults: u64 = tally.faults.values().sum();
    println!(
        "write campaign: {} runs, {} requests, {faults} faults, {:.1} s",
        tally.runs,
        tally.requests,
        elapsed.as_secs_f64()
    );
    println!("faults: {:?}", tally.faults);
    println!("outcomes: {:?}", tally.outcomes);
    println!("met: {:?}", tally.met);
    println!("uploads left over: {:?}", tally.left_over);
    for failed in tally.failed.iter().take(20) {
        println!("FAILED {failed}");
    }
    let failed = tally.failed.len() as u64;
    println!("{} passed, {failed} failed", tally.runs - failed);
}
