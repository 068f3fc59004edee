//! Buckets full of objects, the same for the same seed.

use std::sync::Arc;

use super::attributes::Attributes;
use super::bucket::{Bucket, Condition};
use super::checksum::ChecksumType;
use super::content::Content;
use super::object::{Etag, Md5, ObjectData, Part};
use super::{ChecksumAlgorithm, Store};
use crate::pattern::mix;

/// The part size of generated multipart objects: what most tools use.
const PART_SIZE: u64 = 8 << 20;

/// Keys that tools tend to break on. All are valid in S3.
pub const ODD_KEYS: &[&str] = &[
    " leading space",
    "trailing space ",
    "a b+c",
    "100%",
    "100%25",
    "not%2Fa%2Fslash",
    "//double//slash//",
    "/leading/slash",
    "folder/",
    "dots/./here",
    "dots/../up",
    ".",
    "..",
    "quote\"s and 'apostrophes'",
    "&amp;<tag>",
    "question?mark=1&x#hash",
    "semi;colon:comma,at@dollar$",
    "back\\slash",
    "star*tilde~(paren)!",
    "line\nbreak",
    "carriage\rreturn",
    "tab\tstop",
    "control\u{1}character",
    "umlaut-\u{e4}",
    "umlaut-a\u{308}",
    "\u{65e5}\u{672c}\u{8a9e}/\u{30d5}\u{30a1}\u{30a4}\u{30eb}",
    "emoji-\u{1f980}",
    "bmp-end-\u{ffff}",
    "=+-cell",
    "|pipe`tick^hat{brace}[bracket]",
];

/// What [`Store::generate`] makes.
#[derive(Clone, Debug)]
pub struct GenerateSpec {
    /// Same seed, same keys and bytes.
    pub seed: u64,
    /// How many objects with ordinary keys.
    pub objects: usize,
    /// Bytes of all ordinary objects together, within one per cent.
    pub total_size: u64,
    /// What every key begins with.
    pub prefix: String,
}

impl Default for GenerateSpec {
    fn default() -> Self {
        Self { seed: 1, objects: 3000, total_size: 64 << 20, prefix: String::new() }
    }
}

/// A generated object: its bytes are [`crate::pattern`] of `seed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The key.
    pub key: String,
    /// Seed of its content.
    pub seed: u64,
    /// Length in bytes.
    pub size: u64,
}

impl Store {
    /// Fills a bucket with objects of realistic names and sizes and with
    /// [`ODD_KEYS`]; objects above 8 MiB are multipart. Takes no memory for
    /// their bytes.
    ///
    /// # Panics
    /// If the bucket does not exist or the prefix makes a key too long.
    pub fn generate(&self, bucket: &str, spec: &GenerateSpec) -> Vec<Generated> {
        let bucket = self.existing(bucket);
        let algorithm = self.settings().default_checksum;
        let objects = plan(spec);
        for object in &objects {
            let data = Arc::new(object_data(object, algorithm));
            put(&bucket, &object.key, data);
        }
        objects
    }

    /// Fills a bucket with `count` keys `prefix` + ten digits, each the same
    /// one byte long object: a million take about 180 MB.
    ///
    /// # Panics
    /// If the bucket does not exist or the prefix makes a key too long.
    pub fn fill(&self, bucket: &str, prefix: &str, count: usize) {
        let bucket = self.existing(bucket);
        let data = ObjectData::new(
            Content::Whole("x".into()),
            self.settings().default_checksum,
            Attributes::default(),
        );
        let data = Arc::new(data);
        for number in 0..count {
            put(&bucket, &format!("{prefix}{number:010}"), Arc::clone(&data));
        }
    }
}

fn put(bucket: &Bucket, key: &str, data: Arc<ObjectData>) {
    bucket.put(key, data, &Condition::None).expect("a prefix that leaves room for keys");
}

/// Keys and sizes, without making any content.
fn plan(spec: &GenerateSpec) -> Vec<Generated> {
    let weights: Vec<u64> =
        (0..spec.objects as u64).map(|number| weight(spec.seed, number)).collect();
    let sum: u64 = weights.iter().sum();
    let ordinary = (0..).zip(weights).map(|(number, weight)| {
        let size = u128::from(spec.total_size) * u128::from(weight) / u128::from(sum.max(1));
        Generated {
            key: format!("{}{}", spec.prefix, ordinary_key(spec.seed, number)),
            seed: mix(spec.seed ^ mix(number)),
            size: u64::try_from(size).expect("a share of a u64"),
        }
    });
    let odd = (0..).zip(ODD_KEYS).map(|(number, key)| Generated {
        key: format!("{}{key}", spec.prefix),
        seed: mix(spec.seed ^ mix(!number)),
        size: mix(spec.seed ^ number) % 5000,
    });
    let mut objects: Vec<Generated> = ordinary.chain(odd).collect();
    objects.sort_by(|one, other| one.key.cmp(&other.key));
    objects
}

/// Sizes as on file servers: many small files, most bytes in a few large
/// ones. Each doubling of the size is as likely as the next, over 18 of them;
/// one in 64 objects is empty.
fn weight(seed: u64, number: u64) -> u64 {
    let random = mix(seed.wrapping_add(mix(number)));
    if random.is_multiple_of(64) {
        return 0;
    }
    let scale = 1 << ((random >> 8) % 18);
    scale + (random >> 32) % scale
}

fn ordinary_key(seed: u64, number: u64) -> String {
    const PROJECTS: [&str; 6] = ["accounts", "archive", "designs", "media", "mail", "research"];
    const KINDS: [(&str, &str); 8] = [
        ("report", "pdf"),
        ("photo", "jpg"),
        ("table", "xlsx"),
        ("notes", "txt"),
        ("image", "raw"),
        ("backup", "tar.gz"),
        ("letter", "docx"),
        ("log", "json"),
    ];
    let random = mix(mix(seed) ^ number);
    let project = pick(&PROJECTS, random);
    let (kind, extension) = pick(&KINDS, random >> 8);
    let year = 2019 + (random >> 16) % 7;
    let month = 1 + (random >> 24) % 12;
    format!("{project}/{year}/{month:02}/{kind}-{number:05}.{extension}")
}

fn pick<T: Copy>(choices: &[T], random: u64) -> T {
    let position = random % choices.len() as u64;
    choices[usize::try_from(position).expect("below the length of a slice")]
}

fn object_data(object: &Generated, algorithm: Option<ChecksumAlgorithm>) -> ObjectData {
    let content = Content::Pattern { seed: object.seed, length: object.size };
    if object.size > PART_SIZE {
        return multipart_data(content, algorithm);
    }
    ObjectData::new(content, algorithm, Attributes::default())
}

/// The object as a tool would have uploaded it, in parts of 8 MiB.
fn multipart_data(content: Content, algorithm: Option<ChecksumAlgorithm>) -> ObjectData {
    let length = content.len();
    let mut etag = Md5::new();
    let mut parts = Vec::new();
    for start in (0..length).step_by(1 << 23) {
        let end = length.min(start + PART_SIZE);
        let bytes: Vec<u8> = content.chunks(start..end).flatten().collect();
        let (md5, checksum) = Content::Whole(bytes.into()).digests(algorithm);
        etag.update(&md5);
        parts.push(Part { size: end - start, checksum });
    }
    let whole = parts
        .iter()
        .skip(1)
        .try_fold(parts.first().and_then(|part| part.checksum), |whole, part| {
            Some(whole?.combine(&part.checksum?, part.size))
        });
    let etag = Etag { md5: etag.finish(), parts: u16::try_from(parts.len()).unwrap_or(u16::MAX) };
    let checksum = whole.flatten().map(|checksum| (checksum, ChecksumType::FullObject));
    ObjectData::multipart(content, etag, checksum, parts.into(), Attributes::default())
}
