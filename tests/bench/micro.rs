//! What the small things cost: a key of a page, a signature, a KiB of CRC64NVME.
//!
//! ```sh
//! cargo bench -p s3stream-tests --bench micro -- [CASE] [--rounds N]
//! ```
//!
//! Times are of the machine and its neighbours. Instructions are not: run one case under
//! `valgrind --tool=callgrind` with two numbers of rounds, and take the difference.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use s3stream_core::{Credentials, internals};

/// A name, a unit, how many units a round is, and the round.
type Case = (&'static str, &'static str, u32, Box<dyn Fn()>);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = arguments.iter().position(|argument| argument == "--rounds");
    let rounds: u32 = rounds.map_or(200, |at| arguments[at + 1].parse().expect("a number"));
    let wanted = arguments.first().filter(|argument| !argument.starts_with("--"));
    for (name, unit, units, round) in cases() {
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let start = Instant::now();
        (0..rounds).for_each(|_| round());
        let each = start.elapsed().as_secs_f64() / f64::from(rounds) / f64::from(units);
        println!("{name}: {:.0} ns a {unit}", each * 1e9);
    }
}

fn cases() -> Vec<Case> {
    let (aws, radosgw) = (aws_page().into_bytes(), radosgw_page().into_bytes());
    let signer = internals::Signer::new(&Credentials::new("AKID", "secret", None), 1_369_353_600);
    let signer = signer.unwrap();
    let bytes = vec![7; 1 << 20];
    let page = |text: Vec<u8>| {
        Box::new(move || {
            assert_eq!(internals::list_page(black_box(&text), 64 * 1024), Ok(1000));
        })
    };
    vec![
        ("aws-page", "key", 1000, page(aws)),
        ("radosgw-page", "key", 1000, page(radosgw)),
        (
            "signature",
            "request",
            1,
            Box::new(move || {
                black_box(signer.sign(black_box("/photos/2026/11/25/IMG%200042.jpg")));
            }),
        ),
        (
            "crc64nvme",
            "KiB",
            1024,
            Box::new(move || {
                black_box(internals::crc64nvme(black_box(&bytes)));
            }),
        ),
    ]
}

/// A page in the form of Amazon S3.
fn aws_page() -> String {
    page(
        "<KeyCount>1000</KeyCount><EncodingType>url</EncodingType>",
        "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>",
        "",
        "",
    )
}

/// A page in the form of Ceph RadosGW: an owner for each key, the encoding at the end.
fn radosgw_page() -> String {
    page(
        "",
        "",
        "<Owner><ID>s3stream</ID><DisplayName>s3stream test user</DisplayName></Owner>\
         <Type>Normal</Type>",
        "<EncodingType>url</EncodingType>",
    )
}

fn page(before: &str, checksum: &str, owner: &str, after: &str) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
         xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name><Prefix></Prefix>\
         <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{before}"
    );
    for number in 0..1000 {
        write!(
            xml,
            "<Contents><Key>backups/2026/11/25/host-00/data/segment-{number:08}.tar.zst</Key>\
             <LastModified>2026-11-25T15:42:41.000Z</LastModified>\
             <ETag>&quot;25f9e794323b453885f5181f1b624d0b&quot;</ETag>{checksum}\
             <Size>{}</Size><StorageClass>STANDARD</StorageClass>{owner}</Contents>",
            number * 7919
        )
        .unwrap();
    }
    xml + after + "</ListBucketResult>"
}
