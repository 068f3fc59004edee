//! A campaign: random objects, random faults, random reads and pauses, each from one seed.
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

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use s3stream_core::{Client, Error, Method, OpenOptions, StreamOptions, Verdict, blocking};
use s3stream_tests::fault::{
    CampaignOptions, CampaignRecord, CampaignScript, Content, EtagKind, Fatal, FaultServer, Random,
};

const THREADS: usize = 4;
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
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        break;
                    }
                    play(seed, &tally);
                }
            });
        }
    });
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

fn play(seed: u64, tally: &Mutex<Tally>) {
    let options = options(seed);
    let content = options.content.clone();
    let script = CampaignScript::new(options);
    let record = script.record();
    let server = FaultServer::with_script(Box::new(script)).unwrap();
    let client = client(&server, &content);
    let mut got = Vec::new();
    let outcome = read(&client, seed, &mut got);
    let record = record.lock().unwrap().clone();
    let mut tally = tally.lock().unwrap();
    tally.add(&client, &record, got.len());
    if let Err(why) = tally.judge(&content, &record, &got, &outcome) {
        tally.failed.push(format!("seed {seed}: {why}; faults {:?}", record.faults));
    }
    if tally.runs.is_multiple_of(1_000) {
        println!("{} runs, {} failed", tally.runs, tally.failed.len());
    }
}

fn client(server: &FaultServer, content: &Content) -> blocking::Client {
    // The server describes a large object by digests that take it a while.
    let stall = if content.size > 4 << 20 { 4_000 } else { 300 };
    Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials("AKIAFAULT", "secret")
        .proxy("none")
        .max_attempts(u32::try_from(MAX_ATTEMPTS).unwrap())
        .stall_timeout(Duration::from_millis(stall))
        .idle_timeout(IDLE)
        .retry_base_delay(Duration::from_millis(1))
        .retry_max_delay(Duration::from_millis(4))
        .build_blocking()
        .unwrap()
}

/// Reads in one of the ways that there are: opened, streamed, through a pipe.
fn read(client: &blocking::Client, seed: u64, got: &mut Vec<u8>) -> Result<Verdict, Error> {
    let mut random = Random::new(seed ^ 0x7265_6164_696e_6721);
    let way = random.below(3);
    let reader = if way == 0 {
        client.open("bucket", "key", OpenOptions::new())?
    } else {
        client.stream("bucket", ["key"], StreamOptions::new()).next().unwrap()?
    };
    if way == 2 { read_pipe(reader, got) } else { read_blocks(reader, &mut random, got) }
}

fn read_pipe(mut reader: blocking::ObjectReader, got: &mut Vec<u8>) -> Result<Verdict, Error> {
    let mut pipe = std::fs::File::from(reader.open_pipe()?);
    pipe.read_to_end(got).unwrap();
    reader.finish()
}

/// Reads in random sizes with random pauses, some longer than the idle timeout.
fn read_blocks(
    mut reader: blocking::ObjectReader,
    random: &mut Random,
    got: &mut Vec<u8>,
) -> Result<Verdict, Error> {
    let mut pauses = 3;
    loop {
        let magnitude = 6 + random.below(15);
        let size = 1 + random.below(1 << magnitude);
        let before = got.len();
        got.resize(before + usize::try_from(size).unwrap(), 0);
        let n = match reader.read_full(&mut got[before..]) {
            Ok(n) => n,
            Err(error) => {
                got.truncate(before);
                return Err(error);
            }
        };
        got.truncate(before + n);
        if n == 0 {
            return Ok(*reader.verdict().expect("an end has a verdict"));
        }
        if pauses > 0 && random.chance(50) {
            pauses -= 1;
            // A pause is what this is about, so there is nothing to wait for.
            std::thread::sleep(IDLE.mul_f64(f64::from(u8::try_from(random.below(3)).unwrap())));
        }
    }
}

impl Tally {
    fn add(&mut self, client: &blocking::Client, record: &CampaignRecord, bytes: usize) {
        let stats = client.stats();
        self.runs += 1;
        self.bytes += bytes as u64;
        self.resumes += stats.resumes;
        self.retries += stats.retries;
        self.requests += record.requests;
        for (name, count) in &record.faults {
            *self.faults.entry(name).or_default() += count;
        }
    }

    fn judge(
        &mut self,
        content: &Content,
        record: &CampaignRecord,
        got: &[u8],
        outcome: &Result<Verdict, Error>,
    ) -> Result<(), String> {
        match outcome {
            Ok(verdict) => {
                *self.verdicts.entry(verdict.method.name()).or_default() += 1;
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
    println!("corrupt bytes that nothing could tell (verdict length): {}", tally.undetectable);
    for failed in &tally.failed {
        println!("FAILED {failed}");
    }
    let failed = tally.failed.len() as u64;
    println!("{} passed, {failed} failed", tally.runs - failed);
}
