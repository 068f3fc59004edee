//! What it takes to compare a million objects with their manifest.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::io::{self, BufReader, Read};
use std::time::Instant;

use s3stream_core::report::{Finding, Manifest, Outcome, Record, Verification};
use s3stream_core::{ETag, Object};

const OBJECTS: u64 = 1_000_000;

/// A manifest that is made while it is read.
struct Made {
    number: u64,
    line: Vec<u8>,
    read: usize,
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.line.len() && self.number < OBJECTS {
            let mut record = Record::new("bucket", &key(self.number), Outcome::Streamed);
            (record.size, record.bytes) = (Some(self.number), Some(self.number));
            record.etag = Some(etag(self.number));
            record.crc64nvme = Some("AAAAAAAAAAA=".to_owned());
            record.method = Some("md5".to_owned());
            self.line.clear();
            record.write_line(&mut self.line)?;
            (self.number, self.read) = (self.number + 1, 0);
        }
        let length = buffer.len().min(self.line.len() - self.read);
        buffer[..length].copy_from_slice(&self.line[self.read..][..length]);
        self.read += length;
        Ok(length)
    }
}

fn key(number: u64) -> String {
    format!("some/prefix/that/is/usual/{number:012}")
}

fn etag(number: u64) -> String {
    format!("{number:032x}")
}

/// Memory of this process in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_million_objects_are_compared_in_constant_memory() {
    let manifest = BufReader::new(Made { number: 0, line: Vec::new(), read: 0 });
    let mut verification = Verification::new(Manifest::open(manifest).unwrap());
    let mut differing = 0;
    let mut note = |finding: Finding, _: Option<&Record>, _: Option<&Object>| {
        differing += u64::from(finding != Finding::Same);
    };
    let (before, started) = (resident(), Instant::now());
    for number in 0..OBJECTS {
        // One in a hundred was overwritten, another one deleted.
        if number % 100 == 7 {
            continue;
        }
        let mut object = Object::new(key(number));
        object.size = number + u64::from(number % 100 == 8);
        object.etag = ETag::parse(&etag(number));
        verification.object(object, &mut note).unwrap();
    }
    let totals = verification.finish(&mut note).unwrap();
    let (grown, seconds) = (resident() - before, started.elapsed().as_secs_f64());
    println!("{:.0} objects/s, {grown} KiB", OBJECTS as f64 / seconds);
    assert_eq!((totals.missing(), totals.changed()), (OBJECTS / 100, OBJECTS / 100));
    assert!(totals.is_balanced() && differing == OBJECTS / 50);
    assert!(grown < 10 << 10, "{grown} KiB");
}
