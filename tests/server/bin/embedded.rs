//! The embedded S3 server as a program, for tests in other languages and for
//! trying things out.
//!
//! Prints `ready ENDPOINT` and the environment that clients take, then serves
//! until it gets SIGTERM or SIGINT.

mod foreground;

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::Parser;
use foreground::{size, wait};
use s3stream_tests::embedded::{Builder, ChecksumAlgorithm, EmbeddedServer, GenerateSpec};
use s3stream_tests::pattern;

/// An S3 server in memory; sizes may end in K, M or G (1024, ...)
#[derive(Parser)]
struct Arguments {
    /// Address to listen on
    #[arg(long, value_name = "IP", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// Port; a free one by default
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Access key id
    #[arg(long, default_value = "test")]
    access_key: String,
    /// Secret access key
    #[arg(long, default_value = "testsecret")]
    secret_key: String,
    /// Require this session token
    #[arg(long)]
    session_token: Option<String>,
    /// Create this bucket; may be repeated
    #[arg(long, value_name = "NAME")]
    bucket: Vec<String>,
    /// Name this region
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Refuse requests signed for another region
    #[arg(long)]
    region_check: bool,
    /// Serve HTTPS and write ca.pem into DIR
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Entries of a listing's page at most
    #[arg(long, value_name = "N", default_value_t = 1000)]
    page_size: usize,
    /// Size of a multipart upload's part at least
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = size)]
    min_part_size: u64,
    /// Store no checksum unless the client sends one
    #[arg(long)]
    no_default_checksum: bool,
    /// Fill the first bucket with a demonstration of that size
    #[arg(long, value_name = "SIZE", value_parser = size)]
    demo: Option<u64>,
    /// Fill the first bucket with N tiny objects
    #[arg(long, value_name = "N")]
    keys: Option<usize>,
    /// Put an object `big` of that size into the first bucket
    #[arg(long, value_name = "SIZE", value_parser = size)]
    big: Option<u64>,
    /// Let everybody read without a signature
    #[arg(long)]
    public: bool,
    /// Refuse access control lists (BucketOwnerEnforced)
    #[arg(long)]
    owner_enforced: bool,
    /// Stop when standard input ends, as it does when the parent dies
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let server = builder(&arguments).start()?;
    fill(&server, &arguments)?;
    if let (Some(directory), Some(pem)) = (&arguments.tls, server.ca_pem()) {
        std::fs::write(directory.join("ca.pem"), pem)?;
    }
    announce(&server, &arguments)?;
    wait(arguments.until_stdin_closes)
}

fn builder(arguments: &Arguments) -> Builder {
    let mut builder = EmbeddedServer::builder()
        .address(arguments.address)
        .port(arguments.port)
        .access_key(&arguments.access_key, &arguments.secret_key)
        .region(&arguments.region)
        .page_size(arguments.page_size)
        .min_part_size(arguments.min_part_size);
    if let Some(token) = &arguments.session_token {
        builder = builder.session_token(token);
    }
    if arguments.region_check {
        builder = builder.checked_region(&arguments.region);
    }
    if arguments.no_default_checksum {
        builder = builder.default_checksum(None::<ChecksumAlgorithm>);
    }
    if arguments.tls.is_some() {
        builder = builder.tls();
    }
    if arguments.owner_enforced {
        builder = builder.bucket_owner_enforced();
    }
    if arguments.public {
        builder = builder.public();
    }
    builder
}

/// Creates buckets, and `demo` if something is to be put and none was named.
fn fill(server: &EmbeddedServer, arguments: &Arguments) -> io::Result<()> {
    let store = server.store();
    for bucket in &arguments.bucket {
        store.create_bucket(bucket);
    }
    let wants_content =
        arguments.demo.is_some() || arguments.keys.is_some() || arguments.big.is_some();
    if !wants_content {
        return Ok(());
    }
    let bucket = first_bucket(arguments);
    store.create_bucket(bucket);
    if let Some(total_size) = arguments.demo {
        let spec = GenerateSpec { total_size, ..GenerateSpec::default() };
        store.generate(bucket, &spec);
    }
    if let Some(count) = arguments.keys {
        store.fill(bucket, "keys/", count);
    }
    if let Some(length) = arguments.big {
        let length = usize::try_from(length).map_err(io::Error::other)?;
        store.put(bucket, "big", pattern::bytes(1, 0, length));
    }
    Ok(())
}

fn first_bucket(arguments: &Arguments) -> &str {
    arguments.bucket.first().map_or("demo", String::as_str)
}

fn announce(server: &EmbeddedServer, arguments: &Arguments) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", server.endpoint_url())?;
    writeln!(out, "AWS_ENDPOINT_URL={}", server.endpoint_url())?;
    writeln!(out, "AWS_ACCESS_KEY_ID={}", server.access_key_id())?;
    writeln!(out, "AWS_SECRET_ACCESS_KEY={}", server.secret_access_key())?;
    if let Some(token) = &arguments.session_token {
        writeln!(out, "AWS_SESSION_TOKEN={token}")?;
    }
    writeln!(out, "AWS_REGION={}", arguments.region)?;
    if let Some(directory) = &arguments.tls {
        writeln!(out, "AWS_CA_BUNDLE={}", ca_path(directory).display())?;
    }
    out.flush()
}

fn ca_path(directory: &Path) -> PathBuf {
    let path = directory.join("ca.pem");
    path.canonicalize().unwrap_or(path)
}
