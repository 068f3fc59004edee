//! The run: the listing, and each object of it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use s3stream_core::blocking::{Client, ObjectReader};
use s3stream_core::name::Names;
use s3stream_core::report::{Assessment, Failure, Head, Listing, Outcome, Record, Report, Run};
use s3stream_core::{Canceller, Entry, ErrorKind, Object, Timestamp, Verdict};

use super::arguments::BackupArguments;
use super::copy::{Cause, Copier, Fault};
use super::fetch::Fetch;
use super::places::Places;
use crate::account::{self, Closed, Files, Ledger, Unproven, write_page};
use crate::archive::{Abandoned, Archive};
use crate::cli::{Source, Status, failure, say, usage};
use crate::show::{Progress, Total};

/// Runs a backup with a client as the command line and the environment describe it.
pub(crate) fn run(arguments: &BackupArguments, on_start: &dyn Fn(Canceller)) -> Status {
    let client = arguments.connection.client(Client::builder());
    let client = client.and_then(|client| Ok((client.canceller()?, client)));
    match client {
        Ok((canceller, client)) => {
            on_start(canceller);
            run_with(arguments, &client)
        }
        Err(error) => usage(error),
    }
}

/// Runs a backup with this client.
pub(crate) fn run_with(arguments: &BackupArguments, client: &Client) -> Status {
    let Some(source) = &arguments.source else { return Status::Usage };
    let places = match Places::of(arguments, source) {
        Ok(places) => places,
        Err(why) => return usage(why),
    };
    let mut run = describe(arguments, source);
    let (archive, ledger) = match places.open(&Head::of(&run)) {
        Ok(opened) => opened,
        Err(error) => return failure(error),
    };
    let mut backup = Backup {
        copier: Copier::new(),
        bucket: &source.bucket,
        names: Names::new(),
        archive,
        ledger,
        progress: Progress::start(),
    };
    let total = backup.count(client, arguments, source);
    backup.progress.begin(total);
    backup.objects(client, arguments, source, &mut run);
    let unproven = match arguments.connection.wants_warning() {
        true => Unproven::Said,
        false => Unproven::Unsaid,
    };
    backup.close(run, &places, unproven)
}

fn describe(arguments: &BackupArguments, source: &Source) -> Run {
    let mut run = Run::default();
    run.bucket.clone_from(&source.bucket);
    run.prefix.clone_from(&source.prefix);
    run.start_after.clone_from(&arguments.start_after);
    run.end_at.clone_from(&arguments.end_at);
    run.endpoint = arguments.connection.endpoint();
    run.tool = "s3stream-backup".to_owned();
    run.version = env!("CARGO_PKG_VERSION").to_owned();
    run.started = Some(Timestamp::from(SystemTime::now()));
    run
}

struct Backup<'a> {
    copier: Copier,
    bucket: &'a str,
    names: Names,
    archive: Archive,
    ledger: Ledger,
    progress: Progress,
}

/// Why no further object is read.
struct Stop(String);

fn interrupted() -> Stop {
    Stop("interrupted".to_owned())
}

impl Backup<'_> {
    /// Lists everything once ahead, where a person wants to know the time left.
    fn count(
        &mut self,
        client: &Client,
        arguments: &BackupArguments,
        source: &Source,
    ) -> Option<Total> {
        if arguments.no_count || !self.progress.is_watched() {
            return None;
        }
        let mut total = Total::default();
        for entry in client.list(&source.bucket, arguments.selection(source)) {
            // What is wrong will be wrong again, and is told then.
            let object = match entry {
                Ok(Entry::Object(object)) => object,
                Ok(Entry::CommonPrefix(_)) => continue,
                Err(error) if error.is_of_entry() => Object::new(""),
                Err(_) => return None,
            };
            total.objects += 1;
            total.bytes += object.size;
            if total.objects.is_multiple_of(1_000) {
                self.progress.counting(total);
            }
        }
        Some(total)
    }

    /// Takes every object of the listing; the run learns how the listing ended.
    fn objects(
        &mut self,
        client: &Client,
        arguments: &BackupArguments,
        source: &Source,
        run: &mut Run,
    ) {
        let selection = arguments.selection(source);
        let concurrency = usize::from(arguments.concurrency);
        let mut fetch = match Fetch::start(client, &source.bucket, selection, concurrency) {
            Ok(fetch) => fetch,
            Err(error) => {
                (run.listing, run.listed) = (Listing::from(&error), Some(0));
                return;
            }
        };
        let stopped = loop {
            let stop = match fetch.next() {
                Ok(Some((object, reader))) => self.object(&object, reader),
                Ok(None) => break None,
                Err(_) => Err(interrupted()),
            };
            if let Err(Stop(why)) = stop {
                break Some(why);
            }
        };
        if let Some(summary) = fetch.summary() {
            run.listed_as(&summary);
        }
        let (listing, listed) = match stopped {
            None => fetch.end(),
            Some(why) => fetch.stopped(why),
        };
        (run.listing, run.listed) = (listing, Some(listed));
    }

    fn object(&mut self, object: &Object, mut reader: ObjectReader) -> Result<(), Stop> {
        let started = Instant::now();
        // Every key is fed, whatever becomes of it: names must not depend on failures.
        let name = self.names.file_name(&object.key);
        let describe = |opened: &Object, verdict: Option<&Verdict>| {
            let mut opened = opened.clone();
            complete(&mut opened, object);
            match verdict {
                Some(verdict) => Record::streamed(self.bucket, &opened, verdict),
                None => Record::about(self.bucket, &opened, Outcome::Streamed),
            }
        };
        let (archive, progress) = (&mut self.archive, &mut self.progress);
        let copied = self.copier.copy(&mut reader, &name, &describe, archive, progress);
        let (mut record, stop) = match copied {
            Ok(mut record) => {
                record.is_newer_than_listed = reader.is_newer_than_listed();
                (record, Ok(()))
            }
            Err(fault) => self.failed(object, fault, name),
        };
        record.seconds = Some(round(started.elapsed().as_secs_f64()));
        self.progress.object();
        let entered = self.ledger.enter(&record, &self.progress);
        let entered =
            entered.map_err(|error| Stop(format!("the manifest cannot be written: {error}")));
        stop.and(entered)
    }

    /// The record of an object that failed, and whether the run can go on.
    fn failed(
        &mut self,
        object: &Object,
        fault: Fault,
        name: String,
    ) -> (Record, Result<(), Stop>) {
        let mut described = *fault.described;
        complete(&mut described, object);
        let new = |failure| Record::failed_by(self.bucket, &described, failure);
        let (mut record, mut stop) = match fault.cause {
            Cause::Read(error) => {
                let is_cancelled = error.kind() == ErrorKind::Cancelled;
                let mut record = Record::failed(self.bucket, &described, &error);
                if error.is_of_entry() {
                    record.size = None;
                }
                (record, if is_cancelled { Err(interrupted()) } else { Ok(()) })
            }
            Cause::Length(failure) => (new(failure), Ok(())),
            Cause::Write(error) => (
                new(Failure::of_destination(error.to_string())),
                Err(Stop(format!("the archive cannot be written: {error}"))),
            ),
        };
        match self.archive.abandon() {
            Ok(None | Some(Abandoned::Removed)) => {}
            Ok(Some(Abandoned::Padded(placed))) => {
                record.name = Some(name);
                placed.enter(&mut record);
                record.reason = Some("in the archive, its end is filled with zeros".to_owned());
            }
            Err(error) => {
                stop = stop.and(Err(Stop(format!("the archive cannot be written: {error}"))));
            }
        }
        (record, stop)
    }

    /// Ends the archive, names the files, writes the report and says what it came to.
    fn close(self, mut run: Run, places: &Places, unproven: Unproven) -> Status {
        let Backup { archive, ledger, progress, .. } = self;
        progress.end();
        let (archive, closed) = close_archive(archive, &run);
        if let (Err(error), Listing::Complete) = (&closed, &run.listing) {
            run.listing = Listing::Incomplete(format!("the archive cannot be written: {error}"));
        }
        run.ended = Some(Timestamp::from(SystemTime::now()));
        let is_complete = run.listing == Listing::Complete;
        let Closed { report, manifest, result } = ledger.close(&run);
        if let Err(error) = result {
            run.listing = Listing::Incomplete(format!("the manifest cannot be written: {error}"));
        }
        let archive = if is_complete { places.archive.clone() } else { archive };
        run.destination = Some(match (&archive, &places.archive) {
            (Some(path), _) => path.display().to_string(),
            (None, Some(_)) => "nothing was written".to_owned(),
            (None, None) => "standard output".to_owned(),
        });
        run.manifest = manifest.as_ref().map(|path| path.display().to_string());
        let files = Files { archive, manifest, report: write_report(&report, &run, places) };
        account::print(&report, &run, &files, unproven);
        let is_good = matches!(report.assess(&run), Assessment::Complete | Assessment::Empty);
        let is_reported = places.report.is_none() || files.report.is_some();
        if is_good && is_reported { Status::Complete } else { Status::Incomplete }
    }
}

/// Ends the archive; where it is if it is not kept, and whether it worked.
fn close_archive(archive: Archive, run: &Run) -> (Option<PathBuf>, io::Result<()>) {
    let partial = archive.output().partial().map(Path::to_owned);
    let is_empty = archive.output().position() == 0;
    let closed = archive.finish().and_then(|output| match run.listing {
        Listing::Complete => output.keep(),
        // A listing that failed at once leaves nothing that is worth a file.
        _ if is_empty => output.discard(),
        _ => Ok(()),
    });
    let is_there = partial.as_ref().is_some_and(|path| path.exists());
    (partial.filter(|_| is_there), closed)
}

/// Writes the page; where it is, if it was asked for and could be written.
fn write_report(report: &Report, run: &Run, places: &Places) -> Option<PathBuf> {
    let path = places.report.as_ref()?;
    match write_page(report, run, path) {
        Ok(()) => Some(path.clone()),
        Err(error) => {
            say(format_args!("error: the report cannot be written: {error}"));
            None
        }
    }
}

/// Takes from the listing what a reply does not say: the class of a standard object.
fn complete(opened: &mut Object, listed: &Object) {
    opened.storage_class = opened.storage_class.take().or_else(|| listed.storage_class.clone());
}

/// To the microsecond: more digits would be noise in every line.
fn round(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
