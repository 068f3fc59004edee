//! What is not proven by a digest, and why.

use std::io::{self, Write};

use super::advice::of_unproven;
use super::table::{self, Column};
use super::text::Text;
use crate::report::Report;
use crate::report::human::{bytes, count};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let reasons = report.unproven.by_count();
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What is not proven, and why</h2>")?;
    let columns = [Column::Text("Reason"), Column::Number("Objects"), Column::Number("Bytes")];
    table::begin(out, "", &"Objects that no digest proves, by reason", &columns)?;
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
    table::end(out)?;
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
    let columns = [Column::Text("Checksum disagrees"), Column::Number("Size")];
    table::begin(out, "keys", &"Objects whose checksum disagrees", &columns)?;
    for one in &report.doubtful {
        let mark = match one.is_probably_damaged {
            true => " <span class=\"badge weak\">probably damaged</span>",
            false => "",
        };
        writeln!(
            out,
            "<tr><td>{}{mark}</td><td class=\"n\">{}</td></tr>",
            report.shown(&one.place),
            bytes(one.size)
        )?;
    }
    table::end(out)?;
    let all: u64 =
        ["read twice", "not read twice"].map(|why| report.unproven.get(why).count).iter().sum();
    let unnamed = all - report.doubtful.len() as u64;
    if unnamed > 0 {
        writeln!(out, "<p>And {} more: the manifest has them all.</p>", count(unnamed))?;
    }
    Ok(())
}
