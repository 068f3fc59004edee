//! The sizes of objects, drawn: how many there are of each, and what they weigh together.

use std::io::{self, Write};

use crate::report::human::{bytes, count};
use crate::report::sizes::lower_bound;
use crate::report::tally::Share;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 34.0;
const PANEL: f64 = 120.0;
const GAP: f64 = 52.0;
const BOTTOM: f64 = 40.0;

/// What a bar is as high as.
type Value = fn(&Share) -> u64;

/// One of the two panels: where its floor is, and what it measures.
struct Panel {
    floor: f64,
    class: &'static str,
    title: &'static str,
    value: Value,
    label: fn(u64) -> String,
    /// The largest value rounded up to one that is easy to halve.
    top: u64,
}

pub(super) fn write(classes: &[(usize, Share)], out: &mut dyn Write) -> io::Result<()> {
    let largest = |value: Value| classes.iter().map(|(_, share)| value(share)).max();
    let objects: Value = |share| share.count;
    let weight: Value = |share| share.bytes;
    let panels = [
        Panel {
            floor: TOP + PANEL,
            class: "objects",
            title: "Objects of each size",
            value: objects,
            label: count,
            top: round_up_decimal(largest(objects).unwrap_or(1)),
        },
        Panel {
            floor: TOP + PANEL + GAP + PANEL,
            class: "bytes",
            title: "Bytes in objects of each size",
            value: weight,
            label: bytes,
            top: largest(weight)
                .unwrap_or(1)
                .max(2)
                .checked_next_power_of_two()
                .unwrap_or(u64::MAX),
        },
    ];
    let height = TOP + PANEL + GAP + PANEL + BOTTOM;
    writeln!(
        out,
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Histogram of object sizes; the table below has the same numbers\">"
    )?;
    for panel in &panels {
        write_panel(panel, classes, out)?;
    }
    write_axis(classes, TOP + PANEL + GAP + PANEL, out)?;
    writeln!(out, "</svg>")
}

fn write_panel(panel: &Panel, classes: &[(usize, Share)], out: &mut dyn Write) -> io::Result<()> {
    let Panel { floor, class, title, value, label, top } = panel;
    writeln!(out, "<text class=\"title\" x=\"0\" y=\"{}\">{title}</text>", floor - PANEL - 16.0)?;
    for (part, mark) in [(1.0, *top), (0.5, top / 2), (0.0, 0)] {
        // Half of one object is no mark.
        if part == 0.5 && (*top < 2 || !top.is_multiple_of(2)) {
            continue;
        }
        let y = floor - part * PANEL;
        writeln!(out, "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>")?;
        let text = if mark == 0 { "0".to_owned() } else { label(mark) };
        writeln!(out, "<text class=\"mark\" x=\"{}\" y=\"{}\">{text}</text>", LEFT - 8.0, y + 4.0)?;
    }
    let step = step(classes.len());
    for (index, (number, share)) in classes.iter().enumerate() {
        let height = value(share) as f64 / *top as f64 * PANEL;
        if height <= 0.0 {
            continue;
        }
        // What is there is to be seen, however little it is.
        let height = height.max(1.5);
        let (x, y, width) = (LEFT + index as f64 * step + step * 0.1, floor - height, step * 0.8);
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\"><title>{}: {}</title></rect>",
            range(*number),
            label(value(share))
        )?;
    }
    Ok(())
}

/// The sizes beneath the bars, as many as there is room for.
fn write_axis(classes: &[(usize, Share)], floor: f64, out: &mut dyn Write) -> io::Result<()> {
    const ROOM: f64 = 64.0;
    let step = step(classes.len());
    let mut free_from = f64::MIN;
    for (index, (number, _)) in classes.iter().enumerate() {
        let x = LEFT + (index as f64 + 0.5) * step;
        if x < free_from {
            continue;
        }
        free_from = x + ROOM;
        let text = if *number == 0 { "empty".to_owned() } else { bytes(lower_bound(*number)) };
        writeln!(out, "<text class=\"size\" x=\"{x:.1}\" y=\"{}\">{text}</text>", floor + 18.0)?;
    }
    writeln!(
        out,
        "<text class=\"size\" x=\"{}\" y=\"{}\">each bar: from this size to just under twice as much</text>",
        f64::midpoint(LEFT, WIDTH),
        floor + 36.0
    )
}

/// Width of one class, of few classes no more than looks well.
fn step(classes: usize) -> f64 {
    ((WIDTH - LEFT) / classes.max(1) as f64).min(80.0)
}

/// The sizes of a class, in words.
pub(super) fn range(class: usize) -> String {
    match class {
        0 => "empty".to_owned(),
        1 => "1 B".to_owned(),
        64 => format!("{} and more", bytes(lower_bound(64))),
        _ => format!("{} to under {}", bytes(lower_bound(class)), bytes(lower_bound(class + 1))),
    }
}

/// The next of 2, 4, 10, 20, 40, 100, ...: numbers whose halves read well.
fn round_up_decimal(value: u64) -> u64 {
    let mut scale = 1_u64;
    loop {
        for factor in [2, 4, 6, 8, 10] {
            let mark = scale.saturating_mul(factor);
            if mark >= value {
                return mark;
            }
        }
        scale = scale.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_hold_the_largest_value() {
        for (value, mark) in [(0, 2), (1, 2), (3, 4), (11, 20), (99, 100), (4_001, 6_000)] {
            assert_eq!(round_up_decimal(value), mark);
        }
        assert_eq!(round_up_decimal(u64::MAX), u64::MAX);
    }

    #[test]
    fn bars_stay_within_the_picture_whatever_the_numbers() {
        let classes: Vec<_> =
            (0..65).map(|class| (class, Share { count: u64::MAX, bytes: u64::MAX })).collect();
        let mut svg = Vec::new();
        write(&classes, &mut svg).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(!svg.contains("=\"-") && !svg.contains("NaN") && !svg.contains("inf"));
    }
}
