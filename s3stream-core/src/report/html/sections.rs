//! The sections beneath the verdict that are tables.

use std::io::{self, Write};

use super::advice::of_method;
use super::table::{self, Column};
use super::text::{Key, Text};
use super::{chart, place, time};
use crate::report::human::{bytes, count, counted, duration, percent, rate};
use crate::report::strength::{Strength, strength_of};
use crate::report::{Listing, Report, Run};

pub(super) fn skipped(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.skipped.count == 0 {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What was skipped, and why</h2>")?;
    let columns = [Column::Text("Reason"), Column::Number("Objects"), Column::Number("Size")];
    table::begin(out, "", &"Skipped objects by reason", &columns)?;
    for (reason, share) in report.reasons.by_count() {
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            Text(reason),
            count(share.count),
            bytes(share.bytes)
        )?;
    }
    table::end(out)?;
    writeln!(out, "</section>")
}

pub(super) fn methods(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let whole = report.streamed.count;
    if whole == 0 {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>How the bytes were proven</h2>")?;
    let numbers = [Column::Number("Objects"), Column::Number("Bytes"), Column::Share("Share")];
    let columns = [&[Column::Text("Method")][..], &numbers].concat();
    table::begin(out, "", &"Streamed objects by what proves them", &columns)?;
    let mut methods = report.methods.by_count();
    // The weak ones last, where one looks for them.
    methods.sort_by_key(|(method, _)| strength_of(method));
    for (method, share) in methods {
        let explanation = of_method(method);
        let (class, label) = match strength_of(method) {
            Strength::Checksum => ("strong", "checksum"),
            Strength::Length => ("weak", "length only"),
        };
        let part = share.count as f64 * 100.0 / whole as f64;
        writeln!(
            out,
            "<tr><td><code>{}</code> <span class=\"badge {class}\">{label}</span><p>{explanation}</p></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"share\"><span class=\"bar {class}\"><i style=\"width:{part:.1}%\"></i></span>{}</td></tr>",
            Text(method),
            count(share.count),
            bytes(share.bytes),
            percent(share.count, whole)
        )?;
    }
    table::end(out)?;
    writeln!(out, "</section>")
}

pub(super) fn sizes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let classes = report.sizes.occupied();
    if classes.is_empty() {
        return Ok(());
    }
    let mean = report.streamed.bytes / report.streamed.count.max(1);
    writeln!(
        out,
        "<section>\n<h2>How large the objects are</h2>\n<p>{}, {} in all, {} on average.</p>",
        counted(report.streamed.count, "object"),
        bytes(report.streamed.bytes),
        bytes(mean)
    )?;
    chart::write(&classes, out)?;
    table::behind_a_click(out, "sizes", "The same as numbers", |out| {
        let columns = [Column::Text("Size"), Column::Number("Objects"), Column::Number("Bytes")];
        table::begin(out, "", &"Streamed objects by size", &columns)?;
        for (class, share) in classes.iter().filter(|(_, share)| share.count > 0) {
            writeln!(
                out,
                "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                chart::range(*class),
                count(share.count),
                bytes(share.bytes)
            )?;
        }
        table::end(out)
    })?;
    writeln!(out, "</section>")
}

pub(super) fn slowest(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.slowest.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What took longest</h2>")?;
    let numbers = ["Time", "Size", "Speed", "Interruptions"].map(Column::Number);
    let columns = [&[Column::Text("Key")][..], &numbers].concat();
    table::begin(out, "keys", &"The slowest objects", &columns)?;
    for slow in &report.slowest {
        let interruptions = u64::from(slow.resumes) + u64::from(slow.retries);
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            report.shown(&slow.place),
            duration(slow.seconds),
            bytes(slow.bytes),
            rate(slow.bytes, slow.seconds),
            if interruptions == 0 { "none".to_owned() } else { count(interruptions) }
        )?;
    }
    table::end(out)?;
    writeln!(out, "</section>")
}

pub(super) fn run(report: &Report, run: &Run, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section>\n<h2>The run</h2>\n<dl class=\"run\">")?;
    let mut row = |name: &str, value: &dyn std::fmt::Display| {
        writeln!(out, "<dt>{name}</dt><dd>{value}</dd>")
    };
    row("Source", &Key(&place(report, run)))?;
    for (name, key) in [("After key", &run.start_after), ("Up to key", &run.end_at)] {
        if let Some(key) = key {
            row(name, &Key(key))?;
        }
    }
    for (name, text) in
        [("Server", &run.endpoint), ("Destination", &run.destination), ("Manifest", &run.manifest)]
    {
        if let Some(text) = text {
            row(name, &Text(text))?;
        }
    }
    for (name, value) in &run.rules {
        row("Asked for", &Text(&format!("{name}={value}")))?;
    }
    for (name, at) in [("Started", run.started), ("Ended", run.ended)] {
        if let Some(at) = at {
            row(name, &time(at))?;
        }
    }
    match &run.listing {
        Listing::Complete => row("Listing", &complete(run))?,
        Listing::Incomplete(why) => row("Listing", &format!("incomplete: {}", Text(why)))?,
        Listing::Unknown => row("Listing", &"not known")?,
    }
    for remark in &run.listing_remarks {
        row("Remark", &Text(remark))?;
    }
    row("Objects", &sum(report, run))?;
    row("Fingerprint", &format!("<code>{}</code>", report.fingerprint()))?;
    row("Interruptions", &interruptions(report))?;
    writeln!(out, "</dl>\n</section>")
}

/// How a listing that came to its end is known to be complete.
fn complete(run: &Run) -> String {
    let mut text = "complete".to_owned();
    if let Some(end) = &run.listing_end {
        text.push_str(match end.as_str() {
            "proven" => ": nothing lies behind its last key",
            "outrun" => ": it was written to faster than it was listed",
            _ => ": the server says so",
        });
    }
    if run.listing_order.as_deref() == Some("unordered") {
        text.push_str(", in an order of the server's own");
    }
    text
}

/// The invariant in numbers: listed = streamed + skipped + failed.
fn sum(report: &Report, run: &Run) -> String {
    let [streamed, skipped, failed] =
        [&report.streamed, &report.skipped, &report.failed].map(|share| count(share.count));
    let parts = format!("{streamed} streamed + {skipped} skipped + {failed} failed");
    match run.listed {
        None => parts,
        Some(listed) => {
            let sign = if report.is_balanced(run) { "=" } else { "≠" };
            format!("{} listed {sign} {parts}", count(listed))
        }
    }
}

fn interruptions(report: &Report) -> String {
    if report.resumes == 0 && report.retries == 0 {
        return "none".to_owned();
    }
    format!(
        "{} repeated, bodies taken up again {}",
        counted(report.retries, "request"),
        counted(report.resumes, "time")
    )
}
