//! From what a caller said and what the surroundings say to a valid configuration.

use std::time::Duration;

use super::{Config, Proxy, Settings, Trust};
use crate::error::{Error, Result};
use crate::proto::endpoint::Endpoint;
use crate::proto::retry::Policy;
use crate::proto::service::{AddressingStyle, Service, Wishes};
use crate::providers::{Profile, Provider, Surroundings};

/// Resolves: explicit settings win over the environment, that over profile files.
///
/// # Errors
/// `InvalidInput` that names the setting, variable or profile at fault.
pub(crate) fn resolve(settings: Settings, surroundings: &Surroundings<'_>) -> Result<Config> {
    check_contradictions(&settings)?;
    let profile = Profile::load(settings.profile.as_deref(), surroundings)?;
    let region = first([
        settings.region.clone(),
        surroundings.variable("AWS_REGION"),
        surroundings.variable("AWS_DEFAULT_REGION"),
        profile.value("region"),
    ]);
    let wishes = Wishes {
        endpoint: endpoint(&settings, surroundings, &profile)?,
        region,
        style: addressing_style(&settings, &profile)?,
        ..Wishes::default()
    };
    let service = Service::choose(wishes).map_err(Error::invalid)?;
    let provider = Provider::choose(&settings, surroundings, &profile)?;
    let limits = Limits::from(&settings);
    limits.check()?;
    Ok(Config {
        service,
        provider,
        trust: trust(&settings, surroundings, &profile),
        proxy: settings.proxy.unwrap_or(Proxy::Environment),
        connect_timeout: settings.connect_timeout.unwrap_or(Duration::from_secs(10)),
        stall_timeout: settings.stall_timeout.unwrap_or(Duration::from_secs(60)),
        idle_timeout: settings.idle_timeout.unwrap_or(Duration::from_secs(30)),
        retry: limits.retry,
        memory_limit: limits.memory_limit,
        window: limits.window,
        integrity: settings.integrity.unwrap_or_default(),
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
        Limits {
            retry: Policy {
                max_attempts: settings.max_attempts.unwrap_or(8),
                base_delay: settings.retry_base_delay.unwrap_or(Duration::from_millis(100)),
                max_delay: settings.retry_max_delay.unwrap_or(Duration::from_secs(20)),
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

fn endpoint(
    settings: &Settings,
    surroundings: &Surroundings<'_>,
    profile: &Profile,
) -> Result<Option<Endpoint>> {
    let named = |name: &'static str, url: Option<String>| url.map(|url| (name, url));
    let ignored = surroundings.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        || profile.value("ignore_configured_endpoint_urls").is_some_and(|v| v == "true");
    let configured = || {
        named("AWS_ENDPOINT_URL_S3", surroundings.variable("AWS_ENDPOINT_URL_S3"))
            .or_else(|| named("AWS_ENDPOINT_URL", surroundings.variable("AWS_ENDPOINT_URL")))
            .or_else(|| named("endpoint_url of services", profile.service_value("endpoint_url")))
            .or_else(|| named("endpoint_url of the profile", profile.value("endpoint_url")))
    };
    let url = named("endpoint_url", settings.endpoint_url.clone())
        .or_else(|| if ignored { None } else { configured() });
    url.map(|(name, url)| {
        Endpoint::parse(&url).map_err(|why| Error::invalid(format!("{name}: {why}")))
    })
    .transpose()
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

fn trust(settings: &Settings, surroundings: &Surroundings<'_>, profile: &Profile) -> Trust {
    if settings.verify == Some(false) {
        return Trust::Anything;
    }
    let bundle = settings.ca_bundle.clone().or_else(|| {
        first([surroundings.variable("AWS_CA_BUNDLE"), profile.value("ca_bundle")]).map(Into::into)
    });
    bundle.map_or(Trust::System, Trust::Bundle)
}

fn first<const N: usize>(candidates: [Option<String>; N]) -> Option<String> {
    candidates.into_iter().flatten().next()
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
