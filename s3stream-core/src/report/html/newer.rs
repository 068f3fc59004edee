//! Objects that were written again between their listing and their reading.

use std::io::{self, Write};

use super::text::Key;
use crate::report::Report;
use crate::report::human::{count, counted};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.newer == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Newer than listed</h2>\n<p>{} had another ETag when read than when listed: \
         written again in between, and backed up as read.</p>\n<details><summary>Their \
         keys</summary>\n<table class=\"keys\"><thead><tr><th>Key</th></tr></thead><tbody>",
        counted(report.newer, "object")
    )?;
    for key in &report.newer_keys {
        writeln!(out, "<tr><td>{}</td></tr>", Key(key))?;
    }
    writeln!(out, "</tbody></table></details>")?;
    let beyond = report.newer - report.newer_keys.len() as u64;
    if beyond > 0 {
        writeln!(out, "<p class=\"note\">{} more are in the manifest.</p>", count(beyond))?;
    }
    writeln!(out, "</section>")
}
