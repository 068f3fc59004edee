//! The fault server as a program, for tests that are not written in Rust.
//!
//! Prints `ready URL`, then the transcript's settings as `name=value` lines and
//! an empty line. Serves until its standard input closes, or until the
//! transcript has ended and the client has left. Exits with 0 only if the
//! transcript was satisfied; every mismatch is a line on standard error.

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use s3stream_tests::fault::{ACCESS_KEY_ID, FaultServer, SECRET_ACCESS_KEY, Transcript};

/// How often the program looks whether its standard input has closed.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Plays one transcript of an S3 server that fails.
#[derive(Parser)]
#[command(name = "s3stream-fault-server")]
struct Arguments {
    /// The transcript, one of tests/faults/*.fault.
    transcript: PathBuf,
    /// Where to write the certificate that the client has to trust.
    #[arg(long)]
    ca: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let transcript = Transcript::load(&arguments.transcript)?;
    let settings = settings(&transcript);
    let server = FaultServer::start(transcript)?;
    if let Some(path) = &arguments.ca {
        std::fs::write(path, server.ca_pem().unwrap_or_default())?;
    }
    let mut output = io::stdout().lock();
    writeln!(output, "ready {}", server.endpoint_url())?;
    for (name, value) in settings {
        writeln!(output, "{name}={value}")?;
    }
    writeln!(output)?;
    output.flush()?;
    let closed = standard_input_closes();
    while closed.try_recv() == Err(mpsc::TryRecvError::Empty) {
        if server.wait_for_client_to_leave(LOOK_EVERY) {
            break;
        }
    }
    Ok(server.finish()?)
}

fn settings(transcript: &Transcript) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("name", transcript.name.clone()),
        ("group", transcript.group.clone()),
        ("do", transcript.task.to_string()),
        ("config", transcript.config.to_string()),
        ("expect", transcript.expect.to_string()),
        ("object.size", transcript.object.size.to_string()),
        ("object.seed", transcript.object.seed.to_string()),
        ("object.md5", transcript.object.md5()),
    ];
    if transcript.config.get("anonymous").is_none() {
        settings.push(("access_key_id", ACCESS_KEY_ID.to_owned()));
        settings.push(("secret_access_key", SECRET_ACCESS_KEY.to_owned()));
    }
    if let Some(before) = &transcript.before {
        settings.push(("before", before.to_string()));
    }
    settings
}

/// Returns a channel that hears of the end of standard input.
fn standard_input_closes() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut sink = [0; 64];
        while matches!(io::stdin().read(&mut sink), Ok(count) if count > 0) {}
        // The program may have ended by itself.
        let _ = sender.send(());
    });
    receiver
}
