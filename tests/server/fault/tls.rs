//! Certificates, right and wrong, made anew for each server.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// How a server that is reached by `https` proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A certificate for 127.0.0.1 from the authority that the client is given.
    Trusted,
    /// A certificate from another authority than the client is given.
    Untrusted,
    /// A certificate that ran out.
    Expired,
    /// A certificate for another host.
    WrongHost,
    /// A good certificate; a FIN comes without the `close_notify` before it,
    /// as when somebody cuts the connection on its way.
    Truncate,
    /// No TLS at all: the port speaks HTTP.
    Plaintext,
}

impl Tls {
    /// Every kind with its name in a transcript.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("trusted", Self::Trusted),
        ("untrusted", Self::Untrusted),
        ("expired", Self::Expired),
        ("wrong-host", Self::WrongHost),
        ("truncate", Self::Truncate),
        ("plaintext", Self::Plaintext),
    ];
}

/// What a server needs to speak TLS, and what its client needs to trust it.
pub(crate) struct Identity {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) ca_pem: String,
}

/// Makes a certificate authority and a certificate as `tls` says.
pub(crate) fn identity(tls: Tls) -> Result<Identity, Box<dyn std::error::Error + Send + Sync>> {
    let (trusted, ca_pem) = authority("s3stream test authority")?;
    let issuer = match tls {
        Tls::Untrusted => authority("somebody else")?.0,
        _ => trusted,
    };
    let host = match tls {
        Tls::WrongHost => "other.example",
        _ => "127.0.0.1",
    };
    let mut params = CertificateParams::new(vec![host.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, host);
    if tls == Tls::Expired {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok(Identity { config: Arc::new(config), ca_pem })
}

fn authority(name: &str) -> Result<(Issuer<'static, KeyPair>, String), rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}
