//! s3stream and the bare limits as contenders of `tests/bench/run`: one job, one line, the end.
//!
//! A job prints a line of JSON: what it got, and its own seconds and CPU seconds, so that the
//! start of a program is not counted. The exit status is 77 if this build has no such job.
//! The server and its keys are taken from the environment, as every client does.

#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

mod bare;
mod jobs;
mod measure;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use s3stream_core::Integrity;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One contender of tests/bench/run
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    job: Job,
}

#[derive(Subcommand)]
enum Job {
    /// s3stream: open and read objects strictly one after another, one connection
    OpenEach(Objects),
    /// s3stream: list and read objects in order, with read-ahead
    Stream(StreamJob),
    /// s3stream: read one object into the caller's buffer
    ReadOne(ReadOne),
    /// s3stream: list all keys with a prefix
    List(Place),
    /// The limit of a large read: a bare recv() loop, not signed
    Recv {
        /// Where the object is
        url: String,
        /// Size of the buffer in KiB
        #[arg(long, default_value_t = 64)]
        buffer: usize,
    },
    /// The limit of small reads: bare GETs on many connections, not signed
    Flood {
        #[command(flatten)]
        objects: Objects,
        /// Connections, each a thread's own
        #[arg(long, default_value_t = 1)]
        connections: u64,
    },
    /// Runs a program and writes down what it took, itself a process too small to be seen
    Measure {
        /// File for the line of JSON
        #[arg(long)]
        to: PathBuf,
        /// The program and its arguments
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

/// Where to read.
#[derive(Args)]
struct Place {
    #[arg(long)]
    bucket: String,
    /// Beginning of the keys
    #[arg(long, default_value = "")]
    prefix: String,
}

/// Objects whose keys are a prefix and a number.
#[derive(Args)]
struct Objects {
    #[command(flatten)]
    place: Place,
    /// Digits of the number
    #[arg(long, default_value_t = 6)]
    digits: usize,
    /// How many, from 0 on
    #[arg(long)]
    objects: u64,
    /// full, cheap or length
    #[arg(long, default_value = "full")]
    integrity: Integrity,
}

#[derive(Args)]
struct StreamJob {
    #[command(flatten)]
    place: Place,
    /// Requests in flight ahead of the reader
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// full, cheap or length
    #[arg(long, default_value = "full")]
    integrity: Integrity,
}

#[derive(Args)]
struct ReadOne {
    #[arg(long)]
    bucket: String,
    #[arg(long)]
    key: String,
    /// Size of the caller's buffer in KiB
    #[arg(long, default_value_t = 256)]
    buffer: usize,
    /// full, cheap or length
    #[arg(long, default_value = "full")]
    integrity: Integrity,
    /// More settings of the client, NAME=VALUE; 77 if this build has no such setting
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Objects {
    fn keys(&self) -> impl Iterator<Item = String> {
        (0..self.objects).map(|number| self.key(number))
    }

    fn key(&self, number: u64) -> String {
        format!("{}{number:0digits$}", self.place.prefix, digits = self.digits)
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().job {
        Job::OpenEach(objects) => jobs::open_each(&objects),
        Job::Stream(job) => jobs::stream(&job),
        Job::ReadOne(job) => jobs::read_one(&job),
        Job::List(place) => jobs::list(&place),
        Job::Recv { url, buffer } => bare::recv(&url, buffer * 1024),
        Job::Flood { objects, connections } => bare::flood(&objects, connections),
        Job::Measure { to, command } => return measure::program(&to, &command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<measure::NotHere>() => {
            eprintln!("{error}");
            ExitCode::from(77)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
