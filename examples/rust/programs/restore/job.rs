//! The run: each record of the manifest, in its order.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::time::{Instant, SystemTime};

use s3stream_core::blocking::Client;
use s3stream_core::report::human::{bytes, count, counted, duration};
use s3stream_core::report::{
    ArchiveCheck, Ending, Failure, Head, Listing, Manifest, MemberError, Outcome, Record, Run,
};
use s3stream_core::{Canceller, ErrorKind, Timestamp};

use super::arguments::RestoreArguments;
use super::object::{Fault, Restored, Target};
use crate::account::{Closed, Ledger};
use crate::cli::{Source, Status, failure, say, usage};
use crate::show::Progress;

/// Runs a restore with a client as the command line and the environment describe it.
pub(super) fn run(arguments: &RestoreArguments, on_start: &dyn Fn(Canceller)) -> Status {
    let client = arguments.connection.client(Client::builder());
    match client.and_then(|client| Ok((client.canceller()?, client))) {
        Ok((canceller, client)) => {
            on_start(canceller);
            run_with(arguments, &client)
        }
        Err(error) => usage(error),
    }
}

/// Runs a restore with this client.
pub(super) fn run_with(arguments: &RestoreArguments, client: &Client) -> Status {
    let (Some(manifest), Some(archive), Some(to)) =
        (&arguments.manifest, &arguments.archive, &arguments.to)
    else {
        return usage("it takes MANIFEST, --archive and --to");
    };
    let run = describe(arguments, to);
    let ledger = match Ledger::open(arguments.account.as_deref(), &Head::of(&run)) {
        Ok(ledger) => ledger,
        Err(error) => return failure(error),
    };
    let target = Target { client, bucket: &to.bucket, arguments };
    let restore = Restore { target, to, ledger, progress: Progress::start(), different: 0 };
    let opened = match open(manifest) {
        Ok(manifest) => manifest,
        Err(why) => return failure(why),
    };
    let shown = archive.display().to_string();
    if archive == Path::new("-") {
        let archive = ArchiveCheck::new(io::stdin());
        return restore.all(opened, archive, &Streamed, run, &shown);
    }
    match File::open(archive) {
        Ok(file) => restore.all(opened, ArchiveCheck::new(file), &Seekable, run, &shown),
        Err(error) => failure(format_args!("{shown}: {error}")),
    }
}

fn open(path: &Path) -> Result<Manifest<BufReader<File>>, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| format!("{shown}: {error}"))?;
    Manifest::open(BufReader::new(file)).map_err(|error| format!("{shown}: {error}"))
}

fn describe(arguments: &RestoreArguments, to: &Source) -> Run {
    let mut run = Run::default();
    run.bucket.clone_from(&to.bucket);
    run.prefix.clone_from(&to.prefix);
    run.endpoint = arguments.connection.endpoint();
    "s3stream-restore".clone_into(&mut run.tool);
    env!("CARGO_PKG_VERSION").clone_into(&mut run.version);
    run.started = Some(Timestamp::from(SystemTime::now()));
    run
}

/// How the archive gets to a member.
trait Forward<R> {
    fn to(&self, archive: &mut ArchiveCheck<R>, record: &Record) -> Result<(), MemberError>;
}

/// By reading over what is before it.
struct Streamed;

/// By going there.
struct Seekable;

impl<R: Read> Forward<R> for Streamed {
    fn to(&self, archive: &mut ArchiveCheck<R>, record: &Record) -> Result<(), MemberError> {
        archive.skip_to(record).map(|_| ())
    }
}

impl Forward<File> for Seekable {
    fn to(&self, archive: &mut ArchiveCheck<File>, record: &Record) -> Result<(), MemberError> {
        archive.seek_to(record)
    }
}

struct Restore<'a> {
    target: Target<'a>,
    to: &'a Source,
    ledger: Ledger,
    progress: Progress,
    /// Objects of which the server did not keep all.
    different: u64,
}

/// Why no further object is restored.
struct Stop(String);

impl Restore<'_> {
    fn all<R: Read>(
        mut self,
        mut manifest: Manifest<BufReader<File>>,
        mut archive: ArchiveCheck<R>,
        forward: &dyn Forward<R>,
        mut run: Run,
        shown: &str,
    ) -> Status {
        self.progress.begin(None);
        let mut stopped = None;
        for record in manifest.by_ref() {
            let done = match record {
                Ok(record) => self.one(&record, &mut archive, forward, shown),
                Err(error) => Err(Stop(format!("the manifest: {error}"))),
            };
            if let Err(Stop(why)) = done {
                stopped = Some(why);
                break;
            }
        }
        if stopped.is_none() && manifest.ending() == Some(&Ending::Cut) {
            stopped = Some(
                "the manifest ends without its closing line: what the archive holds beyond its \
                 last record was not restored"
                    .to_owned(),
            );
        }
        run.listing = stopped.map_or(Listing::Complete, Listing::Incomplete);
        self.close(run)
    }

    /// Restores one object, if it was chosen.
    fn one<R: Read>(
        &mut self,
        record: &Record,
        archive: &mut ArchiveCheck<R>,
        forward: &dyn Forward<R>,
        shown: &str,
    ) -> Result<(), Stop> {
        if !self.target.arguments.chooses(&record.key) {
            return Ok(());
        }
        let key = format!("{}{}", self.to.prefix, record.key);
        let started = Instant::now();
        let mut done = match record.outcome {
            Outcome::Streamed => {
                let forwarded = forward.to(archive, record).map_err(Fault::Member);
                let restored = forwarded.and_then(|()| self.target.restore(archive, record, &key));
                self.restored(record, &key, restored, shown)?
            }
            _ if self.target.arguments.chooses_all() => return Ok(()),
            _ => self.not_kept(record, &key),
        };
        done.seconds = Some(started.elapsed().as_secs_f64());
        self.progress.object();
        let entered = self.ledger.enter(&done, &self.progress);
        entered.map_err(|error| Stop(format!("the account cannot be written: {error}")))
    }

    /// The record of what became of an object.
    fn restored(
        &mut self,
        record: &Record,
        key: &str,
        restored: Result<Restored, Fault>,
        shown: &str,
    ) -> Result<Record, Stop> {
        let new = |outcome| {
            let mut done = Record::new(&self.to.bucket, key, outcome);
            (done.size, done.bytes) = (record.size, record.bytes);
            done.crc64nvme.clone_from(&record.crc64nvme);
            done
        };
        let skipped = |reason: &str| {
            let mut done = new(Outcome::Skipped);
            done.reason = Some(reason.to_owned());
            done
        };
        let failed = |failure| {
            let mut done = new(Outcome::Failed);
            done.error = Some(failure);
            done
        };
        Ok(match restored {
            Ok(Restored::Written(written)) => {
                let mut done = new(Outcome::Streamed);
                done.etag = written.object.etag.as_ref().map(|etag| etag.as_str().to_owned());
                done.version_id.clone_from(&written.object.version_id);
                done.method = Some(written.verdict.name().to_owned());
                let fields = written.differences.iter().map(|one| one.field.as_str());
                let fields = fields.collect::<Vec<_>>().join(", ");
                if !fields.is_empty() {
                    self.different += 1;
                    done.reason = Some(format!("the server did not keep: {fields}"));
                }
                self.progress.bytes(record.bytes.unwrap_or_default());
                done
            }
            Ok(Restored::WouldBe) => skipped("would be restored"),
            Ok(Restored::IsThere) => skipped("the very object is there already"),
            Ok(Restored::Left(why)) => skipped(why),
            Err(Fault::Member(error @ (MemberError::Damaged(_) | MemberError::Unproven(_)))) => {
                failed(Failure::new(ErrorKind::Integrity, error.to_string()))
            }
            Err(Fault::Member(error)) => return Err(Stop(format!("{shown}: {error}"))),
            Err(Fault::Server(error)) if error.kind() == ErrorKind::Cancelled => {
                return Err(Stop("interrupted".to_owned()));
            }
            Err(Fault::Server(error)) => failed(Failure::from(&error)),
        })
    }

    /// The record of an object that was asked for by name, and is not in the backup.
    fn not_kept(&self, record: &Record, key: &str) -> Record {
        let mut done = Record::new(&self.to.bucket, key, Outcome::Failed);
        let why = format!("it is not in the backup: it was {} then", record.outcome.name());
        done.error = Some(Failure::new(ErrorKind::NotFound, why));
        done
    }

    fn close(self, mut run: Run) -> Status {
        let Restore { ledger, progress, different, target, .. } = self;
        progress.end();
        run.ended = Some(Timestamp::from(SystemTime::now()));
        run.listed = Some(ledger.report.recorded());
        let Closed { report, manifest, result } = ledger.close(&run);
        say(format_args!(
            "restored {} ({}), skipped {}, failed {}{}",
            counted(report.streamed(), "object"),
            bytes(report.bytes()),
            count(report.skipped()),
            count(report.failed()),
            run.ended.zip(run.started).map_or_else(String::new, |(ended, started)| {
                let elapsed = SystemTime::from(ended).duration_since(started.into());
                elapsed.map_or_else(
                    |_| String::new(),
                    |time| format!(", in {}", duration(time.as_secs_f64())),
                )
            })
        ));
        for (reason, number) in report.reasons() {
            say(format_args!("  skipped: {} {reason}", count(number)));
        }
        if different > 0 {
            let objects = counted(different, "object");
            say(format_args!("warning: of {objects} the server did not keep all that was sent"));
        }
        if let Some(path) = manifest {
            say(format_args!("  account: {}", path.display()));
        }
        let asked = target.arguments.key.len() as u64;
        if asked > report.recorded() && target.arguments.prefix.is_empty() {
            return failure("not all of the keys that were asked for are in the manifest");
        }
        match (&run.listing, result) {
            (Listing::Incomplete(why), _) => failure(format_args!("NOT COMPLETE: {why}")),
            (_, Err(error)) => failure(error),
            _ if report.failed() > 0 => Status::Incomplete,
            _ => Status::Complete,
        }
    }
}
