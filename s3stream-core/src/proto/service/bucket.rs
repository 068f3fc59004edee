//! What a bucket may be called, and what its name asks for.
//!
//! See "General purpose bucket naming rules" and "Referencing access points" in the Amazon S3
//! user guide.

/// A bucket by its name, or an access point by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Its name is one label of a host name, or several where it has dots.
    Host(String),
    /// Older buckets of AWS, and those of other servers, have names that no host can have.
    Path(String),
    AccessPoint(AccessPoint),
}

/// A name under which a bucket is reached with rules of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessPoint {
    pub(super) partition: String,
    pub(super) region: String,
    account: String,
    name: String,
}

impl AccessPoint {
    /// Its label in a host name.
    pub(super) fn label(&self) -> String {
        format!("{}-{}", self.name, self.account)
    }
}

impl Bucket {
    /// Reads a bucket's name; the error says what is wrong with it.
    ///
    /// What other servers accept is accepted: RadosGW puts the tenant before a colon.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        if let Some(arn) = name.strip_prefix("arn:") {
            return access_point(arn).map(Bucket::AccessPoint);
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
        let is_dots = name.chars().all(|c| c == '.');
        if name.is_empty() || name.len() > 255 || is_dots || !name.chars().all(is_plain) {
            return Err("the bucket's name must be letters, digits, '-', '.' and '_'".to_owned());
        }
        let name = name.to_owned();
        Ok(if is_host(&name) { Bucket::Host(name) } else { Bucket::Path(name) })
    }

    /// What AWS alone refuses: names that it keeps for what is no bucket of objects by keys.
    pub(super) fn refused_by_aws(&self) -> Option<String> {
        let (Bucket::Host(name) | Bucket::Path(name)) = self else { return None };
        let reserved = [
            ("--x-s3", "is a directory bucket (S3 Express One Zone)"),
            ("--xa-s3", "is an access point of a directory bucket (S3 Express One Zone)"),
            ("--ol-s3", "is an Object Lambda access point"),
            ("--op-s3", "is an access point of S3 on Outposts"),
            ("--table-s3", "is a bucket of S3 Tables"),
            (".mrap", "is a multi-region access point"),
        ];
        if let Some((_, what)) = reserved.iter().find(|(end, _)| name.ends_with(end)) {
            return Some(format!("'{name}' {what}, which s3stream does not support"));
        }
        let is_wrong = name.contains(':') || name.len() < 2;
        is_wrong.then(|| format!("no bucket of AWS can be called '{name}'"))
    }
}

/// Whether a name can stand in a host name: 3 to 63 of lower-case letters, digits, hyphens
/// and dots between them, and no address.
fn is_host(name: &str) -> bool {
    let is_end =
        |b: Option<&u8>| b.is_some_and(|b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit());
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        is_end(bytes.first())
            && is_end(bytes.last())
            && bytes.iter().all(|b| is_end(Some(b)) || *b == b'-')
    };
    (3..=63).contains(&name.len())
        && name.split('.').all(is_label)
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// `PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME`; all others are refused by what they are.
fn access_point(arn: &str) -> Result<AccessPoint, String> {
    let refuse = |why: &str| Err(format!("'arn:{arn}' {why}"));
    let mut fields = arn.splitn(5, ':');
    let mut field = || fields.next().unwrap_or_default();
    let (partition, service, region, account, resource) =
        (field(), field(), field(), field(), field());
    match service {
        "s3" => {}
        "s3-object-lambda" => {
            return refuse("is an Object Lambda access point, which s3stream does not support");
        }
        "s3-outposts" => return refuse("is of S3 on Outposts, which s3stream does not support"),
        "s3express" => return refuse("is of S3 Express One Zone, which s3stream does not support"),
        _ => return refuse("is not an ARN of S3"),
    }
    let (kind, name) = resource.split_once(['/', ':']).unwrap_or((resource, ""));
    if kind != "accesspoint" && region.is_empty() && account.is_empty() {
        return refuse("is a bucket's ARN: give the bucket by its name");
    }
    if kind != "accesspoint" {
        return refuse("is not the ARN of an access point");
    }
    if region.is_empty() {
        return refuse("is a multi-region access point, which s3stream does not support");
    }
    let is_label = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !is_label(partition) || !is_label(region) || !is_label(account) || !is_label(name) {
        return refuse("is not 'arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME'");
    }
    Ok(AccessPoint {
        partition: partition.to_owned(),
        region: region.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_host_can_have_go_by_path() {
        for name in ["photos", "a-1", "my.photos", "123", "a--b"] {
            assert_eq!(Bucket::parse(name), Ok(Bucket::Host(name.into())), "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "MyPhotos",
            "my_photos",
            "aa",
            "a..b",
            "-ab",
            "ab-",
            "a.-b",
            "192.168.0.1",
            "tenant:photos",
            &long,
        ] {
            assert_eq!(Bucket::parse(name), Ok(Bucket::Path(name.into())), "{name}");
        }
        let too_long = "a".repeat(256);
        for name in ["", ".", "..", "bucket!", "a/b", "a b", "a\n", "ü", &too_long] {
            assert!(Bucket::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn an_arn_is_an_access_point_or_refused_by_what_it_is() {
        for arn in [
            "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap",
            "arn:aws:s3:us-west-2:123456789012:accesspoint:my-ap",
        ] {
            let Ok(Bucket::AccessPoint(point)) = Bucket::parse(arn) else { panic!("{arn}") };
            assert_eq!(
                (point.label().as_str(), point.region.as_str(), point.partition.as_str()),
                ("my-ap-123456789012", "us-west-2", "aws")
            );
        }
        for (arn, part) in [
            ("arn:aws:s3:::photos", "bucket's ARN"),
            ("arn:aws:s3::123456789012:accesspoint/x.mrap", "multi-region"),
            ("arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/x", "Object Lambda"),
            ("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/x", "Outposts"),
            ("arn:aws:s3express:us-west-2:123456789012:bucket/x", "Express"),
            ("arn:aws:s3:us-west-2:123456789012:job/x", "not the ARN of an access point"),
            ("arn:aws:s3:us-west-2::accesspoint/x", "ACCOUNT"),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/x/object/y", "accesspoint/NAME"),
            ("arn:aws:s3:us-west-2:123456789012:accesspoint/evil.org", "accesspoint/NAME"),
            ("arn:aws:iam::1:role/x", "not an ARN of S3"),
            ("arn:", "not an ARN of S3"),
        ] {
            let error = Bucket::parse(arn).unwrap_err();
            assert!(error.contains(part), "{error} lacks {part}");
        }
    }
}
