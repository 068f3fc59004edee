//! The manifest against a listing of today.

use std::io::{self, BufWriter, Write};

use s3stream_core::blocking::Client;
use s3stream_core::report::human::{bytes, count};
use s3stream_core::report::{Finding, Head, Note, Record, Totals, Verification};
use s3stream_core::{Canceller, Entry, ListOptions, Object, OpenOptions};

use super::arguments::{Arguments, GateMode};
use super::open;
use crate::cli::{Source, Status, failure, say, usage};

/// Compares, and says what it came to.
pub(super) fn run(arguments: &Arguments, on_start: &dyn Fn(Canceller)) -> Status {
    let client = arguments.connection.client(Client::builder());
    let client = client.and_then(|client| Ok((client.canceller()?, client)));
    let client = match client {
        Ok((canceller, client)) => {
            on_start(canceller);
            client
        }
        Err(error) => return usage(error),
    };
    match compare(arguments, &client) {
        Ok((totals, damaged)) => conclude(arguments, &totals, damaged),
        Err(why) => failure(why),
    }
}

/// Lists, and compares each object as it comes; how many of those that were read are damaged.
fn compare(arguments: &Arguments, client: &Client) -> Result<(Totals, u64), String> {
    let manifest = open(&arguments.manifest)?;
    let head = manifest.head().cloned();
    let source = source(arguments, head.as_ref())?;
    let mut verification = Verification::new(manifest);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut reader = Reader { client, bucket: &source.bucket, arguments, damaged: 0 };
    let mut written = Ok(());
    let mut note = |finding: Finding, record: Option<&Record>, object: Option<&Object>| {
        if arguments.all || finding != Finding::Same {
            let line = out.write_all(&finding.line(record, object));
            written = std::mem::replace(&mut written, Ok(())).and(line);
        }
        reader.look(finding, record, object);
    };
    let note: &mut Note<'_> = &mut note;
    for entry in client.list(&source.bucket, selection(&source, head.as_ref())) {
        let object = match entry {
            Ok(Entry::Object(object)) => object,
            Ok(Entry::CommonPrefix(_)) => continue,
            // It has a name all the same, and its record has the same one.
            Err(error) if error.is_of_entry() => Object::new(error.key().unwrap_or_default()),
            Err(error) => return Err(error.to_string()),
        };
        verification.object(object, note).map_err(|error| error.to_string())?;
    }
    let totals = verification.finish(note).map_err(|error| error.to_string())?;
    written.and_then(|()| out.flush()).map_err(|error| format!("standard output: {error}"))?;
    Ok((totals, reader.damaged))
}

/// What to compare with: as the command line or the manifest says.
fn source(arguments: &Arguments, head: Option<&Head>) -> Result<Source, String> {
    if let Some(source) = &arguments.source {
        return Ok(source.clone());
    }
    match head {
        Some(head) if !head.bucket.is_empty() => {
            Ok(Source { bucket: head.bucket.clone(), prefix: head.prefix.clone() })
        }
        _ => {
            Err("the manifest does not say of which bucket it is: give s3://BUCKET/PREFIX"
                .to_owned())
        }
    }
}

/// The same range of keys, and the same versions, as were backed up.
fn selection(source: &Source, head: Option<&Head>) -> ListOptions {
    let mut options = ListOptions::new().prefix(&source.prefix).prove_end(true);
    let Some(head) = head else { return options };
    if let Some(key) = &head.start_after {
        options = options.start_after(key);
    }
    if let Some(key) = &head.end_at {
        options = options.end_at(key);
    }
    if head.rules.get("versions").is_some_and(|versions| versions == "all") {
        options = options.versions(true);
    }
    options
}

/// Reads some of the objects that look the same, and compares their bytes with the copy's.
struct Reader<'a> {
    client: &'a Client,
    bucket: &'a str,
    arguments: &'a Arguments,
    damaged: u64,
}

impl Reader<'_> {
    fn look(&mut self, finding: Finding, record: Option<&Record>, object: Option<&Object>) {
        let is_same =
            matches!(finding, Finding::Same | Finding::NewerThanListed | Finding::Unproven);
        let (Some(record), Some(object), true) = (record, object, is_same) else { return };
        if !self.arguments.read.takes(&record.key) || object.is_delete_marker {
            return;
        }
        if let Err(why) = self.read(record, object) {
            self.damaged += 1;
            let key = record.key.escape_debug();
            say(format_args!("not the same: s3://{}/{key}: {why}", self.bucket));
        }
    }

    fn read(&self, record: &Record, object: &Object) -> Result<(), String> {
        let mut options = OpenOptions::new();
        if let Some(version) = &object.version_id {
            options = options.version_id(version);
        }
        let mut reader = self
            .client
            .open(self.bucket, &object.key, options)
            .map_err(|error| error.to_string())?;
        io::copy(&mut reader, &mut io::sink()).map_err(|error| error.to_string())?;
        let digest = reader.verdict().and_then(|verdict| verdict.own_digest.as_ref());
        let digest = digest.map(|digest| digest.value.as_str());
        match (record.crc64nvme.as_deref(), digest) {
            (Some(kept), Some(read)) if kept != read => {
                Err(format!("its bytes have the CRC-64/NVME {read}, those of the copy {kept}"))
            }
            (Some(_), Some(_)) => Ok(()),
            _ => Err("there is no digest of the copy, or none of the bytes: own_digest".to_owned()),
        }
    }
}

/// Says what it came to; the exit status.
fn conclude(arguments: &Arguments, totals: &Totals, damaged: u64) -> Status {
    for finding in Finding::ALL {
        let number = totals.count(finding);
        if number > 0 {
            let size = bytes(totals.bytes(finding));
            say(format_args!("  {:<17} {} ({size})", finding.name(), count(number)));
        }
    }
    let (recorded, listed) = (count(totals.recorded()), count(totals.listed()));
    let sign = if totals.is_balanced() { "each is accounted for" } else { "NOT balanced" };
    say(format_args!("  {recorded} recorded, {listed} listed: {sign}"));
    if let Some(assessment) = totals.assessment.as_deref().filter(|word| *word == "incomplete") {
        say(format_args!("warning: the backup itself was {assessment}"));
    }
    let mut gate = arguments.gate_share;
    gate.least = arguments.gate_least;
    let breach = gate.judge(totals).filter(|_| arguments.gate != GateMode::Off);
    if let Some(breach) = breach {
        say(format_args!("warning: {breach}"));
    }
    if totals.is_cut {
        return failure("the manifest ends without its closing line: it was cut");
    }
    if damaged > 0 {
        return failure(format_args!("{} of the objects that were read differ", count(damaged)));
    }
    let is_good = match arguments.gate {
        GateMode::Fail => breach.is_none(),
        GateMode::Warn | GateMode::Off => totals.is_unchanged(),
    };
    if is_good && totals.is_balanced() { Status::Complete } else { Status::Incomplete }
}
