//! Where credentials may go: every way off an endpoint that a reply could try.

use super::*;

fn service(url: &str, style: AddressingStyle) -> Service {
    let endpoint = Some(Endpoint::parse(url).unwrap());
    Service::choose(Wishes { endpoint, style, ..Wishes::default() }).unwrap()
}

fn plain(url: &str) -> Service {
    service(url, AddressingStyle::Auto)
}

fn aws(region: &str, variant: Variant) -> Service {
    let region = Some(region.to_owned());
    Service::choose(Wishes { region, variant, ..Wishes::default() }).unwrap()
}

/// What is sent for a key, as a URL.
fn url(place: &Place) -> String {
    let Located { origin, path } = place.locate(Some("k"));
    format!("{}://{}{path}", origin.scheme.name(), origin.authority())
}

fn at(service: &Service, bucket: &str) -> String {
    service.place(Some(bucket)).map_or_else(|why| why, |place| url(&place))
}

/// Where a hint leads a request for the key `k`, as a URL and a region.
fn led(service: &Service, bucket: &str, hint: Hint<'_>) -> Option<(String, String)> {
    let from = service.place(Some(bucket)).unwrap();
    let place = service.follow((Some(bucket), Some("k")), &from, hint)?;
    Some((url(&place), place.region))
}

fn to(host: &str) -> Hint<'_> {
    Hint::Host { host, path: None }
}

const FIPS: Variant = Variant { fips: true, dual_stack: false, accelerate: false };

#[test]
fn a_written_endpoint_is_never_left() {
    for host in [
        "my-ceph.us-east-1.elb.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        "s3.amazonaws.com",
        "s3-fips.us-east-1.amazonaws.com",
        "s3-fips.dualstack.us-east-1.amazonaws.com",
        "s3.dualstack.us-east-1.amazonaws.com",
        "bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
        "photos.s3.us-east-1.amazonaws.com",
        "s3.example.org",
        "127.0.0.1",
    ] {
        let service = plain(&format!("https://{host}"));
        let from = at(&service, "photos");
        let region = led(&service, "photos", Hint::Region("eu-west-1"));
        assert_eq!(
            region,
            Some((from, "eu-west-1".to_owned())),
            "{host}: signed anew, not sent away"
        );
        for elsewhere in [
            "s3.eu-west-1.amazonaws.com",
            "photos.s3-us-west-2.amazonaws.com",
            "photos.s3.us-west-2.amazonaws.com",
            "anybody-1.us-east-1.elb.amazonaws.com",
            "s3.example.org.evil.org",
            "xs3.example.org",
            "s3.example.org:8443",
            "other.s3.example.org",
            "",
        ] {
            assert_eq!(led(&service, "photos", to(elsewhere)), None, "{host} to {elsewhere}");
        }
    }
}

#[test]
fn an_endpoint_of_a_region_is_left_for_the_same_endpoint_of_another() {
    let photos = |host: &str| Some(format!("https://photos.{host}/k"));
    let url = |service: &Service, hint| led(service, "photos", hint).map(|(url, _)| url);
    let us = aws("us-east-1", Variant::default());
    assert_eq!(url(&us, Hint::Region("eu-west-1")), photos("s3.eu-west-1.amazonaws.com"));
    assert_eq!(
        url(&us, to("photos.s3-us-west-2.amazonaws.com")),
        photos("s3.us-west-2.amazonaws.com")
    );
    assert_eq!(url(&us, to("s3.us-west-2.amazonaws.com")), photos("s3.us-west-2.amazonaws.com"));
    let fips = aws("us-east-1", FIPS);
    assert_eq!(url(&fips, Hint::Region("us-west-2")), photos("s3-fips.us-west-2.amazonaws.com"));
    assert_eq!(
        url(&fips, to("photos.s3.us-west-2.amazonaws.com")),
        photos("s3-fips.us-west-2.amazonaws.com")
    );
    for hint in [
        Hint::Region("cn-north-1"),
        Hint::Region("us-gov-west-1"),
        Hint::Region("elb"),
        Hint::Region("evil.org"),
        to("anybody-1.us-east-1.elb.amazonaws.com"),
        to("other.s3.us-west-2.amazonaws.com"),
        to("s3.cn-north-1.amazonaws.com.cn"),
        to("photos.s3-website-us-west-2.amazonaws.com"),
        to("bucket.vpce-1a-2b.s3.us-west-2.vpce.amazonaws.com"),
        to("s3.us-west-2.amazonaws.com.evil.org"),
        to("evil.org"),
    ] {
        assert_eq!(led(&us, "photos", hint), None, "{hint:?}");
    }
}

#[test]
fn a_redirect_to_the_buckets_own_host_addresses_the_same_object() {
    let service = plain("http://s3.example.test");
    assert_eq!(at(&service, "photos"), "http://s3.example.test/photos/k");
    let host = "photos.s3.example.test";
    let there = Some((format!("http://{host}/k"), "us-east-1".to_owned()));
    assert_eq!(led(&service, "photos", to(host)), there);
    assert_eq!(led(&service, "photos", Hint::Host { host, path: Some("/k") }), there);
    assert_eq!(led(&service, "photos", Hint::Host { host, path: Some("/%6b") }), there);
    // That would be the key `photos/k`.
    assert_eq!(led(&service, "photos", Hint::Host { host, path: Some("/photos/k") }), None);
    // Already there: nothing new, and never `photos.photos`.
    let virtual_host = self::service("http://s3.example.test", AddressingStyle::Virtual);
    assert_eq!(led(&virtual_host, "photos", to(host)), None);
    // A node of the server, which may as well be another bucket.
    let node = "node1.s3.example.test";
    assert_eq!(led(&service, "photos", to(node)), None);
    let named = Hint::Host { host: node, path: Some("/photos/k") };
    assert_eq!(led(&service, "photos", named).unwrap().0, "http://node1.s3.example.test/photos/k");
}

#[test]
fn a_bucket_is_never_taken_for_a_label_of_the_endpoint() {
    for (host, bucket, expected) in [
        (
            "bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
            "bucket",
            "https://bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com/bucket/k",
        ),
        (
            "s3-fips.us-east-1.amazonaws.com",
            "s3-fips",
            "https://s3-fips.s3-fips.us-east-1.amazonaws.com/k",
        ),
        (
            "s3.dualstack.us-east-1.amazonaws.com",
            "dualstack",
            "https://dualstack.s3.dualstack.us-east-1.amazonaws.com/k",
        ),
        (
            "my-ceph.us-east-1.elb.amazonaws.com",
            "my-ceph",
            "https://my-ceph.us-east-1.elb.amazonaws.com/my-ceph/k",
        ),
        (
            "photos.s3.us-east-1.amazonaws.com",
            "photos",
            "https://photos.s3.us-east-1.amazonaws.com/k",
        ),
        ("s3.example.org", "s3", "https://s3.example.org/s3/k"),
    ] {
        assert_eq!(at(&plain(&format!("https://{host}")), bucket), expected);
    }
    let named = plain("https://photos.s3.us-east-1.amazonaws.com");
    assert!(at(&named, "other").contains("names the bucket 'photos'"), "{}", at(&named, "other"));
    assert!(named.place(None).unwrap_err().contains("names the bucket 'photos'"));
}

#[test]
fn a_server_that_takes_no_bucket_in_the_path_gets_it_before_its_host() {
    let there = Some(("http://photos.oss.example.test/k".to_owned(), "us-east-1".to_owned()));
    let oss = plain("http://oss.example.test");
    assert_eq!(led(&oss, "photos", Hint::VirtualHost), there);
    assert_eq!(led(&oss, "My_Photos", Hint::VirtualHost), None);
    assert_eq!(led(&plain("http://127.0.0.1"), "photos", Hint::VirtualHost), None);
    let by_path = service("http://oss.example.test", AddressingStyle::Path);
    assert_eq!(led(&by_path, "photos", Hint::VirtualHost), None);
}

#[test]
fn what_cannot_be_chosen_is_refused_by_name() {
    let choose = |url: &str, region: &str, variant, style| {
        let endpoint = (!url.is_empty()).then(|| Endpoint::parse(url).unwrap());
        let region = (!region.is_empty()).then(|| region.to_owned());
        Service::choose(Wishes { endpoint, region, variant, style, ..Wishes::default() })
    };
    let none = Variant::default();
    let dual = Variant { dual_stack: true, ..none };
    let accelerate = Variant { accelerate: true, ..none };
    let auto = AddressingStyle::Auto;
    for (url, region, variant, style, part) in [
        ("", "a b", none, auto, "region: 'a b'"),
        ("", "us-east-2!", none, auto, "region: 'us-east-2!'"),
        ("", "us_east_1", none, auto, "region: 'us_east_1'"),
        ("", "x.evil.org/", none, auto, "region: "),
        ("", "-x", none, auto, "region: '-x'"),
        ("http://h", "a b", none, auto, "region: 'a b'"),
        ("http://h", "a/b", none, auto, "region: 'a/b'"),
        ("http://h", "a\n", none, auto, "region: 'a\\n'"),
        ("http://h", "", FIPS, auto, "use_fips_endpoint"),
        ("http://h", "", dual, auto, "use_dualstack_endpoint"),
        ("https://s3.us-east-1.amazonaws.com", "", FIPS, auto, "use_fips_endpoint"),
        ("https://h", "", accelerate, auto, "use_accelerate_endpoint"),
        ("", "cn-north-1", FIPS, auto, "China"),
        ("", "us-east-1", Variant { fips: true, ..accelerate }, auto, "use_fips_endpoint"),
        ("", "us-east-1", accelerate, AddressingStyle::Path, "addressing_style=path"),
        ("http://127.0.0.1", "", none, AddressingStyle::Virtual, "addressing_style=virtual"),
        ("http://[::1]", "", none, AddressingStyle::Virtual, "addressing_style=virtual"),
    ] {
        let error = choose(url, region, variant, style).unwrap_err();
        assert!(error.contains(part) && !error.contains('\n'), "{error} lacks {part}");
    }
    for (url, region, variant) in [
        ("http://h", "garage", none),
        ("http://h", "de_1.a", none),
        ("https://s3-fips.us-east-1.amazonaws.com", "", FIPS),
        ("https://s3.dualstack.us-east-1.amazonaws.com", "", dual),
    ] {
        choose(url, region, variant, auto).unwrap();
    }
}

#[test]
fn names_that_aws_keeps_for_itself_are_refused_there_and_nowhere_else() {
    let us = aws("us-east-1", Variant::default());
    for (bucket, part) in [
        ("photos--use1-az4--x-s3", "directory bucket"),
        ("ap--use1-az4--xa-s3", "access point of a directory bucket"),
        ("x--ol-s3", "Object Lambda"),
        ("x--op-s3", "Outposts"),
        ("x--table-s3", "Tables"),
        ("mfzwi23gnjvgw.mrap", "multi-region"),
        ("tenant:photos", "no bucket of AWS"),
    ] {
        let error = us.place(Some(bucket)).unwrap_err();
        assert!(error.contains(part), "{error}");
        assert!(plain("http://h").place(Some(bucket)).is_ok(), "{bucket} may be anybody's");
    }
}

#[test]
fn an_access_point_is_read_in_its_own_region_or_not_at_all() {
    let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/ap";
    let us = aws("us-east-1", Variant::default());
    let place = us.place(Some(arn)).unwrap();
    assert_eq!(url(&place), "https://ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k");
    assert_eq!(place.region, "us-west-2");
    assert_eq!(us.follow((Some(arn), None), &place, Hint::Region("eu-west-1")), None);
    let at_host = |host: &str| at(&plain(&format!("https://{host}")), arn);
    let private = "accesspoint.vpce-1a2b-3c.s3.us-west-2.vpce.amazonaws.com";
    assert_eq!(at_host(private), format!("https://ap-123456789012.{private}/k"));
    for host in ["s3.us-west-2.amazonaws.com", "127.0.0.1", "s3.example.org"] {
        assert!(at_host(host).contains("leave endpoint_url out"), "{host}");
    }
    let keeps = Service::choose(Wishes { arn_region: ArnRegion::Refuse, ..Wishes::default() });
    assert!(at(&keeps.unwrap(), arn).contains("s3_use_arn_region"));
    assert!(at(&aws("cn-north-1", Variant::default()), arn).contains("partition"));
    assert!(at(&us, &arn.replace("us-west-2", "cn-north-1")).contains("partition"));
}

#[test]
fn pseudo_regions_are_taken_for_what_they_stand_for() {
    for (region, host) in [
        ("aws-global", "s3.us-east-1.amazonaws.com"),
        ("s3-external-1", "s3.us-east-1.amazonaws.com"),
        ("fips-us-west-2", "s3-fips.us-west-2.amazonaws.com"),
        ("us-gov-west-1-fips", "s3-fips.us-gov-west-1.amazonaws.com"),
        ("fips-aws-global", "s3-fips.us-east-1.amazonaws.com"),
    ] {
        let service = aws(region, Variant::default());
        assert_eq!(service.endpoint().origin.host, host, "{region}");
    }
    // Whoever writes the endpoint need not write the region too.
    assert_eq!(plain("https://s3.eu-west-1.amazonaws.com").region, "eu-west-1");
}

#[test]
fn an_endpoint_that_seems_to_name_the_bucket_is_noticed() {
    assert!(plain("https://host.example/photos").names("photos"));
    assert!(plain("https://photos.host.example").names("photos"));
    for url in ["https://host.example", "https://host.example/other", "https://photos"] {
        assert!(!plain(url).names("photos"), "{url}");
    }
}
