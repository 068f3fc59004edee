//! The account of a run: each record goes to manifest, report and, if it failed, the operator.

use std::io;
use std::path::{Path, PathBuf};

use s3stream_core::report::{Foot, Head, Listing, Outcome, Record, Report, Run};

use crate::archive::Output;
use crate::show::Progress;

/// Failures that are printed one by one; a wrong permission would print a million lines.
const PRINTED_FAILURES: u64 = 100;

/// Where every object is accounted for.
pub(crate) struct Ledger {
    pub(crate) report: Report,
    manifest: Option<(Output, PathBuf)>,
}

impl Ledger {
    /// Opens the manifest, if there is to be one, and writes its head.
    pub(crate) fn open(manifest: Option<&Path>, head: &Head) -> io::Result<Ledger> {
        let begun = |path: &Path| {
            let mut output = Output::create(path)?;
            head.write_line(&mut output)?;
            Ok((output, path.to_owned()))
        };
        let manifest = manifest.map(|path| begun(path).map_err(|error| at(path, &error)));
        let manifest = manifest.transpose()?;
        Ok(Ledger { report: Report::new(), manifest })
    }

    /// Enters one object.
    ///
    /// # Errors
    /// If the manifest cannot be written: an object without a line would be lost.
    pub(crate) fn enter(&mut self, record: &Record, progress: &Progress) -> io::Result<()> {
        self.report.add(record);
        if record.outcome == Outcome::Failed {
            self.print_failure(record, progress);
        }
        match &mut self.manifest {
            Some((manifest, path)) => record.write_line(manifest).map_err(|error| at(path, &error)),
            None => Ok(()),
        }
    }

    fn print_failure(&self, record: &Record, progress: &Progress) {
        let failed = self.report.failed();
        if failed > PRINTED_FAILURES {
            return;
        }
        progress.say(&describe(record));
        if failed == PRINTED_FAILURES {
            progress.say("further failures are counted, and named in the manifest only");
        }
    }

    /// Writes the foot of the manifest and gives it its name, if the run came to its end;
    /// leaves it partial otherwise, and removes one that holds no record.
    pub(crate) fn close(self, run: &Run) -> Closed {
        let report = self.report;
        let Some((mut manifest, path)) = self.manifest else {
            return Closed { report, manifest: None, result: Ok(()) };
        };
        let partial = manifest.partial().map(Path::to_owned);
        let is_complete = run.listing == Listing::Complete;
        if !is_complete && report.recorded() == 0 {
            let result = manifest.discard().map_err(|error| at(&path, &error));
            return Closed { report, manifest: None, result };
        }
        let written = Foot::of(&report, run).write_line(&mut manifest);
        let result = match written {
            Ok(()) if is_complete => manifest.keep(),
            written => written,
        };
        let manifest = if is_complete && result.is_ok() { Some(path.clone()) } else { partial };
        Closed { report, manifest, result: result.map_err(|error| at(&path, &error)) }
    }
}

/// What is left of a ledger: the counts, and where the manifest is, if there is one.
pub(crate) struct Closed {
    pub(crate) report: Report,
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) result: io::Result<()>,
}

/// An error of a file, with its name.
pub(crate) fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Writes the page of a report to a file.
pub(crate) fn write_page(report: &Report, run: &Run, path: &Path) -> io::Result<()> {
    let write = || {
        let mut output = Output::create(path)?;
        report.write_html(run, &mut output)?;
        output.keep()
    };
    write().map_err(|error| at(path, &error))
}

/// A failure in one line.
fn describe(record: &Record) -> String {
    let mut line = format!("failed: s3://{}/{}", record.bucket, s3stream_core::shown(&record.key));
    if let Some(error) = &record.error {
        line.push_str(&format!(": {}", error.kind.replace('_', " ")));
        let status = error.status.map(|status| status.to_string());
        let reply = [status.as_deref(), error.code.as_deref()];
        let reply: Vec<&str> = reply.into_iter().flatten().collect();
        if !reply.is_empty() {
            line.push_str(&format!(" ({})", reply.join(" ")));
        }
        if !error.message.is_empty() {
            line.push_str(&format!(": {}", error.message));
        }
    }
    if let Some(reason) = &record.reason {
        line.push_str(&format!("; {reason}"));
    }
    line
}
