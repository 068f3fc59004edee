//! Objects that were written again between their listing and their reading.

use std::io::{self, Write};

use super::table::{self, Column};
use crate::report::Report;
use crate::report::human::{count, counted};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.newer == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Newer than listed</h2>\n<p>{} had another ETag when read than when listed: \
         written again in between, and backed up as read.</p>",
        counted(report.newer, "object")
    )?;
    table::behind_a_click(out, "newer", "Their keys", |out| {
        table::begin(out, "keys", &"Objects newer than listed", &[Column::Text("Key")])?;
        for place in &report.newer_places {
            writeln!(out, "<tr><td>{}</td></tr>", report.shown(place))?;
        }
        table::end(out)
    })?;
    let beyond = report.newer - report.newer_places.len() as u64;
    if beyond > 0 {
        writeln!(out, "<p class=\"note\">{} more are in the manifest.</p>", count(beyond))?;
    }
    writeln!(out, "</section>")
}
