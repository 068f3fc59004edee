//! Tables, and what is behind a click: the same for all sections.

use std::fmt::Display;
use std::io::{self, Write};

/// The head of a column.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Text(&'static str),
    Number(&'static str),
    /// A number and a bar.
    Share(&'static str),
}

/// Begins a table. Its caption is for those who do not see the heading above it.
pub(super) fn begin(
    out: &mut dyn Write,
    class: &str,
    caption: &dyn Display,
    columns: &[Column],
) -> io::Result<()> {
    writeln!(out, "<table class=\"{class}\"><caption>{caption}</caption><thead><tr>")?;
    for column in columns {
        let (class, name) = match column {
            Column::Text(name) => ("", name),
            Column::Number(name) => (" class=\"n\"", name),
            Column::Share(name) => (" class=\"share\"", name),
        };
        write!(out, "<th scope=\"col\"{class}>{name}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")
}

pub(super) fn end(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</tbody></table>")
}

/// Writes what is shown after a click, and in print always: browsers drop a closed `details`
/// there. `id` must be one that no other has on the page.
pub(super) fn behind_a_click(
    out: &mut dyn Write,
    id: &str,
    label: &str,
    inner: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"more\"><input type=\"checkbox\" id=\"{id}\"><label for=\"{id}\">{label}</label>\n<div>"
    )?;
    inner(out)?;
    writeln!(out, "</div></div>")
}
