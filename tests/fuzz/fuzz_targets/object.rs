#![no_main]

use arbitrary::Arbitrary;

/// Headers that a reply is likely to have, so that most inputs get past the first check.
#[derive(Arbitrary, Debug)]
struct Reply {
    length: Option<u32>,
    range: Option<(u32, u32, Option<u32>)>,
    etag: Option<String>,
    checksum: Option<(u8, String)>,
    others: Vec<(String, String)>,
    offset: u32,
    pieces: Vec<Vec<u8>>,
}

libfuzzer_sys::fuzz_target!(|reply: Reply| {
    let mut headers = reply.others;
    headers.extend(reply.length.map(|length| ("content-length".into(), length.to_string())));
    headers.extend(reply.range.map(|(first, last, total)| {
        let total = total.map_or("*".into(), |total| total.to_string());
        ("content-range".into(), format!("bytes {first}-{last}/{total}"))
    }));
    headers.extend(reply.etag.map(|etag| ("etag".into(), etag)));
    headers.extend(reply.checksum.map(|(kind, value)| {
        let kinds = ["crc64nvme", "crc32c", "crc32", "sha1", "sha256", "type"];
        (format!("x-amz-checksum-{}", kinds[usize::from(kind) % kinds.len()]), value)
    }));
    s3stream_core::fuzzing::object(&headers, reply.offset.into(), &reply.pieces);
});
