//! Lists a bucket, blocking: `ls s3://bucket/prefix`.
//!
//! Server and keys come from the usual environment (`AWS_ENDPOINT_URL`, `AWS_PROFILE`, ...).
//! The exit status is 0 only if the listing is complete.

use std::error::Error;
use std::io::{self, Write};

use s3stream_core::blocking::Client;
use s3stream_core::{Entry, ListOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: ls s3://bucket/prefix")?;
    let rest = url.strip_prefix("s3://").ok_or("it must be s3://bucket/prefix")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));

    let client = Client::from_env()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    // With a delimiter the keys below a "directory" come as one common prefix.
    for entry in client.list(bucket, ListOptions::new().prefix(prefix).delimiter("/")) {
        // The iterator ends only at the proven end: anything else is an error here.
        match entry? {
            Entry::CommonPrefix(group) => {
                writeln!(
                    out,
                    "{:>20} {:>14} {}",
                    "",
                    "PREFIX",
                    s3stream_core::shown(&group.prefix)
                )?;
            }
            Entry::Object(object) => {
                let time = object.last_modified.map_or_else(String::new, |t| t.to_string());
                writeln!(
                    out,
                    "{time:>20.20} {:>14} {}",
                    object.size,
                    s3stream_core::shown(&object.key)
                )?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
