//! What failed and why, grouped by kind, with what to do about it.

use std::io::{self, Write};

use super::advice::{Advice, of_kind};
use super::table::{self, Column};
use super::text::Text;
use crate::report::Report;
use crate::report::accumulate::FailedObject;
use crate::report::human::{bytes, count, counted};

/// Failures of one kind that are shown at once; more are behind a click.
const SHOWN: usize = 8;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.failed.count == 0 {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What failed, and what to do</h2>")?;
    for (kind, share) in report.kinds.by_count() {
        let failures: Vec<_> =
            report.failures.iter().filter(|failure| failure.error.kind == kind).collect();
        write_kind(report, kind, share.count, &failures, out)?;
    }
    let beyond = report.failed.count - report.failures.len() as u64;
    if beyond > 0 {
        writeln!(
            out,
            "<p class=\"note\">The first {} are named here; {} more are in the manifest.</p>",
            counted(report.failures.len() as u64, "failure"),
            count(beyond)
        )?;
    }
    writeln!(out, "</section>")
}

fn write_kind(
    report: &Report,
    kind: &str,
    number: u64,
    failures: &[&FailedObject],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Advice { title, meaning, action } = of_kind(kind);
    writeln!(
        out,
        "<article class=\"kind\">\n<h3>{title} <span class=\"badge\">{}</span> <code class=\"name\">{}</code></h3>",
        counted(number, "object"),
        Text(kind)
    )?;
    writeln!(out, "<p>{meaning}</p>\n<p class=\"action\"><b>What to do:</b> {action}</p>")?;
    let (first, rest) = failures.split_at(failures.len().min(SHOWN));
    rows(report, title, first, out)?;
    if !rest.is_empty() {
        let id = format!("failures-{}", report.kinds.rank(kind));
        let label = format!("{} more", count(rest.len() as u64));
        table::behind_a_click(out, &id, &label, |out| rows(report, title, rest, out))?;
    }
    writeln!(out, "</article>")
}

fn rows(
    report: &Report,
    title: &str,
    failures: &[&FailedObject],
    out: &mut dyn Write,
) -> io::Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let texts = ["Key", "What happened"].map(Column::Text);
    let columns = [texts, ["Size", "Attempts"].map(Column::Number)].concat();
    table::begin(out, "keys", &format_args!("Failed objects: {title}"), &columns)?;
    for failure in failures {
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            report.shown(&failure.place),
            what_happened(failure),
            failure.size.map_or_else(|| "–".to_owned(), bytes),
            failure.attempts.map_or_else(|| "–".to_owned(), |n| count(u64::from(n))),
        )?;
    }
    table::end(out)
}

/// Status, code and message, and what became of the member in the archive; escaped.
fn what_happened(failure: &FailedObject) -> String {
    let mut text = String::new();
    let error = &failure.error;
    let status = error.status.map(|status| status.to_string());
    let reply: Vec<&str> =
        [status.as_deref(), error.code.as_deref()].into_iter().flatten().collect();
    if !reply.is_empty() {
        text.push_str(&format!("<span class=\"reply\">{}</span> ", Text(&reply.join(" "))));
    }
    text.push_str(&Text(&error.message).to_string());
    if let Some(remark) = &failure.remark {
        text.push_str(&format!("<span class=\"remark\">{}</span>", Text(remark)));
    }
    text
}
