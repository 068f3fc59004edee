//! What a person sees while it runs: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use s3stream_core::report::human::{bytes, count, duration, rate};

use crate::cli::say;

/// Between two lines where there is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Between two looks of the bar: more often nobody can read.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// An object costs a request besides its bytes: what could have been read meanwhile.
const REQUEST_WORTH: u64 = 64 * 1024;

/// How much there is to do, as counted ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl Total {
    /// Objects and bytes in one measure, for the time left.
    fn work(self) -> u64 {
        self.objects.saturating_mul(REQUEST_WORTH).saturating_add(self.bytes)
    }
}

/// The progress of one run, told to standard error.
pub(crate) struct Progress {
    total: Option<Total>,
    done: Total,
    started: Instant,
    last_line: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn start() -> Progress {
        let now = Instant::now();
        let bar = io::stderr().is_terminal().then(bar);
        Progress { total: None, done: Total::default(), started: now, last_line: now, bar }
    }

    /// Whether a person looks on.
    pub(crate) fn is_watched(&self) -> bool {
        self.bar.is_some()
    }

    /// Shows how far the counting has come.
    pub(crate) fn counting(&mut self, so_far: Total) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("counting: {} objects", count(so_far.objects)));
            bar.tick();
        }
    }

    /// Begins to count what is done; `total` is what there is to do, if it is known.
    pub(crate) fn begin(&mut self, total: Option<Total>) {
        self.total = total;
        self.started = Instant::now();
        self.last_line = self.started;
        if let (Some(bar), Some(total)) = (&self.bar, total) {
            bar.set_length(total.work().max(1));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
                bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
            }
        }
    }

    /// Some bytes of an object were written.
    pub(crate) fn bytes(&mut self, bytes: u64) {
        self.done.bytes += bytes;
        self.show();
    }

    /// An object is done with, whatever became of it.
    pub(crate) fn object(&mut self) {
        self.done.objects += 1;
        self.show();
    }

    /// A line for the operator, above the bar if there is one.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self) {
        let pause = if self.bar.is_some() { BETWEEN_LOOKS } else { BETWEEN_LINES };
        if self.last_line.elapsed() < pause {
            return;
        }
        self.last_line = Instant::now();
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done.work());
                bar.set_message(self.line());
            }
            None => say(self.line()),
        }
    }

    fn line(&self) -> String {
        let elapsed = self.started.elapsed().as_secs_f64();
        let Total { objects, bytes: done } = self.done;
        let speed = rate(done, elapsed);
        match self.total {
            None => format!("{} objects, {}, {speed}", count(objects), bytes(done)),
            Some(total) => format!(
                "{}/{} objects, {}/{}, {speed}{}",
                count(objects),
                count(total.objects),
                bytes(done),
                bytes(total.bytes),
                time_left(self.done, total, elapsed)
            ),
        }
    }
}

/// What is left, at the pace so far; nothing before there is a pace.
fn time_left(done: Total, total: Total, elapsed: f64) -> String {
    let (done, total) = (done.work(), total.work());
    if elapsed < 1.0 || done == 0 {
        return String::new();
    }
    // More was found than was counted: it is nearly over.
    let left = total.saturating_sub(done) as f64;
    format!(", {} left", duration((elapsed * left / done as f64).ceil()))
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    match ProgressStyle::with_template("{spinner} {msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_requests_as_well_as_bytes() {
        let total = Total { objects: 100, bytes: 0 };
        let done = Total { objects: 25, bytes: 0 };
        assert_eq!(time_left(done, total, 10.0), ", 30 s left");
        assert_eq!(time_left(done, total, 0.5), "");
        assert_eq!(time_left(Total::default(), total, 10.0), "");
        let beyond = Total { objects: 200, bytes: 9 };
        assert_eq!(time_left(beyond, total, 10.0), ", under 1 ms left");
    }
}
