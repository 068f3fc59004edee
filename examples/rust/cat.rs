//! Writes an object to standard output, async: `cat s3://bucket/key`.
//!
//! Server and keys come from the usual environment (`AWS_ENDPOINT_URL`, `AWS_PROFILE`, ...).
//! The exit status is 0 only if the object was read to its end and no digest of the server
//! disagrees; what is said at the end names the digest, or why there is none.

use std::error::Error;

use s3stream_core::{Client, OpenOptions};
use tokio::io::{AsyncWriteExt, stderr, stdout};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: cat s3://bucket/key")?;
    let rest = url.strip_prefix("s3://").ok_or("it must be s3://bucket/key")?;
    let (bucket, key) = rest.split_once('/').ok_or("it must be s3://bucket/key")?;

    let client = Client::from_env()?;
    let mut reader = client.open(bucket, key, OpenOptions::new()).await?;
    let mut out = stdout();
    // A connection that breaks meanwhile is made anew: the pieces go on where they were.
    while let Some(piece) = reader.next_piece().await? {
        out.write_all(&piece).await?;
    }
    out.flush().await?;

    let verdict = reader.verdict().ok_or("a reader ends with a verdict or an error")?;
    let proof = match verdict.unproven {
        None => format!("proven by {}", verdict.method),
        Some(reason) => format!("not proven by a digest: {reason}"),
    };
    let line = format!("{} bytes, {proof}\n", verdict.bytes);
    stderr().write_all(line.as_bytes()).await?;
    Ok(())
}
