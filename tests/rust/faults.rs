//! Every transcript in `tests/faults`, played to the client: one test a fault.
//!
//! A read of a whole object is played twice: to a reader that was opened, and to one that a
//! stream has handed out. For the server, and in the end, there is no difference.
//!
//! A transcript says what the server does and what the client must send; here is what the
//! client does, and how that must end. `cargo test --test faults -- NAME` runs one;
//! `S3STREAM_FAULT_TABLE=FILE` writes the table of faults and outcomes as Markdown.

#![allow(clippy::unwrap_used)]

mod verdicts;

#[path = "faults/writes.rs"]
mod writes;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use s3stream_core::{
    Client, ClientBuilder, ETag, Entry, Error, ListOptions, ListSummary, Object, OpenOptions,
    StreamOptions, Wanted, blocking,
};
use s3stream_tests::fault::transcript::{Options, Outcome, Task, Verb};
use s3stream_tests::fault::{Content, FaultServer, Transcript};

/// How a reader is had.
#[derive(Clone, Copy)]
enum Way {
    Open,
    Stream,
}

/// Group, name and outcome of a transcript.
type Row = (String, String, String);

/// What the client made of a transcript.
struct Ended {
    delivered: Vec<u8>,
    facts: Facts,
    error: Option<Error>,
}

/// What a successful end is compared by.
#[derive(Default)]
struct Facts {
    verdict: Option<String>,
    unproven: Option<&'static str>,
    numbers: Vec<(&'static str, u64)>,
    keys: Vec<String>,
    prefixes: Vec<String>,
    /// Entries that failed alone.
    unreadable: Vec<String>,
    /// How a listing stands.
    standing: Option<ListSummary>,
    /// Of an object that was written.
    etag: Option<String>,
    /// The fields that its server has not kept.
    differences: Vec<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let table = Arc::new(Mutex::new(Vec::new()));
    let trials = transcripts()
        .into_iter()
        .flat_map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let (table, opened) = (Arc::clone(&table), path.clone());
            let streamed = is_streamed(&path).then(|| {
                Trial::test(format!("{name} (streamed)"), move || prove(&path, Way::Stream, None))
            });
            let opened = Trial::test(name, move || prove(&opened, Way::Open, Some(&table)));
            [Some(opened), streamed].into_iter().flatten()
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(file) = std::env::var_os("S3STREAM_FAULT_TABLE") {
        let mut rows = std::mem::take(&mut *table.lock().unwrap());
        rows.sort();
        let mut text = "| group | fault | outcome |\n|---|---|---|\n".to_owned();
        for (group, name, outcome) in rows {
            writeln!(text, "| {group} | {name} | {outcome} |").unwrap();
        }
        std::fs::write(file, text).unwrap();
    }
    conclusion.exit();
}

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "fault"))
        .collect();
    paths.sort();
    paths
}

/// Whether a stream would send the same requests: it reads no ranges, reads on while its
/// consumer pauses, and has connections of its own.
fn is_streamed(path: &Path) -> bool {
    let Ok(transcript) = Transcript::load(path) else { return false };
    let options = &transcript.task.options;
    transcript.task.verb == Verb::Read
        && transcript.before.is_none()
        && ["offset", "length", "pause"].iter().all(|name| options.get(name).is_none())
}

/// Plays a transcript. Where the clock decides, a loaded machine may have kept client or server
/// away for longer than is allowed: then once more, and once more.
fn prove(path: &Path, way: Way, table: Option<&Mutex<Vec<Row>>>) -> Result<(), Failed> {
    let transcript = Transcript::load(path).map_err(|error| error.to_string())?;
    let mut options = transcript.config.iter().chain(transcript.task.options.iter());
    let is_timed = options.any(|(name, _)| name == "pause" || name.ends_with("_timeout"));
    let mut ended = play(&transcript, way);
    for _ in 0..if is_timed { 2 } else { 0 } {
        if ended.is_err() {
            ended = play(&transcript, way);
        }
    }
    if let Some(table) = table {
        let (group, name) = (transcript.group.clone(), transcript.name.clone());
        table.lock().unwrap().push((group, name, transcript.expect.to_string()));
    }
    ended
}

fn play(transcript: &Transcript, way: Way) -> Result<(), Failed> {
    let server = FaultServer::start(transcript.clone()).map_err(|error| error.to_string())?;
    let ca = tempfile::NamedTempFile::new().unwrap();
    let client = client(&server, transcript, ca.path());
    if let Some(before) = &transcript.before
        && let Some(error) = run(&client, way, before, &transcript.object).error
    {
        return Err(format!("what is done before failed: {error}").into());
    }
    let ended = run(&client, way, &transcript.task, &transcript.object);
    check_bytes(transcript, &ended);
    let mut wrong = judge(transcript, &ended);
    // What a dropped writer leaves is removed while its client lives.
    server.wait_for_script(Duration::from_secs(2));
    drop(client);
    if let Err(mismatches) = server.finish() {
        wrong.extend(mismatches.0);
    }
    let outcome = ended.error.as_ref().map_or("identical bytes", |error| error.kind().name());
    if wrong.is_empty() {
        return Ok(());
    }
    let line = ended.error.as_ref().map(ToString::to_string).unwrap_or_default();
    Err(format!("{}\n  ended with: {outcome} {line}", wrong.join("\n  ")).into())
}

fn client(server: &FaultServer, transcript: &Transcript, ca: &Path) -> blocking::Client {
    let mut builder: ClientBuilder = Client::builder()
        .endpoint_url(&server.endpoint_url())
        .region("us-east-1")
        .addressing_style(s3stream_core::AddressingStyle::Path)
        .proxy("none");
    if transcript.config.get("anonymous").is_none() {
        builder = builder.credentials("AKIAFAULT", "secret");
    }
    for (name, value) in [
        ("connect_timeout", "5"),
        ("stall_timeout", "5"),
        ("max_attempts", "4"),
        ("retry_for", "0"),
        ("retry_base_delay", "0.001"),
        ("retry_max_delay", "0.02"),
    ] {
        builder = builder.set(name, value);
    }
    if let Some(pem) = server.ca_pem() {
        std::fs::write(ca, pem).unwrap();
        builder = builder.ca_bundle(ca);
    }
    for (name, value) in transcript.config.iter() {
        builder = builder.set(name, value);
    }
    builder.build_blocking().expect("a transcript has valid settings")
}

fn run(client: &blocking::Client, way: Way, task: &Task, object: &Content) -> Ended {
    let mut ended = Ended { delivered: Vec::new(), facts: Facts::default(), error: None };
    let outcome = match task.verb {
        Verb::Read => read(client, way, task, object, &mut ended),
        Verb::Head => {
            let version = task.options.get("version_id");
            client.head(task.bucket(), task.key(), version).map(|object| {
                ended.facts.numbers.push(("size", object.size));
            })
        }
        Verb::List => list(client, task, &mut ended),
        Verb::Put => writes::put(client, task, object, &mut ended),
        Verb::Write => writes::write(client, task, object, &mut ended),
        Verb::Delete => writes::delete(client, task),
        Verb::Buckets => client.list_buckets().map(|buckets| {
            ended.facts.keys = buckets.into_iter().map(|bucket| bucket.name).collect();
        }),
    };
    ended.error = outcome.err();
    ended
}

fn read(
    client: &blocking::Client,
    way: Way,
    task: &Task,
    object: &Content,
    ended: &mut Ended,
) -> Result<(), Error> {
    let options = &task.options;
    let pause = options.get("pause").map(|pause| {
        let (after, seconds) = pause.split_once(':').unwrap();
        (after.parse::<usize>().unwrap(), seconds.parse::<f64>().unwrap())
    });
    let mut reader = match way {
        Way::Open => open(client, task, object)?,
        Way::Stream => next_of_stream(client, task, object)?,
    };
    let size = usize::try_from(options.number("read_size").unwrap_or(65_536)).unwrap();
    let mut buffer = vec![0; size];
    let mut has_paused = false;
    loop {
        let n = match reader.read_full(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) => {
                // What failed once must fail for ever, and never turn into an end.
                let again = reader.read_full(&mut buffer).unwrap_err();
                assert_eq!(again.kind(), error.kind(), "an error must be repeated");
                assert!(reader.verdict().is_none(), "a failed reader has no verdict");
                return Err(error);
            }
        };
        ended.delivered.extend_from_slice(&buffer[..n]);
        if let Some((after, seconds)) = pause
            && ended.delivered.len() >= after
            && !std::mem::replace(&mut has_paused, true)
        {
            // The pause is what the transcript is about.
            std::thread::sleep(Duration::from_secs_f64(seconds));
        }
    }
    let verdict = reader.verdict().expect("an end without an error has a verdict");
    ended.facts.verdict = Some(verdict.method.name().to_owned());
    ended.facts.unproven = verdict.unproven.map(|reason| reason.name());
    ended.facts.numbers = vec![
        ("reread", verdict.reread),
        ("size", verdict.bytes),
        ("resumes", verdict.resumes.into()),
        ("retries", verdict.retries.into()),
        ("newer", reader.is_newer_than_listed().into()),
    ];
    assert_eq!(verdict.bytes, ended.delivered.len() as u64);
    assert_eq!(verdicts::wrong_digest(verdict, &ended.delivered), None);
    Ok(())
}

fn open(
    client: &blocking::Client,
    task: &Task,
    object: &Content,
) -> Result<blocking::ObjectReader, Error> {
    let options = &task.options;
    let mut open = OpenOptions::new();
    if let Some(offset) = options.number("offset") {
        open = open.offset(offset);
    }
    if let Some(length) = options.number("length") {
        open = open.length(length);
    }
    if let Some(version) = options.get("version_id") {
        open = open.version_id(version);
    }
    if let Some(etag) = if_match(options, object) {
        open = open.if_match(etag);
    }
    if let Some(object) = listed(task) {
        open = open.listed(&object);
    }
    client.open(task.bucket(), task.key(), open)
}

fn next_of_stream(
    client: &blocking::Client,
    task: &Task,
    object: &Content,
) -> Result<blocking::ObjectReader, Error> {
    let options = &task.options;
    let mut wanted = match listed(task) {
        Some(object) => Wanted::from(object),
        None => Wanted::new(task.key()),
    };
    if let Some(version) = options.get("version_id") {
        wanted = wanted.version_id(version);
    }
    if let Some(etag) = if_match(options, object) {
        wanted = wanted.if_match(etag);
    }
    client.stream(task.bucket(), [wanted], StreamOptions::new()).next().unwrap()
}

/// What a listing said of the object.
fn listed(task: &Task) -> Option<Object> {
    let mut object = Object::new(task.key());
    object.etag = Some(ETag::parse(task.options.get("listed_etag")?).expect("an ETag"));
    object.size = task.options.number("listed_size").unwrap_or(0);
    Some(object)
}

fn if_match<'a>(options: &'a Options, object: &'a Content) -> Option<&'a str> {
    let etag = options.get("if_match")?;
    Some(if etag == "{etag}" { object.etag().unwrap_or_default() } else { etag })
}

fn list(client: &blocking::Client, task: &Task, ended: &mut Ended) -> Result<(), Error> {
    let options = &task.options;
    let is_set = |name| options.get(name).is_some();
    let mut list = ListOptions::new()
        .versions(is_set("versions"))
        .prove_end(is_set("prove_end"))
        .ordered(is_set("ordered"));
    let text = |name| options.get(name);
    if let Some(prefix) = text("prefix") {
        list = list.prefix(prefix);
    }
    if let Some(delimiter) = text("delimiter") {
        list = list.delimiter(delimiter);
    }
    if let Some(key) = text("start_after") {
        list = list.start_after(key);
    }
    if let Some(key) = text("end_at") {
        list = list.end_at(key);
    }
    let mut listing = client.list(task.bucket(), list);
    while let Some(entry) = listing.next() {
        match entry {
            Ok(Entry::Object(object)) => ended.facts.keys.push(object.key),
            Ok(Entry::CommonPrefix(group)) => ended.facts.prefixes.push(group.prefix),
            Err(error) if error.is_of_entry() => {
                ended.facts.unreadable.extend(error.key().map(str::to_owned));
            }
            Err(error) => {
                assert!(listing.next().is_none(), "an error is the last item");
                let again = listing.next_entry().unwrap_err();
                assert_eq!(again.kind(), error.kind(), "an error must be repeated");
                return Err(error);
            }
        }
    }
    assert!(listing.next().is_none(), "an end is repeated");
    ended.facts.standing = listing.summary();
    Ok(())
}

/// Whatever the outcome, no wrong byte may ever be delivered before a verdict says otherwise,
/// except where only a checksum at the end can tell. Not even in one of several tries.
fn check_bytes(transcript: &Transcript, ended: &Ended) {
    if transcript.task.verb != Verb::Read
        || transcript.expect.options.get("kind") == Some("integrity")
    {
        return;
    }
    let from = transcript.task.options.number("offset").unwrap_or(0);
    let mut expected = vec![0; ended.delivered.len()];
    s3stream_tests::pattern::fill(transcript.object.seed, from, &mut expected);
    assert!(ended.delivered == expected, "the bytes are not the object's");
}

/// Everything that did not end as the transcript says.
fn judge(transcript: &Transcript, ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    match (transcript.expect.outcome, &ended.error) {
        (Outcome::Ok, Some(error)) => wrong.push(format!("it failed: {error}")),
        (Outcome::Error, None) => wrong.push("it did not fail".to_owned()),
        (Outcome::Ok, None) => judge_facts(&transcript.expect.options, ended, &mut wrong),
        (Outcome::Error, Some(error)) => {
            judge_error(&transcript.expect.options, ended, error, &mut wrong)
        }
    }
    wrong
}

fn judge_facts(expected: &Options, ended: &Ended, wrong: &mut Vec<String>) {
    let facts = &ended.facts;
    if let Some(verdict) = expected.get("verdict")
        && facts.verdict.as_deref() != Some(verdict)
    {
        wrong.push(format!("the verdict is {:?}, not {verdict}", facts.verdict));
    }
    if let Some(etag) = expected.get("etag")
        && facts.etag.as_deref() != Some(etag)
    {
        wrong.push(format!("the ETag is {:?}, not {etag}", facts.etag));
    }
    if let Some(reason) = expected.get("unproven")
        && facts.unproven != Some(reason)
    {
        wrong.push(format!("it is unproven for {:?}, not {reason}", facts.unproven));
    }
    for (name, actual) in &facts.numbers {
        if !expected.allows(name, *actual) {
            wrong.push(format!("{name} is {actual}, not {:?}", expected.get(name)));
        }
    }
    if let Some(standing) = &facts.standing {
        let texts = [("end", standing.end.name()), ("order", standing.order.name())];
        for (name, actual) in texts {
            if expected.get(name).is_some_and(|text| text != actual) {
                wrong.push(format!("{name} is {actual}, not {:?}", expected.get(name)));
            }
        }
        if !expected.allows("early_ends", standing.early_ends.into()) {
            wrong.push(format!("early_ends is {}", standing.early_ends));
        }
        let told = expected.get("unreadable").unwrap_or("0");
        if told == "0" && standing.unreadable > 0 {
            wrong.push(format!("{} entries cannot be read", standing.unreadable));
        }
    }
    let lists = [
        ("keys", &facts.keys),
        ("prefixes", &facts.prefixes),
        ("unreadable", &facts.unreadable),
        ("differences", &facts.differences),
    ];
    for (name, actual) in lists {
        let Some(text) = expected.get(name) else { continue };
        let agrees = if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            expected.allows(name, actual.len() as u64)
        } else {
            text.split(',').map(str::to_owned).collect::<Vec<_>>() == *actual
        };
        if !agrees {
            wrong.push(format!("{name} are {actual:?}, not {text}"));
        }
    }
}

fn judge_error(expected: &Options, ended: &Ended, error: &Error, wrong: &mut Vec<String>) {
    let texts = [("kind", Some(error.kind().name())), ("code", error.code())];
    for (name, actual) in texts {
        if let Some(text) = expected.get(name)
            && actual != Some(text)
        {
            wrong.push(format!("{name} is {actual:?}, not {text}"));
        }
    }
    let numbers = [
        ("status", error.status().map(u64::from).unwrap_or_default()),
        ("delivered", ended.delivered.len() as u64),
        ("attempts", u64::from(error.attempts())),
    ];
    for (name, actual) in numbers {
        if expected.get(name).is_some() && !expected.allows(name, actual) {
            wrong.push(format!("{name} is {actual}, not {:?}", expected.get(name)));
        }
    }
    let line = error.to_string();
    if line.contains("secret") && !line.contains("secret_access_key") || line.contains('\n') {
        wrong.push(format!("the line shows too much: {line}"));
    }
}
