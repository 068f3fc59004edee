//! Which service a client talks to, and what follows from that: how buckets are addressed,
//! for which region requests are signed, and where a reply may send them.
//!
//! A [`Service`] is chosen once, as the client is built. It answers with a [`Place`] for each
//! bucket; a reply that names another region or host is a [`Hint`], which leads to another
//! place or nowhere. Credentials go to places only, so that all that keeps them where they
//! belong stands here:
//!
//! - an endpoint that somebody wrote is never left. What replies may change is the region that
//!   is signed for, and whether the bucket stands in the path or before the same host;
//! - an endpoint that follows from a region is left for the same endpoint of another region of
//!   the same partition, by its name as we build it, never by a name out of a reply.

mod aws;
mod bucket;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

use self::aws::{Host, Partition, Sort};
pub(crate) use self::aws::{Variant, sso_portal_url, sts_url};
use self::bucket::AccessPoint;
pub(crate) use self::bucket::Bucket;
use super::encode;
use super::endpoint::{Endpoint, Located, Origin, Scheme};

/// How a bucket is named in a request: in the path, or in the host name.
///
/// See "Virtual hosting of general purpose buckets" in the Amazon S3 user guide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressingStyle {
    /// Virtual-hosted for AWS itself, path for every other endpoint and for buckets whose name
    /// no host can have.
    #[default]
    Auto,
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`, but for buckets whose name no host can have.
    Virtual,
}

impl std::str::FromStr for AddressingStyle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(AddressingStyle::Auto),
            "path" => Ok(AddressingStyle::Path),
            "virtual" => Ok(AddressingStyle::Virtual),
            _ => Err(format!("'{text}' is not one of auto, path, virtual")),
        }
    }
}

/// Whether an access point of another region than the client's is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ArnRegion {
    /// In the region that its ARN names, as boto3 does.
    #[default]
    Follow,
    /// Not at all.
    Refuse,
}

/// What a client was told about its service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// AWS itself unless set.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) region: Option<String>,
    pub(crate) style: AddressingStyle,
    pub(crate) variant: Variant,
    pub(crate) arn_region: ArnRegion,
}

/// One service, chosen.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Where calls without a bucket go, and buckets by path.
    endpoint: Endpoint,
    region: String,
    style: AddressingStyle,
    arn_region: ArnRegion,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// AWS, by its region: the endpoint of another region is built in the same way.
    Derived(Variant),
    /// AWS, by a host that somebody wrote.
    Written(Host),
    /// Anybody's server.
    Plain,
}

/// Where the requests for one bucket go, and for which region they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) origin: Origin,
    /// Before the key, encoded: empty where the host names the bucket.
    path: String,
    pub(crate) region: String,
}

/// What a reply says about where a request belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint<'a> {
    /// The bucket is in this region.
    Region(&'a str),
    /// Another host, with or without a port, and the encoded path there where it was told.
    Host { host: &'a str, path: Option<&'a str> },
    /// The bucket must stand before the host: Alibaba's, Tencent's and Volcengine's servers.
    VirtualHost,
}

impl Place {
    /// The origin and the encoded path of a call on a key, or on the bucket itself.
    pub(crate) fn locate(&self, key: Option<&str>) -> Located {
        let path = match key {
            Some(key) => format!("{}/{}", self.path, encode::path(key)),
            None if self.path.is_empty() => "/".to_owned(),
            None => self.path.clone(),
        };
        Located { origin: self.origin.clone(), path }
    }

    /// Whether a path, however it is encoded, is the one that a call on a key has here.
    fn is_at(&self, key: Option<&str>, path: &str) -> bool {
        let decoded = |path: &str| encode::decode_listed(&path.replace('+', "%2B"));
        let path = if path.is_empty() { "/" } else { path };
        decoded(path).is_some_and(|path| decoded(&self.locate(key).path) == Some(path))
    }
}

impl Service {
    /// Chooses; the error is one line that names the setting at fault.
    pub(crate) fn choose(wishes: Wishes) -> Result<Self, String> {
        let Wishes { endpoint, region, style, mut variant, arn_region } = wishes;
        let host = endpoint.as_ref().and_then(|endpoint| Host::parse(&endpoint.origin.host));
        let of_host = host.as_ref().and_then(|host| host.region.clone());
        let region = region.or(of_host).unwrap_or_else(|| "us-east-1".to_owned());
        let region = real_region(region, endpoint.is_none() || host.is_some(), &mut variant);
        let (endpoint, kind) = match (endpoint, host) {
            (None, _) => {
                check_region(&region, is_label)?;
                (derived(&region, variant)?, Kind::Derived(variant))
            }
            (Some(endpoint), host) => {
                check_region(&region, is_region)?;
                let has = host.as_ref().map(|host| host.variant).unwrap_or_default();
                check_variant(variant, has)?;
                (endpoint, host.map_or(Kind::Plain, Kind::Written))
            }
        };
        if style == AddressingStyle::Virtual && endpoint.is_address() {
            return Err("addressing_style=virtual needs an endpoint_url with a host name, not an \
                        address"
                .to_owned());
        }
        let accelerates = matches!(kind, Kind::Derived(Variant { accelerate: true, .. }));
        if style == AddressingStyle::Path && accelerates {
            return Err("use_accelerate_endpoint contradicts addressing_style=path: leave one out"
                .to_owned());
        }
        Ok(Service { endpoint, region, style, arn_region, kind })
    }

    /// Where calls without a bucket go.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Where a bucket's requests go at first, or those without a bucket; the error says why
    /// there is no such place.
    pub(crate) fn place(&self, bucket: Option<&str>) -> Result<Place, String> {
        let Some(name) = bucket else { return self.without_bucket() };
        let bucket = Bucket::parse(name)?;
        if let (Kind::Derived(_) | Kind::Written(_), Some(why)) =
            (&self.kind, bucket.refused_by_aws())
        {
            return Err(why);
        }
        match (bucket, &self.kind) {
            (Bucket::AccessPoint(point), kind) => self.at_access_point(&point, kind),
            (bucket, Kind::Derived(variant)) if variant.accelerate => {
                self.accelerated(&bucket, *variant)
            }
            (bucket, Kind::Written(host)) => self.at_written(&bucket, host),
            (bucket, _) => Ok(self.of_bucket(&self.endpoint, &bucket)),
        }
    }

    /// Where a reply leads; `None` if it is nowhere that credentials may go, or nothing new.
    pub(crate) fn follow(
        &self,
        (bucket, key): (Option<&str>, Option<&str>),
        from: &Place,
        hint: Hint<'_>,
    ) -> Option<Place> {
        let place = match hint {
            Hint::Region(region) => self.in_region(bucket, from, region),
            Hint::Host { host, path } => {
                let told = |place: &Place| path.map(|path| place.is_at(key, path));
                self.at_host(bucket, from, host, &told)
            }
            Hint::VirtualHost => match (&self.kind, self.style) {
                (Kind::Plain, AddressingStyle::Auto) => self.before_host(bucket?, from),
                _ => None,
            },
        }?;
        (place != *from).then_some(place)
    }

    /// Whether the endpoint's URL seems to name the bucket already: as the last segment of its
    /// path, or before its host.
    pub(crate) fn names(&self, bucket: &str) -> bool {
        let path = self.endpoint.base_path().rsplit('/').next().unwrap_or_default();
        let host = &self.endpoint.origin.host;
        matches!(self.kind, Kind::Plain)
            && (path == bucket || host.split_once('.').is_some_and(|(label, _)| label == bucket))
    }

    fn without_bucket(&self) -> Result<Place, String> {
        if let Kind::Written(Host { bucket: Some(bucket), .. }) = &self.kind {
            return Err(format!("endpoint_url names the bucket '{bucket}': leave it out"));
        }
        Ok(self.at(self.endpoint.origin.clone(), self.endpoint.base_path().to_owned()))
    }

    fn at(&self, origin: Origin, path: String) -> Place {
        Place { origin, path, region: self.region.clone() }
    }

    /// By path or before the host, as style and name have it.
    fn of_bucket(&self, endpoint: &Endpoint, bucket: &Bucket) -> Place {
        let is_private =
            matches!(&self.kind, Kind::Written(host) if host.sort == Sort::PrivateBuckets);
        let is_virtual = match self.style {
            AddressingStyle::Path => false,
            AddressingStyle::Virtual => true,
            AddressingStyle::Auto => !is_private && !matches!(self.kind, Kind::Plain),
        };
        match bucket {
            Bucket::Host(name) if is_virtual && self.covers(name) => {
                self.virtual_host(endpoint, name)
            }
            Bucket::Host(name) | Bucket::Path(name) => {
                let path = format!("{}/{}", endpoint.base_path(), encode::path(name));
                self.at(endpoint.origin.clone(), path)
            }
            Bucket::AccessPoint(_) => unreachable!("an access point is no bucket of an endpoint"),
        }
    }

    /// A certificate for *.s3.example.org does not cover a bucket with a dot.
    fn covers(&self, name: &str) -> bool {
        self.endpoint.origin.scheme == Scheme::Http || !name.contains('.')
    }

    fn virtual_host(&self, endpoint: &Endpoint, label: &str) -> Place {
        let mut origin = endpoint.origin.clone();
        origin.host = format!("{label}.{}", origin.host);
        self.at(origin, endpoint.base_path().to_owned())
    }

    fn accelerated(&self, bucket: &Bucket, variant: Variant) -> Result<Place, String> {
        match bucket {
            Bucket::Host(name) if !name.contains('.') => {
                let host = format!("{name}.{}", aws::accelerated(&self.region, variant));
                Ok(self.at(https(host), String::new()))
            }
            _ => Err("use_accelerate_endpoint needs a bucket whose name a host can have, without \
                      dots"
                .to_owned()),
        }
    }

    fn at_written(&self, bucket: &Bucket, host: &Host) -> Result<Place, String> {
        let (Bucket::Host(name) | Bucket::Path(name)) = bucket else {
            unreachable!("access points are told apart before");
        };
        match (host.sort, &host.bucket) {
            (Sort::AccessPoints | Sort::PrivateAccessPoints, _) => Err(
                "endpoint_url is one of access points: leave it out, or give an access point's \
                 ARN as the bucket"
                    .to_owned(),
            ),
            (_, Some(named)) if named == name => {
                Ok(self.at(self.endpoint.origin.clone(), self.endpoint.base_path().to_owned()))
            }
            (_, Some(named)) => Err(format!(
                "endpoint_url names the bucket '{named}', which is not '{name}': leave it out"
            )),
            (Sort::Accelerated, None)
                if !matches!(bucket, Bucket::Host(_)) || name.contains('.') =>
            {
                Err("Transfer Acceleration needs a bucket whose name a host can have, without dots"
                    .to_owned())
            }
            (Sort::Accelerated, None) => Ok(self.virtual_host(&self.endpoint, name)),
            (Sort::Buckets | Sort::PrivateBuckets, None) => {
                Ok(self.of_bucket(&self.endpoint, bucket))
            }
        }
    }

    fn at_access_point(&self, point: &AccessPoint, kind: &Kind) -> Result<Place, String> {
        let partition = Partition::of(&point.region);
        if partition.id != point.partition {
            return Err(format!(
                "its region '{}' is not of the partition '{}'",
                point.region, point.partition
            ));
        }
        if self.arn_region == ArnRegion::Refuse && point.region != self.region {
            return Err(format!(
                "the access point is in '{}', and s3_use_arn_region=false keeps to '{}'",
                point.region, self.region
            ));
        }
        let mut place = match kind {
            Kind::Derived(_) if self.style == AddressingStyle::Path => {
                return Err("an access point cannot be addressed by path: leave \
                            addressing_style=path out"
                    .to_owned());
            }
            Kind::Derived(Variant { accelerate: true, .. }) => {
                return Err("an access point has no Transfer Acceleration: leave \
                            use_accelerate_endpoint out"
                    .to_owned());
            }
            Kind::Derived(_) if partition != Partition::of(&self.region) => {
                return Err(format!(
                    "the access point is of the partition '{}', the region '{}' is not",
                    point.partition, self.region
                ));
            }
            Kind::Derived(variant) => {
                self.at(https(aws::access_point(point, *variant)), String::new())
            }
            Kind::Written(host)
                if matches!(host.sort, Sort::AccessPoints | Sort::PrivateAccessPoints)
                    && host.bucket.as_ref().is_none_or(|bucket| *bucket == point.label()) =>
            {
                if host.region.as_ref() != Some(&point.region) {
                    return Err(format!("endpoint_url is not of the region '{}'", point.region));
                }
                match host.bucket {
                    Some(_) => self.at(self.endpoint.origin.clone(), String::new()),
                    None => self.virtual_host(&self.endpoint, &point.label()),
                }
            }
            _ => {
                return Err("an access point is reached at an endpoint of its own: leave \
                            endpoint_url out"
                    .to_owned());
            }
        };
        place.region.clone_from(&point.region);
        Ok(place)
    }

    /// The same bucket, signed for another region, and at that region's endpoint where the
    /// endpoint is ours to choose.
    fn in_region(&self, bucket: Option<&str>, from: &Place, region: &str) -> Option<Place> {
        let Kind::Derived(variant) = self.kind else {
            return is_region(region).then(|| Place { region: region.to_owned(), ..from.clone() });
        };
        // Accounts, and so credentials, belong to one partition.
        let partition = Partition::of_known(region)?;
        if partition != Partition::of(&self.region) {
            return None;
        }
        let there = Service {
            endpoint: derived(region, variant).ok()?,
            region: region.to_owned(),
            ..self.clone()
        };
        there.place(bucket).ok()
    }

    fn at_host(
        &self,
        bucket: Option<&str>,
        from: &Place,
        host: &str,
        told: &dyn Fn(&Place) -> Option<bool>,
    ) -> Option<Place> {
        let (host, port) = super::endpoint::split_port(host)?;
        let host = host.to_ascii_lowercase();
        match &self.kind {
            Kind::Derived(_) => {
                let named = Host::parse(&host)?;
                let is_ours = named.sort == Sort::Buckets
                    && named.partition == Partition::of(&self.region)
                    && (named.bucket.is_none() || named.bucket.as_deref() == bucket);
                self.in_region(bucket, from, named.region.as_deref().filter(|_| is_ours)?)
            }
            Kind::Written(_) => None,
            Kind::Plain => {
                let own = &self.endpoint.origin;
                // Another port of the same host may be anybody's service.
                if port.is_some_and(|port| port != own.port) || self.endpoint.is_address() {
                    return None;
                }
                let sub = host.strip_suffix(&own.host)?.strip_suffix('.')?;
                if bucket == Some(sub) {
                    let place = self.before_host(sub, from)?;
                    return (told(&place) != Some(false)).then_some(place);
                }
                // A node of the server: only where it names the very path that was sent. By its
                // host alone it might be another bucket.
                let origin = Origin { host, ..own.clone() };
                let place = Place { origin, ..from.clone() };
                (!from.path.is_empty() && told(&place) == Some(true)).then_some(place)
            }
        }
    }

    /// The bucket before the host of this endpoint, signed as from `from`.
    fn before_host(&self, bucket: &str, from: &Place) -> Option<Place> {
        let Ok(Bucket::Host(name)) = Bucket::parse(bucket) else { return None };
        if self.endpoint.is_address() || !self.covers(&name) {
            return None;
        }
        let place = self.virtual_host(&self.endpoint, &name);
        Some(Place { region: from.region.clone(), ..place })
    }
}

impl Service {
    /// Whether it is AWS's S3, by a region or by a host of AWS's.
    pub(crate) fn is_aws(&self) -> bool {
        !matches!(self.kind, Kind::Plain)
    }
}

impl std::fmt::Display for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.endpoint.fmt(f)
    }
}

fn derived(region: &str, variant: Variant) -> Result<Endpoint, String> {
    let partition = Partition::of(region);
    if partition.id == "aws-cn" && variant.fips {
        return Err("use_fips_endpoint: the regions of China have no FIPS endpoints".to_owned());
    }
    if partition.id == "aws-cn" && variant.accelerate {
        return Err("use_accelerate_endpoint: the regions of China have no Transfer Acceleration"
            .to_owned());
    }
    if variant.fips && variant.accelerate {
        return Err(
            "use_fips_endpoint contradicts use_accelerate_endpoint: leave one out".to_owned()
        );
    }
    Ok(Endpoint::of(https(aws::regional(region, variant))))
}

fn https(host: String) -> Origin {
    Origin { scheme: Scheme::Https, host, port: 443 }
}

/// The region that a pseudo-region stands for.
fn real_region(region: String, is_aws: bool, variant: &mut Variant) -> String {
    match aws::pseudo_region(&region) {
        Some((real, true)) if is_aws => {
            variant.fips = true;
            real_region(real.to_owned(), is_aws, variant)
        }
        Some((real, false)) => real.to_owned(),
        _ => region,
    }
}

/// Whoever wants a variant must not get the ordinary endpoint in silence.
fn check_variant(wanted: Variant, has: Variant) -> Result<(), String> {
    let missing = Variant {
        fips: wanted.fips && !has.fips,
        dual_stack: wanted.dual_stack && !has.dual_stack,
        accelerate: wanted.accelerate && !has.accelerate,
    };
    match missing.names().next() {
        Some(name) => Err(format!(
            "{name} contradicts endpoint_url, which is not such an endpoint: leave one out"
        )),
        None => Ok(()),
    }
}

fn check_region(region: &str, is_right: fn(&str) -> bool) -> Result<(), String> {
    if is_right(region) {
        return Ok(());
    }
    Err(format!("region: '{}' is not a region's name, such as eu-west-1", region.escape_debug()))
}

/// Whether a text can be signed for as a region: other servers have `garage` or `de_1`.
fn is_region(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Whether a region can stand in a host name.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}
