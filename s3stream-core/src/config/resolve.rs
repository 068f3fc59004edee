//! From what a caller said and what the surroundings say to a valid configuration.

use std::time::Duration;

use super::identity::known_sts;
use super::profile::{Asked, Need};
use super::{Config, Identity, Profile, Proxies, Setting, Settings, Surroundings, Trust};
use crate::error::{Error, Result};
use crate::proto::endpoint::Endpoint;
use crate::proto::retry::Policy;
use crate::proto::service::{AddressingStyle, ArnRegion, Service, Variant, Wishes};

/// Resolves: explicit settings win over the environment, that over profile files.
///
/// # Errors
/// `InvalidInput` that names the setting, variable or profile at fault.
pub(crate) fn resolve(settings: Settings, surroundings: &Surroundings<'_>) -> Result<Config> {
    check_contradictions(&settings)?;
    let limits = Limits::from(&settings);
    limits.check()?;
    let identity = Identity::given(&settings, surroundings)?;
    let endpoint = explicit_endpoint(&settings, surroundings)?;
    let need = match (&identity, &endpoint) {
        (None, _) => Need::All,
        (Some(_), Given::Nowhere) => Need::Endpoint,
        (Some(_), Given::At(_) | Given::Aws) => Need::Rest,
    };
    let asked = Asked::of(settings.profile.as_deref(), surroundings)?;
    let profile = Profile::load(&asked, need, surroundings)?;
    let service = service(&settings, endpoint, surroundings, &profile)?;
    if settings.sse_customer_key.is_some() && !service.endpoint().is_encrypted() {
        return Err(Error::invalid("sse_customer_key needs an endpoint_url with https"));
    }
    let identity = match identity {
        Some(identity) => identity,
        None => Identity::of_profile(&profile, &settings, surroundings)?,
    };
    let is_aws = service.is_aws();
    Ok(Config {
        sts: known_sts(&profile, &settings, surroundings, is_aws)?,
        trust: trust(&settings, surroundings, &profile)?,
        proxies: Proxies::choose(settings.proxy, &service.endpoint().origin, surroundings)?,
        service,
        identity,
        connect_timeout: settings.connect_timeout.unwrap_or(Duration::from_secs(10)),
        stall_timeout: settings.stall_timeout.unwrap_or(Duration::from_secs(60)),
        idle_timeout: settings.idle_timeout.unwrap_or(Duration::from_secs(30)),
        retry: limits.retry,
        memory_limit: limits.memory_limit,
        window: limits.window,
        integrity: settings.integrity.unwrap_or_default(),
        read_twice: settings.read_twice.unwrap_or(true),
        own_digest: settings.own_digest.unwrap_or(true),
        require_proof: settings.require_proof.unwrap_or_default(),
        request_payer: settings.request_payer,
        customer_key: settings.sse_customer_key,
        user_agent: settings
            .user_agent
            .unwrap_or_else(|| concat!("s3stream/", env!("CARGO_PKG_VERSION")).to_owned()),
    })
}

/// Numbers that must fit each other.
struct Limits {
    retry: Policy,
    memory_limit: u64,
    window: u64,
    is_window_set: bool,
}

impl From<&Settings> for Limits {
    fn from(settings: &Settings) -> Self {
        let memory_limit = settings.memory_limit.unwrap_or(64 << 20);
        let base_delay = settings.retry_base_delay.unwrap_or(Duration::from_millis(100));
        let max_delay = settings.retry_max_delay;
        Limits {
            retry: Policy {
                max_attempts: settings.max_attempts.unwrap_or(8),
                base_delay,
                max_delay: max_delay.unwrap_or_else(|| base_delay.max(Duration::from_secs(10))),
                retry_for: settings.retry_for.unwrap_or(Duration::from_secs(600)),
            },
            memory_limit,
            window: settings.window.unwrap_or_else(|| memory_limit.min(8 << 20)),
            is_window_set: settings.window.is_some(),
        }
    }
}

impl Limits {
    fn check(&self) -> Result<()> {
        if self.retry.base_delay > self.retry.max_delay {
            return Err(Error::invalid("retry_base_delay is longer than retry_max_delay"));
        }
        if self.is_window_set && self.window > self.memory_limit {
            return Err(Error::invalid("window is larger than memory_limit"));
        }
        Ok(())
    }
}

fn check_contradictions(settings: &Settings) -> Result<()> {
    let has_keys = settings.access_key_id.is_some() || settings.secret_access_key.is_some();
    let anonymous = settings.anonymous == Some(true);
    let contradictions = [
        (
            anonymous && (has_keys || settings.session_token.is_some()),
            "anonymous contradicts access_key_id, secret_access_key and session_token: leave one out",
        ),
        (anonymous && settings.profile.is_some(), "anonymous contradicts profile: leave one out"),
        (
            settings.access_key_id.is_some() && settings.secret_access_key.is_none(),
            "access_key_id is set but secret_access_key is not",
        ),
        (
            settings.secret_access_key.is_some() && settings.access_key_id.is_none(),
            "secret_access_key is set but access_key_id is not",
        ),
        (
            settings.session_token.is_some() && !has_keys,
            "session_token is set but access_key_id and secret_access_key are not",
        ),
        (
            settings.verify == Some(false) && settings.ca_bundle.is_some(),
            "verify=false contradicts ca_bundle: leave one out",
        ),
    ];
    match contradictions.into_iter().find(|(holds, _)| *holds) {
        Some((_, message)) => Err(Error::invalid(message)),
        None => Ok(()),
    }
}

/// What setting and environment say of the endpoint.
enum Given {
    At(Endpoint),
    /// AWS itself: what files and variables name is to be ignored.
    Aws,
    Nowhere,
}

fn explicit_endpoint(settings: &Settings, surroundings: &Surroundings<'_>) -> Result<Given> {
    if let Some(endpoint) = &settings.endpoint_url {
        return Ok(Given::At(endpoint.clone()));
    }
    if surroundings.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? == Some(true) {
        return Ok(Given::Aws);
    }
    match surroundings.first(Setting::named("endpoint_url").variables)? {
        Some((name, url)) => parsed(name, &url).map(Given::At),
        None => Ok(Given::Nowhere),
    }
}

fn parsed(name: &str, url: &str) -> Result<Endpoint> {
    Endpoint::parse(url).map_err(|why| Error::invalid(format!("{name}: {why}")))
}

/// The service that is meant by all of them together.
fn service(
    settings: &Settings,
    endpoint: Given,
    surroundings: &Surroundings<'_>,
    profile: &Profile,
) -> Result<Service> {
    let endpoint = match endpoint {
        Given::At(endpoint) => Some(endpoint),
        Given::Aws => None,
        Given::Nowhere if profile.flag("ignore_configured_endpoint_urls")? == Some(true) => None,
        Given::Nowhere => match profile.endpoint_url()? {
            Some((name, url)) => Some(parsed(name, &url)?),
            None => None,
        },
    };
    let region = match &settings.region {
        Some(region) => Some(region.clone()),
        None => said("region", surroundings, profile)?,
    };
    let wishes = Wishes {
        endpoint,
        region,
        style: addressing_style(settings, profile)?,
        variant: variant(settings, surroundings, profile)?,
        arn_region: arn_region(surroundings, profile)?,
    };
    Service::choose(wishes).map_err(Error::invalid)
}

/// What the variables and then the profile say where a caller does not, as the table has them.
fn said(name: &str, surroundings: &Surroundings<'_>, profile: &Profile) -> Result<Option<String>> {
    let setting = Setting::named(name);
    let of_profile = || setting.profile_keys.iter().find_map(|key| profile.value(key));
    let said = surroundings.first(setting.variables)?.map(|(_, text)| text);
    Ok(said.or_else(of_profile))
}

/// The same of what is `true` or `false`.
fn flag(name: &str, surroundings: &Surroundings<'_>, profile: &Profile) -> Result<bool> {
    let setting = Setting::named(name);
    for variable in setting.variables {
        if let Some(said) = surroundings.flag(variable)? {
            return Ok(said);
        }
    }
    for key in setting.profile_keys {
        if let Some(said) = profile.flag(key)? {
            return Ok(said);
        }
    }
    Ok(false)
}

fn variant(
    settings: &Settings,
    surroundings: &Surroundings<'_>,
    profile: &Profile,
) -> Result<Variant> {
    let flag =
        |setting: Option<bool>, name| setting.map_or_else(|| flag(name, surroundings, profile), Ok);
    Ok(Variant {
        fips: flag(settings.use_fips_endpoint, "use_fips_endpoint")?,
        dual_stack: flag(settings.use_dualstack_endpoint, "use_dualstack_endpoint")?,
        accelerate: flag(settings.use_accelerate_endpoint, "use_accelerate_endpoint")?,
    })
}

fn arn_region(surroundings: &Surroundings<'_>, profile: &Profile) -> Result<ArnRegion> {
    let mut said = surroundings.flag("AWS_S3_USE_ARN_REGION")?;
    for key in ["s3_use_arn_region", "s3.use_arn_region"] {
        if said.is_none() {
            said = profile.flag(key)?;
        }
    }
    Ok(if said == Some(false) { ArnRegion::Refuse } else { ArnRegion::Follow })
}

fn addressing_style(settings: &Settings, profile: &Profile) -> Result<AddressingStyle> {
    if let Some(style) = settings.addressing_style {
        return Ok(style);
    }
    match profile.s3_value("addressing_style") {
        None => Ok(AddressingStyle::Auto),
        Some(text) => text
            .parse()
            .map_err(|why| Error::invalid(format!("s3 addressing_style of the profile: {why}"))),
    }
}

fn trust(settings: &Settings, surroundings: &Surroundings<'_>, profile: &Profile) -> Result<Trust> {
    if settings.verify == Some(false) {
        return Ok(Trust::Anything);
    }
    if let Some(bundle) = &settings.ca_bundle {
        return Ok(Trust::Bundle(bundle.clone()));
    }
    let bundle = said("ca_bundle", surroundings, profile)?;
    Ok(bundle.map_or(Trust::System, |bundle| Trust::Bundle(bundle.into())))
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
