//! What a client does that writes.

use std::time::Duration;

use bytes::Bytes;
use s3stream_core::{
    Algorithm, Checksum, Condition, CreateOptions, DeleteOptions, ETag, Error, Expect, Metadata,
    Written, blocking,
};
use s3stream_tests::fault::Content;
use s3stream_tests::fault::transcript::{Options, Task};

use crate::Ended;

/// Stores the object by one request.
pub(crate) fn put(
    client: &blocking::Client,
    task: &Task,
    object: &Content,
    ended: &mut Ended,
) -> Result<(), Error> {
    let bytes = Bytes::copy_from_slice(object.bytes());
    let written = client.put(task.bucket(), task.key(), bytes, options(&task.options))?;
    tell(&written, ended);
    Ok(())
}

/// Writes the object piece by piece, and ends that as the task says.
pub(crate) fn write(
    client: &blocking::Client,
    task: &Task,
    object: &Content,
    ended: &mut Ended,
) -> Result<(), Error> {
    let mut writer = client.create(task.bucket(), task.key(), options(&task.options))?;
    let outcome = write_all(&mut writer, task, object);
    if let Err(error) = &outcome {
        // What failed once must fail for ever.
        let again = writer.finish().expect_err("a failed writer does not finish");
        assert_eq!(again.kind(), error.kind(), "an error must be repeated");
        return outcome;
    }
    match task.options.get("end") {
        Some("abort") => return writer.abort(),
        Some("drop") => return Ok(()),
        Some("cancel") => writer.canceller().expect("it is not finished").cancel(),
        _ => {}
    }
    let written = writer.finish()?;
    assert!(writer.finish().is_err(), "what is finished cannot be finished again");
    tell(&written, ended);
    Ok(())
}

fn write_all(
    writer: &mut blocking::ObjectWriter,
    task: &Task,
    object: &Content,
) -> Result<(), Error> {
    let piece = task.options.number("piece").unwrap_or(65_536);
    let mut pause = task.options.get("pause").map(|pause| {
        let (after, seconds) = pause.split_once(':').expect("BYTES:SECONDS");
        (after.parse::<u64>().expect("bytes"), seconds.parse::<f64>().expect("seconds"))
    });
    for bytes in object.bytes().chunks(usize::try_from(piece).expect("a size")) {
        writer.write_bytes(Bytes::copy_from_slice(bytes))?;
        if let Some((after, seconds)) = pause
            && writer.position() >= after
        {
            // The pause is what the transcript is about.
            std::thread::sleep(Duration::from_secs_f64(seconds));
            pause = None;
        }
    }
    Ok(())
}

/// Deletes an object.
pub(crate) fn delete(client: &blocking::Client, task: &Task) -> Result<(), Error> {
    let mut options = DeleteOptions::new();
    if let Some(version) = task.options.get("version_id") {
        options = options.version_id(version);
    }
    if let Some(etag) = task.options.get("if_match") {
        options = options.if_match(ETag::parse(etag).expect("an ETag"));
    }
    client.delete(task.bucket(), task.key(), options).map(drop)
}

fn options(given: &Options) -> CreateOptions {
    let mut options = CreateOptions::new()
        .metadata(metadata(given))
        .expect(expect(given))
        .read_back(given.get("read_back").is_some())
        .strict(given.get("strict").is_some());
    if let Some(bytes) = given.number("size") {
        options = options.size(bytes);
    }
    if let Some(bytes) = given.number("part_size") {
        options = options.part_size(bytes);
    }
    if let Some(parts) = given.number("max_parts") {
        options = options.max_parts(u32::try_from(parts).expect("a few"));
    }
    if let Some(parts) = given.number("concurrency") {
        options = options.concurrency(usize::try_from(parts).expect("a few"));
    }
    if let Some((name, value)) = given.get("tag").and_then(|tag| tag.split_once(':')) {
        options = options.tag(name, value);
    }
    if let Some(class) = given.get("storage_class") {
        options = options.storage_class(class);
    }
    if let Some(name) = given.get("acl") {
        options = options.acl(name);
    }
    match given.get("condition") {
        None => options,
        Some("absent") => options.condition(Condition::Absent),
        Some(etag) => options.condition(Condition::Matches(ETag::parse(etag).expect("an ETag"))),
    }
}

fn metadata(given: &Options) -> Metadata {
    let mut metadata = Metadata::new();
    if let Some(value) = given.get("content_type") {
        metadata = metadata.with_content_type(value);
    }
    if let Some(value) = given.get("cache_control") {
        metadata = metadata.with_cache_control(value);
    }
    if let Some((name, value)) = given.get("user").and_then(|user| user.split_once(':')) {
        metadata = metadata.with_user(name, value);
    }
    metadata
}

fn expect(given: &Options) -> Expect {
    let mut expect = Expect::new();
    if let Some(bytes) = given.number("expect_size") {
        expect = expect.size(bytes);
    }
    if let Some(value) = given.get("expect_crc64nvme") {
        let value = value.to_owned();
        expect = expect.checksum(Checksum { algorithm: Algorithm::Crc64Nvme, value });
    }
    expect
}

fn tell(written: &Written, ended: &mut Ended) {
    ended.facts.verdict = Some(written.verdict.name().to_owned());
    ended.facts.etag = written.object.etag.as_ref().map(ETag::quoted);
    ended.facts.numbers = vec![
        ("size", written.bytes),
        ("parts", written.parts.into()),
        ("retries", written.retries.into()),
        ("resolved", written.resolved_after_lost_reply.into()),
    ];
    ended.facts.differences = written.differences.iter().map(|it| it.field.clone()).collect();
}
