//! AWS: its partitions, the hosts of its S3, and which hosts are not.
//!
//! Partitions and their domains are those of `partitions.json` of the AWS SDKs, hosts those of
//! "Amazon Simple Storage Service endpoints and quotas" in the AWS general reference. This is
//! the only place that names a domain of AWS.

use super::AccessPoint;

/// A part of AWS with accounts, regions and domain of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partition {
    /// As the second field of an ARN has it.
    pub(super) id: &'static str,
    /// What its regions begin with.
    prefixes: &'static [&'static str],
    pub(super) domain: &'static str,
}

/// Every public partition; the first is what an unknown region belongs to.
const PARTITIONS: [Partition; 8] = [
    Partition {
        id: "aws",
        prefixes: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        domain: "amazonaws.com",
    },
    Partition { id: "aws-cn", prefixes: &["cn"], domain: "amazonaws.com.cn" },
    Partition { id: "aws-us-gov", prefixes: &["us-gov"], domain: "amazonaws.com" },
    Partition { id: "aws-eusc", prefixes: &["eusc-de"], domain: "amazonaws.eu" },
    Partition { id: "aws-iso", prefixes: &["us-iso"], domain: "c2s.ic.gov" },
    Partition { id: "aws-iso-b", prefixes: &["us-isob"], domain: "sc2s.sgov.gov" },
    Partition { id: "aws-iso-e", prefixes: &["eu-isoe"], domain: "cloud.adc-e.uk" },
    Partition { id: "aws-iso-f", prefixes: &["us-isof"], domain: "csp.hci.ic.gov" },
];

impl Partition {
    /// The partition of a region: an unknown one is taken for a new one of the first.
    pub(super) fn of(region: &str) -> &'static Partition {
        Partition::of_known(region).unwrap_or(&PARTITIONS[0])
    }

    /// The partition of a region that is written as that partition writes its regions.
    pub(super) fn of_known(region: &str) -> Option<&'static Partition> {
        let (rest, number) = region.rsplit_once('-')?;
        let (prefix, word) = rest.rsplit_once('-')?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let holds = |partition: &&Partition| partition.prefixes.contains(&prefix);
        PARTITIONS.iter().find(holds).filter(|_| is_number && is_word)
    }
}

/// The URL of the Security Token Service of a region.
pub(crate) fn sts_url(region: &str) -> String {
    format!("https://sts.{region}.{}", Partition::of(region).domain)
}

/// The URL where single sign-on hands out a role's keys.
pub(crate) fn sso_portal_url(region: &str) -> String {
    format!("https://portal.sso.{region}.{}", Partition::of(region).domain)
}

/// Which of the endpoints of a region is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    /// Whose cryptography is validated by FIPS 140.
    pub(crate) fips: bool,
    /// That has IPv6 addresses too.
    pub(crate) dual_stack: bool,
    /// By the nearest edge location: "Amazon S3 Transfer Acceleration".
    pub(crate) accelerate: bool,
}

impl Variant {
    /// What a custom endpoint cannot be combined with, by the name of its setting.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        [
            (self.fips, "use_fips_endpoint"),
            (self.dual_stack, "use_dualstack_endpoint"),
            (self.accelerate, "use_accelerate_endpoint"),
        ]
        .into_iter()
        .filter_map(|(is_set, name)| is_set.then_some(name))
    }
}

/// The host of S3 in a region.
pub(super) fn regional(region: &str, variant: Variant) -> String {
    let fips = if variant.fips { "-fips" } else { "" };
    format!("s3{fips}{}.{region}.{}", dual_stack(variant), Partition::of(region).domain)
}

/// The host of Transfer Acceleration; the bucket goes before it.
pub(super) fn accelerated(region: &str, variant: Variant) -> String {
    format!("s3-accelerate{}.{}", dual_stack(variant), Partition::of(region).domain)
}

/// The host of an access point.
pub(super) fn access_point(point: &AccessPoint, variant: Variant) -> String {
    let fips = if variant.fips { "-fips" } else { "" };
    format!(
        "{}.s3-accesspoint{fips}{}.{}.{}",
        point.label(),
        dual_stack(variant),
        point.region,
        Partition::of(&point.region).domain
    )
}

fn dual_stack(variant: Variant) -> &'static str {
    if variant.dual_stack { ".dualstack" } else { "" }
}

/// What a region that is none of a place stands for, and whether it asks for FIPS.
///
/// The SDKs take `aws-global` and the like for the partition's first region, and `fips-` or
/// `-fips` for the setting.
pub(super) fn pseudo_region(region: &str) -> Option<(&str, bool)> {
    Some(match region {
        "aws-global" | "s3-external-1" => ("us-east-1", false),
        "aws-cn-global" => ("cn-northwest-1", false),
        "aws-us-gov-global" => ("us-gov-west-1", false),
        "aws-iso-global" => ("us-iso-east-1", false),
        "aws-iso-b-global" => ("us-isob-east-1", false),
        "aws-iso-e-global" => ("eu-isoe-west-1", false),
        "aws-iso-f-global" => ("us-isof-south-1", false),
        _ => (region.strip_prefix("fips-").or_else(|| region.strip_suffix("-fips"))?, true),
    })
}

/// What a host of AWS's S3 is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Buckets, by path or before the host.
    Buckets,
    /// Buckets of an interface endpoint (PrivateLink), which serves them by path.
    PrivateBuckets,
    /// Access points of an interface endpoint.
    PrivateAccessPoints,
    /// An access point, or the host under which they all are.
    AccessPoints,
    /// Transfer Acceleration.
    Accelerated,
}

/// A host that is AWS's S3 by its name, read apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) sort: Sort,
    pub(super) partition: &'static Partition,
    pub(super) region: Option<String>,
    pub(super) variant: Variant,
    /// What stands before the service's own host.
    pub(super) bucket: Option<String>,
}

impl Host {
    /// Reads a host; `None` where it is not S3's, though its domain may be AWS's: load
    /// balancers and virtual machines of anybody, and websites of buckets, have names there too.
    pub(super) fn parse(host: &str) -> Option<Self> {
        let domains = PARTITIONS.iter().map(|partition| partition.domain);
        let (domain, rest) = domains
            .filter_map(|domain| Some((domain, host.strip_suffix(domain)?.strip_suffix('.')?)))
            .next()?;
        let mut labels: Vec<&str> = rest.split('.').collect();
        let (sort, region, variant) = service(&mut labels)?;
        let partition = match &region {
            Some(region) => Partition::of(region),
            None => PARTITIONS.iter().find(|partition| partition.domain == domain)?,
        };
        let bucket = (!labels.is_empty()).then(|| labels.join("."));
        let is_whole = bucket.as_deref().is_none_or(|bucket| !bucket.split('.').any(str::is_empty));
        (is_whole && partition.domain == domain).then_some(Host {
            sort,
            partition,
            region,
            variant,
            bucket,
        })
    }
}

/// Takes the labels of the service off the end of a host's, its domain taken off already.
fn service(labels: &mut Vec<&str>) -> Option<(Sort, Option<String>, Variant)> {
    let mut variant = Variant::default();
    if let [.., kind, id, "s3", region, "vpce"] = labels[..] {
        let sort = match kind {
            "bucket" => Sort::PrivateBuckets,
            "accesspoint" => Sort::PrivateAccessPoints,
            _ => return None,
        };
        let is_private = id.starts_with("vpce-") && is_region(region);
        labels.truncate(labels.len() - 5);
        return is_private.then(|| (sort, Some(region.to_owned()), variant));
    }
    let mut last = labels.pop()?;
    let mut region = None;
    if is_region(last) {
        region = Some(last.to_owned());
        last = labels.pop()?;
    }
    if last == "dualstack" {
        variant.dual_stack = true;
        last = labels.pop()?;
    }
    let sort = match last {
        "s3" if region.is_some() || !variant.dual_stack => Sort::Buckets,
        "s3-fips" if region.is_some() => {
            variant.fips = true;
            Sort::Buckets
        }
        "s3-accesspoint" if region.is_some() => Sort::AccessPoints,
        "s3-accesspoint-fips" if region.is_some() => {
            variant.fips = true;
            Sort::AccessPoints
        }
        "s3-accelerate" if region.is_none() => {
            variant.accelerate = true;
            Sort::Accelerated
        }
        "s3-external-1" if region.is_none() => {
            region = Some("us-east-1".to_owned());
            Sort::Buckets
        }
        // The older form: `s3-eu-west-1`, `s3-fips-us-gov-west-1`.
        _ if region.is_none() => {
            let rest = last.strip_prefix("s3-")?;
            let rest = rest.strip_prefix("fips-").inspect(|_| variant.fips = true).unwrap_or(rest);
            region = Some(rest.to_owned()).filter(|region| is_region(region));
            region.as_ref()?;
            Sort::Buckets
        }
        _ => return None,
    };
    Some((sort, region, variant))
}

/// Whether a label is a region, of today or to come: `eu-west-1`, never `elb`.
fn is_region(label: &str) -> bool {
    let mut words = label.rsplit('-');
    let number = words.next().unwrap_or_default();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let words: Vec<&str> = words.collect();
    (1..=2).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && (2..=4).contains(&words.len())
        && words.into_iter().all(is_word)
        && !label.starts_with("website-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_s3_are_told_from_others_of_the_domain() {
        use Sort::{Accelerated, AccessPoints, Buckets, PrivateAccessPoints, PrivateBuckets};
        let table = [
            ("s3.amazonaws.com", Buckets, None, None),
            ("b.s3.amazonaws.com", Buckets, None, Some("b")),
            ("s3.eu-west-1.amazonaws.com", Buckets, Some("eu-west-1"), None),
            ("a.b.s3.eu-west-1.amazonaws.com", Buckets, Some("eu-west-1"), Some("a.b")),
            ("s3-eu-west-1.amazonaws.com", Buckets, Some("eu-west-1"), None),
            ("s3-external-1.amazonaws.com", Buckets, Some("us-east-1"), None),
            ("s3-fips.us-east-1.amazonaws.com", Buckets, Some("us-east-1"), None),
            ("s3-fips-us-gov-west-1.amazonaws.com", Buckets, Some("us-gov-west-1"), None),
            ("s3.dualstack.us-east-1.amazonaws.com", Buckets, Some("us-east-1"), None),
            ("s3-fips.dualstack.us-east-1.amazonaws.com", Buckets, Some("us-east-1"), None),
            ("s3.cn-north-1.amazonaws.com.cn", Buckets, Some("cn-north-1"), None),
            ("s3.eusc-de-east-1.amazonaws.eu", Buckets, Some("eusc-de-east-1"), None),
            ("s3.us-iso-east-1.c2s.ic.gov", Buckets, Some("us-iso-east-1"), None),
            ("s3-accelerate.amazonaws.com", Accelerated, None, None),
            ("b.s3-accelerate.dualstack.amazonaws.com", Accelerated, None, Some("b")),
            (
                "bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
                PrivateBuckets,
                Some("us-east-1"),
                None,
            ),
            (
                "accesspoint.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
                PrivateAccessPoints,
                Some("us-east-1"),
                None,
            ),
            (
                "p-1.s3-accesspoint.us-west-2.amazonaws.com",
                AccessPoints,
                Some("us-west-2"),
                Some("p-1"),
            ),
        ];
        for (host, sort, region, bucket) in table {
            let parsed = Host::parse(host).unwrap_or_else(|| panic!("{host} is S3's"));
            assert_eq!(
                (parsed.sort, parsed.region.as_deref(), parsed.bucket.as_deref()),
                (sort, region, bucket),
                "{host}"
            );
        }
        for host in [
            "my-ceph.us-east-1.elb.amazonaws.com",
            "s3.us-east-1.elb.amazonaws.com",
            "s3-1234.us-east-1.elb.amazonaws.com",
            "ec2-1-2-3-4.compute-1.amazonaws.com",
            "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com",
            "x.execute-api.us-east-1.amazonaws.com",
            "b.s3-website-us-east-1.amazonaws.com",
            "b.s3-website.us-east-2.amazonaws.com",
            "s3-control.us-east-1.amazonaws.com",
            "control.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
            "vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
            "s3.eu-west-1.amazonaws.com.cn",
            "s3.cn-north-1.amazonaws.com",
            "s3.us-east-1.amazonaws.com.evil.org",
            "s3.us-east-1.xamazonaws.com",
            ".s3.us-east-1.amazonaws.com",
            "amazonaws.com",
            "s3.example.org",
        ] {
            assert_eq!(Host::parse(host), None, "{host}");
        }
    }

    #[test]
    fn a_region_belongs_to_the_partition_whose_form_it_has() {
        for (region, id) in [
            ("us-east-1", "aws"),
            ("mx-central-1", "aws"),
            ("xx-new-1", "aws"),
            ("us-gov-east-1", "aws-us-gov"),
            ("cn-northwest-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-isob-west-1", "aws-iso-b"),
        ] {
            assert_eq!(Partition::of(region).id, id, "{region}");
        }
        for region in ["garage", "us-east", "us-east-x", "us--1", "-1", ""] {
            assert_eq!(Partition::of_known(region), None, "{region}");
        }
    }
}
