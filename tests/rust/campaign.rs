//! A campaign: random objects, random faults, random reads, pauses, cancellations and moves to
//! other threads, each from one seed.
//!
//! Every third read is a thread's; the others are tasks of a runtime with several threads.
//!
//! Every run must end in the object's bytes with a verdict, or in an error; never in wrong
//! bytes that a checksum has passed. `cargo test` plays 500 runs;
//!
//! ```sh
//! cargo test --release -p s3stream-tests --test campaign -- --runs 20000
//! cargo test --release -p s3stream-tests --test campaign -- --seed 4711 --runs 1
//! ```
//!
//! play more, and one again exactly.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "campaign/consumers.rs"]
mod consumers;
mod verdicts;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use s3stream_core::{Client, ClientBuilder, ErrorKind, Method, Stats};
use s3stream_tests::fault::{
    Algorithm, CampaignOptions, CampaignRecord, CampaignScript, Content, EtagKind, Fatal,
    FaultServer, Random,
};
use tokio::runtime::Runtime;

use self::consumers::{Met, Played, as_a_task, on_a_thread};

const THREADS: usize = 6;
const MAX_ATTEMPTS: u64 = 8;
const IDLE: Duration = Duration::from_millis(4);

/// What all runs came to.
#[derive(Default)]
struct Tally {
    runs: u64,
    bytes: u64,
    resumes: u64,
    retries: u64,
    requests: u64,
    faults: BTreeMap<&'static str, u64>,
    verdicts: BTreeMap<&'static str, u64>,
    errors: BTreeMap<&'static str, u64>,
    /// Corrupt bytes where the server offered nothing but the length: no client can tell.
    undetectable: u64,
    /// Of the tasks of the runtime: how many there were, and how many met what.
    tasks: u64,
    met: BTreeMap<&'static str, u64>,
    failed: Vec<String>,
}

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<u64>().expect("a number"))
    };
    let runs = number("--runs").unwrap_or(500);
    let first = number("--seed").unwrap_or(1);
    let started = Instant::now();
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    // More threads than cores: whoever is in the middle of something is put aside there.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        break;
                    }
                    play(seed, &tally, &runtime);
                }
            });
        }
    });
    drop(runtime);
    let tally = tally.into_inner().unwrap();
    report(&tally, started.elapsed());
    if !tally.failed.is_empty() {
        std::process::exit(1);
    }
}

/// The faults, object and habits of one seed.
fn options(seed: u64) -> CampaignOptions {
    let mut random = Random::new(seed ^ 0x6f70_7469_6f6e_7321);
    let mut options = CampaignOptions::drawn(seed);
    if random.chance(20) {
        // Up to 64 MiB, which is slow enough to be rare.
        let size = 1 << (22 + random.below(5));
        options.content = Content::new(size - random.below(1000), seed)
            .part_size(8 << 20)
            .checksums(&options.content.checksums);
    }
    if options.content.etag_kind == EtagKind::Absent {
        // Refused by the first reply: there is a transcript for that.
        options.content.etag_kind = EtagKind::Md5;
    }
    options.max_attempts = MAX_ATTEMPTS;
    let fatal = if random.chance(300) { Fatal::Allowed } else { Fatal::Never };
    options.fatal(fatal)
}

fn play(seed: u64, tally: &Mutex<Tally>, runtime: &Runtime) {
    let is_task = !seed.is_multiple_of(3);
    let options = if is_task { for_a_task(seed) } else { options(seed) };
    let content = options.content.clone();
    let script = CampaignScript::new(options);
    let record = script.record();
    let server = FaultServer::with_script(Box::new(script)).unwrap();
    let builder = client(&server, &content);
    let mut got = Vec::new();
    let (played, stats) = if is_task {
        let client = builder.build().unwrap();
        let (bytes, played) = runtime.block_on(async {
            let task = tokio::spawn(as_a_task(client.clone(), seed));
            task.await.expect("a read does not panic")
        });
        got = bytes;
        (played, client.stats())
    } else {
        let client = builder.build_blocking().unwrap();
        (on_a_thread(&client, seed, &mut got), client.stats())
    };
    let record = record.lock().unwrap().clone();
    let mut tally = tally.lock().unwrap();
    tally.add(stats, &record, got.len());
    if is_task {
        tally.count(played.met);
    }
    if let Err(why) = tally.judge(&content, &record, &got, &played) {
        tally.failed.push(format!("seed {seed}: {why}; faults {:?}", record.faults));
    }
    if tally.runs.is_multiple_of(1_000) {
        println!("{} runs, {} failed", tally.runs, tally.failed.len());
    }
}

/// The same for a task: often an object that is large enough to change hands.
fn for_a_task(seed: u64) -> CampaignOptions {
    let mut random = Random::new(seed ^ 0x6c61_7267_6520_6f6e);
    let mut options = options(seed);
    if random.chance(600) {
        let size = (1_200 << 10) + random.below(900 << 10);
        let fast = [Algorithm::Crc64Nvme, Algorithm::Crc32c, Algorithm::Crc32];
        options.content =
            Content::new(size, seed).etag_kind(EtagKind::Opaque).checksums(&[*random.pick(&fast)]);
        // Where every second reply breaks off at once, few readers live to change hands.
        options.fault_per_mille = *random.pick(&[0, 200, 400, 700]);
    }
    options
}

fn client(server: &FaultServer, content: &Content) -> ClientBuilder {
    // The server describes a large object by digests that take it a while.
    let stall = if content.size > 4 << 20 { 4_000 } else { 300 };
    Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials("AKIAFAULT", "secret")
        .proxy("none")
        .max_attempts(u32::try_from(MAX_ATTEMPTS).unwrap())
        .retry_for(Duration::ZERO)
        .stall_timeout(Duration::from_millis(stall))
        .idle_timeout(IDLE)
        .retry_base_delay(Duration::from_millis(1))
        .retry_max_delay(Duration::from_millis(4))
}

impl Tally {
    fn add(&mut self, stats: Stats, record: &CampaignRecord, bytes: usize) {
        self.runs += 1;
        self.bytes += bytes as u64;
        self.resumes += stats.resumes;
        self.retries += stats.retries;
        self.requests += record.requests;
        for (name, count) in &record.faults {
            *self.faults.entry(name).or_default() += count;
        }
    }

    fn count(&mut self, met: Met) {
        self.tasks += 1;
        for (name, is_met) in [
            ("handed over behind pieces", met.handed_over),
            ("paused", met.paused),
            ("cancelled", met.cancelled),
            ("wait given up", met.given_up),
        ] {
            *self.met.entry(name).or_default() += u64::from(is_met);
        }
    }

    fn judge(
        &mut self,
        content: &Content,
        record: &CampaignRecord,
        got: &[u8],
        Played { outcome, met }: &Played,
    ) -> Result<(), String> {
        match outcome {
            Ok(verdict) => {
                *self.verdicts.entry(verdict.method.name()).or_default() += 1;
                if let Some(wrong) = verdicts::wrong_digest(verdict, got) {
                    return Err(wrong);
                }
                if got == content.bytes() {
                    return Ok(());
                }
                let is_blind = verdict.method == Method::Length && got.len() as u64 == content.size;
                if is_blind && !record.must_succeed() {
                    self.undetectable += 1;
                    return Ok(());
                }
                Err(format!("wrong bytes accepted: {verdict:?} after {} bytes", got.len()))
            }
            Err(error) => {
                *self.errors.entry(error.kind().name()).or_default() += 1;
                if met.cancelled && error.kind() == ErrorKind::Cancelled {
                    return Ok(());
                }
                if record.must_succeed() {
                    return Err(format!("failed though all faults could be survived: {error}"));
                }
                Ok(())
            }
        }
    }
}

fn report(tally: &Tally, elapsed: Duration) {
    let faults: u64 = tally.faults.values().sum();
    println!(
        "campaign: {} runs, {} MiB, {} requests, {faults} faults injected, {} resumes, {} retries, {:.1} s",
        tally.runs,
        tally.bytes >> 20,
        tally.requests,
        tally.resumes,
        tally.retries,
        elapsed.as_secs_f64()
    );
    println!("faults: {:?}", tally.faults);
    println!("verdicts: {:?}; errors: {:?}", tally.verdicts, tally.errors);
    for (name, count) in &tally.met {
        println!("met: {name} in {:.1} % of {} tasks", percent(*count, tally.tasks), tally.tasks);
    }
    println!("corrupt bytes that nothing could tell (verdict length): {}", tally.undetectable);
    for failed in &tally.failed {
        println!("FAILED {failed}");
    }
    let failed = tally.failed.len() as u64;
    println!("{} passed, {failed} failed", tally.runs - failed);
}

fn percent(count: u64, of: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for a person")]
    let share = count as f64 / of.max(1) as f64;
    100.0 * share
}
