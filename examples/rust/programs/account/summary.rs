//! What it came to, in some lines for the operator.

use std::path::PathBuf;

use s3stream_core::report::human::{bytes, count, counted, duration, rate};
use s3stream_core::report::{Assessment, Listing, Report, Run};

use crate::cli::say;

/// What there is to be found where.
pub(crate) struct Files {
    pub(crate) archive: Option<PathBuf>,
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) report: Option<PathBuf>,
}

/// Whether objects that no digest proves are spoken of: `require_proof`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproven {
    Said,
    Unsaid,
}

/// Prints the summary to standard error.
pub(crate) fn print(report: &Report, run: &Run, files: &Files, unproven: Unproven) {
    say(format_args!("s3://{}/{}", run.bucket, s3stream_core::shown(&run.prefix)));
    let sum = format!(
        "{} streamed + {} skipped + {} failed",
        count(report.streamed()),
        count(report.skipped()),
        count(report.failed())
    );
    let sign = if report.is_balanced(run) { "=" } else { "≠" };
    line("listed", &format!("{} {sign} {sum}", count(run.listed.unwrap_or_default())));
    if let (Listing::Complete, Some(end)) = (&run.listing, &run.listing_end) {
        let order = run.listing_order.as_deref().unwrap_or_default();
        line("listing", &format!("{order}, its end {}", end.replace('_', " ")));
    }
    if let Some(seconds) = seconds(run) {
        let speed = rate(report.bytes(), seconds);
        line("data", &format!("{} in {}, {speed}", bytes(report.bytes()), duration(seconds)));
    }
    let methods = report.proven();
    if !methods.is_empty() {
        let methods =
            methods.iter().map(|(method, number)| format!("{} by {method}", count(*number)));
        line("proven", &methods.collect::<Vec<_>>().join(", "));
    }
    let warning = report.unproven_line().filter(|_| unproven == Unproven::Said);
    if let Some(warning) = &warning {
        line("warning", warning);
    }
    if report.newer_than_listed() > 0 {
        let newer = counted(report.newer_than_listed(), "object");
        line("newer", &format!("{newer} written again after the listing, taken as read"));
    }
    for (name, path) in
        [("archive", &files.archive), ("manifest", &files.manifest), ("report", &files.report)]
    {
        if let Some(path) = path {
            line(name, &path.display().to_string());
        }
    }
    for remark in &run.listing_remarks {
        say(format_args!("warning: {remark}"));
    }
    let note = if warning.is_some() { ", not all of it proven by a digest" } else { "" };
    say(format_args!("{}{note}", conclusion(report, run)));
}

fn line(name: &str, value: &str) {
    say(format_args!("  {name:<9} {value}"));
}

fn seconds(run: &Run) -> Option<f64> {
    let (started, ended) = (run.started?.into(), run.ended?.into());
    let elapsed = std::time::SystemTime::duration_since(&ended, started);
    // A clock that was set back in between tells nothing.
    elapsed.ok().map(|elapsed| elapsed.as_secs_f64())
}

/// The last line: what an operator must know if it is all that is read.
fn conclusion(report: &Report, run: &Run) -> String {
    let failed = counted(report.failed(), "object");
    match (report.assess(run), &run.listing) {
        (Assessment::Complete, _) => "complete: every listed object is in the archive".to_owned(),
        (Assessment::Empty, _) => "complete, but the listing was empty".to_owned(),
        (_, Listing::Incomplete(why)) if report.failed() > 0 => {
            format!("NOT COMPLETE: {failed} failed, and the run broke off: {why}")
        }
        (_, Listing::Incomplete(why)) => format!("NOT COMPLETE: the run broke off: {why}"),
        _ if !report.is_balanced(run) => "NOT COMPLETE: the numbers do not add up".to_owned(),
        _ => format!("NOT COMPLETE: {failed} failed"),
    }
}
