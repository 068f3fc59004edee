//! What s3stream is asked to do, by its blocking client.

use s3stream_core::blocking::{Client, ObjectReader};
use s3stream_core::{Entry, Integrity, ListOptions, OpenOptions, SETTINGS, StreamOptions};

use crate::measure::{Meter, NotHere};
use crate::{Objects, Outcome, Place, ReadOne, StreamJob};

/// What an agent reads into.
const BUFFER: usize = 256 * 1024;

pub(crate) fn open_each(job: &Objects) -> Outcome<()> {
    let client = client(job.integrity)?;
    let mut buffer = vec![0; BUFFER];
    let mut total = Total::default();
    let meter = Meter::start()?;
    for key in job.keys() {
        let mut reader = client.open(&job.place.bucket, &key, OpenOptions::new())?;
        total.read(&mut reader, &mut buffer)?;
    }
    total.report(&meter)
}

pub(crate) fn stream(job: &StreamJob) -> Outcome<()> {
    let client = client(job.integrity)?;
    let mut buffer = vec![0; BUFFER];
    let mut total = Total::default();
    let options = StreamOptions::new().concurrency(job.concurrency);
    let meter = Meter::start()?;
    let listing = client.list(&job.place.bucket, ListOptions::new().prefix(&job.place.prefix));
    for reader in client.stream(&job.place.bucket, listing, options) {
        total.read(&mut reader?, &mut buffer)?;
    }
    total.report(&meter)
}

pub(crate) fn read_one(job: &ReadOne) -> Outcome<()> {
    let mut builder = Client::builder().integrity(job.integrity);
    for setting in &job.set {
        let (name, value) = setting.split_once('=').ok_or("--set wants NAME=VALUE")?;
        if !SETTINGS.iter().any(|setting| setting.name == name) {
            return Err(NotHere(format!("this build has no setting {name}")).into());
        }
        builder = builder.set(name, value);
    }
    let client = builder.build_blocking()?;
    let mut buffer = vec![0; job.buffer * 1024];
    let mut total = Total::default();
    let meter = Meter::start()?;
    let mut reader = client.open(&job.bucket, &job.key, OpenOptions::new())?;
    total.read(&mut reader, &mut buffer)?;
    total.report(&meter)
}

pub(crate) fn list(place: &Place) -> Outcome<()> {
    let client = client(Integrity::Full)?;
    let mut total = Total::default();
    let meter = Meter::start()?;
    for entry in client.list(&place.bucket, ListOptions::new().prefix(&place.prefix)) {
        if let Entry::Object(object) = entry? {
            total.objects += 1;
            total.bytes += object.size;
        }
    }
    total.report(&meter)
}

fn client(integrity: Integrity) -> Outcome<Client> {
    Ok(Client::builder().integrity(integrity).build_blocking()?)
}

/// What was read so far.
#[derive(Default)]
struct Total {
    objects: u64,
    bytes: u64,
    /// How the last object was proven.
    method: &'static str,
}

impl Total {
    fn read(&mut self, reader: &mut ObjectReader, buffer: &mut [u8]) -> Outcome<()> {
        loop {
            match reader.read_full(buffer)? {
                0 => break,
                length => self.bytes += length as u64,
            }
        }
        let verdict = reader.verdict().ok_or("the end was reached without a verdict")?;
        self.method = verdict.method.name();
        self.objects += 1;
        Ok(())
    }

    fn report(&self, meter: &Meter) -> Outcome<()> {
        meter.report(self.objects, self.bytes, self.method)
    }
}
