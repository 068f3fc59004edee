//! The endpoints of AWS, a row a case: `endpoints.table`.

use super::*;

/// The settings of a word of the table.
fn variant(word: &str) -> Variant {
    let has = |part| word.split('+').any(|word| word == part);
    Variant {
        fips: has("fips") || word == "both",
        dual_stack: has("dual") || word == "both",
        accelerate: has("accelerate"),
    }
}

/// The URL of the bucket, or `! ` and why there is none.
fn addressed(region: &str, variant: Variant, bucket: Option<&str>) -> String {
    let wishes = Wishes { region: Some(region.to_owned()), variant, ..Wishes::default() };
    let place = Service::choose(wishes).and_then(|service| service.place(bucket));
    match place {
        Err(why) => format!("! {why}"),
        Ok(place) => {
            let Located { origin, path } = place.locate(bucket.map(|_| "k"));
            let path = path.strip_suffix("/k").or_else(|| path.strip_suffix('/')).unwrap_or(&path);
            format!("{}://{}{path}", origin.scheme.name(), origin.authority())
        }
    }
}

#[test]
fn every_region_endpoint_and_kind_of_bucket_is_addressed_as_aws_says() {
    let rows = include_str!("endpoints.table").lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let mut words = row.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("{row}"));
        let (_rule, region, endpoint, bucket) = (word(), word(), word(), word());
        let wanted = words.collect::<Vec<_>>().join(" ");
        let bucket = Some(bucket).filter(|bucket| *bucket != "(none)");
        let found = addressed(region, variant(endpoint), bucket);
        match wanted.strip_prefix("! ") {
            Some(cause) => {
                assert!(found.starts_with("! ") && found.contains(cause), "{row}: {found}");
            }
            None => assert_eq!(found, wanted, "{row}"),
        }
        count += 1;
    }
    assert!(count >= 190, "{count} rows");
}
