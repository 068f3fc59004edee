//! What a job took, from within and from without.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::Outcome;

/// The job is not in this build.
#[derive(Debug)]
pub(crate) struct NotHere(pub(crate) String);

impl fmt::Display for NotHere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotHere {}

/// A job in progress: its clock and its CPU.
pub(crate) struct Meter {
    start: Instant,
    cpu: f64,
}

impl Meter {
    pub(crate) fn start() -> Outcome<Self> {
        Ok(Meter { start: Instant::now(), cpu: cpu(&getrusage(UsageWho::RUSAGE_SELF)?) })
    }

    /// Prints the job's line; `objects` may be keys of a listing.
    pub(crate) fn report(&self, objects: u64, bytes: u64, note: &str) -> Outcome<()> {
        let seconds = self.start.elapsed().as_secs_f64();
        let cpu = cpu(&getrusage(UsageWho::RUSAGE_SELF)?) - self.cpu;
        let line = serde_json::json!({
            "objects": objects, "bytes": bytes, "seconds": seconds, "cpu": cpu, "note": note,
        });
        println!("{line}");
        Ok(())
    }
}

/// Runs a program and writes its wall time, CPU and peak memory into `to`.
///
/// A process begins its life with the peak of the one that started it: measured from a
/// script, a small program would have an interpreter's memory.
pub(crate) fn program(to: &Path, command: &[String]) -> ExitCode {
    let [program, arguments @ ..] = command else { return ExitCode::from(2) };
    let start = Instant::now();
    let status = match Command::new(program).args(arguments).stdin(Stdio::null()).status() {
        Ok(status) => status,
        Err(error) => {
            eprintln!("{program}: {error}");
            return ExitCode::from(127);
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    let usage = match getrusage(UsageWho::RUSAGE_CHILDREN) {
        Ok(usage) => usage,
        Err(error) => {
            eprintln!("getrusage: {error}");
            return ExitCode::FAILURE;
        }
    };
    let line = serde_json::json!({
        "seconds": seconds, "cpu": cpu(&usage), "peak_kib": usage.max_rss(),
    });
    if let Err(error) = std::fs::write(to, line.to_string()) {
        eprintln!("{}: {error}", to.display());
        return ExitCode::FAILURE;
    }
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn cpu(usage: &Usage) -> f64 {
    [usage.user_time(), usage.system_time()]
        .into_iter()
        .map(|time| {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            let seconds = time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
            seconds
        })
        .sum()
}
