//! What is not proven by a digest, and why.

use std::io::{self, Write};

use super::advice::of_unproven;
use super::text::{Key, Text};
use crate::report::Report;
use crate::report::human::{bytes, count};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let reasons = report.unproven.by_count();
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>What is not proven, and why</h2>\n<table><thead><tr><th>Reason</th><th class=\"n\">Objects</th><th class=\"n\">Bytes</th></tr></thead><tbody>"
    )?;
    for (reason, share) in reasons {
        writeln!(
            out,
            "<tr><td><b>{}</b><p>{}</p></td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            Text(reason),
            of_unproven(reason),
            count(share.count),
            bytes(share.bytes)
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    if report.reread > 0 {
        writeln!(out, "<p>{} were read a second time to compare.</p>", bytes(report.reread))?;
    }
    doubtful(report, out)?;
    writeln!(out, "</section>")
}

/// The objects whose digest disagrees, by name.
fn doubtful(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.doubtful.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<table class=\"keys\"><thead><tr><th>Checksum disagrees</th><th class=\"n\">Size</th></tr></thead><tbody>"
    )?;
    for one in &report.doubtful {
        let mark = match one.is_probably_damaged {
            true => " <span class=\"badge weak\">probably damaged</span>",
            false => "",
        };
        writeln!(
            out,
            "<tr><td>{}{mark}</td><td class=\"n\">{}</td></tr>",
            Key(&one.key),
            bytes(one.size)
        )?;
    }
    writeln!(out, "</tbody></table>")?;
    let all: u64 =
        ["read twice", "not read twice"].map(|why| report.unproven.get(why).count).iter().sum();
    let unnamed = all - report.doubtful.len() as u64;
    if unnamed > 0 {
        writeln!(out, "<p>And {} more: the manifest has them all.</p>", count(unnamed))?;
    }
    Ok(())
}
