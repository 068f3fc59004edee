//! The synthetic S3 server as a program: ten million objects that are stored nowhere.
//!
//! Prints `ready ENDPOINT` and the environment that clients take, then serves until it gets
//! SIGTERM or SIGINT.

mod foreground;

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Parser;
use foreground::{size, wait};
use s3stream_tests::synthetic::SyntheticServer;

/// An S3 server that makes every answer up; sizes may end in K, M or G (1024, ...)
#[derive(Parser)]
struct Arguments {
    /// Address to listen on
    #[arg(long, value_name = "IP", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// Port; a free one by default
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many small objects there are, from key 0000000000 on
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    objects: u64,
    /// Size of a small object
    #[arg(long, value_name = "SIZE", default_value = "4K", value_parser = size)]
    size: u64,
    /// Size of the object `big`, the last of all
    #[arg(long, value_name = "SIZE", default_value = "4G", value_parser = size)]
    big: u64,
    /// Give one connection at most that much a second
    #[arg(long, value_name = "SIZE", value_parser = size)]
    connection_rate: Option<u64>,
    /// Serve HTTPS and write ca.pem into DIR
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Stop when standard input ends, as it does when the parent dies
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let size = usize::try_from(arguments.size).map_err(io::Error::other)?;
    let mut builder = SyntheticServer::builder()
        .address(arguments.address)
        .port(arguments.port)
        .objects(arguments.objects, size)
        .big(arguments.big);
    if let Some(rate) = arguments.connection_rate {
        builder = builder.connection_rate(rate);
    }
    if arguments.tls.is_some() {
        builder = builder.tls();
    }
    let server = builder.start()?;

    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", server.endpoint_url())?;
    writeln!(out, "AWS_ENDPOINT_URL={}", server.endpoint_url())?;
    writeln!(out, "AWS_ACCESS_KEY_ID=test")?;
    writeln!(out, "AWS_SECRET_ACCESS_KEY=testsecret")?;
    writeln!(out, "AWS_REGION=us-east-1")?;
    if let (Some(directory), Some(pem)) = (&arguments.tls, server.ca_pem()) {
        let path = directory.join("ca.pem");
        std::fs::write(&path, pem)?;
        writeln!(out, "AWS_CA_BUNDLE={}", path.canonicalize()?.display())?;
    }
    out.flush()?;
    drop(out);
    wait(arguments.until_stdin_closes)
}
