//! TLS: the system's roots or a CA bundle, or no verification where that was asked for.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore,
    SignatureScheme,
};

use super::{Cause, unusable};
use crate::config::{Config, Trust};
use crate::error::Result;
use crate::proto::endpoint::Scheme;

/// The TLS configuration of a client; `None` if it encrypts nothing and the system's roots,
/// which may not be there, need not be read.
pub(super) fn client_config(config: &Config) -> Result<Option<Arc<ClientConfig>>> {
    let is_plain = config.service.endpoint().origin.scheme == Scheme::Http;
    if is_plain && config.trust == Trust::System {
        return Ok(None);
    }
    any_client_config(config).map(Some)
}

/// The same whatever the endpoint is: for other services.
pub(super) fn any_client_config(config: &Config) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("TLS", error))?;
    let mut tls = match &config.trust {
        Trust::System => builder.with_root_certificates(system_roots()?).with_no_client_auth(),
        Trust::Bundle(path) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Bundled::read(path, provider)?))
            .with_no_client_auth(),
        Trust::Anything => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Unverified(provider)))
            .with_no_client_auth(),
    };
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// What a failed handshake means, and in words where the library's are for programmers.
pub(super) fn failure(error: &rustls::Error) -> (Cause, Option<&'static str>) {
    use AlertDescription::{
        CertificateRequired, HandshakeFailure, InsufficientSecurity, ProtocolVersion,
    };
    const NOTHING_IN_COMMON: &str = "the server and this client have no version, cipher or kind \
        of key in common";
    match error {
        rustls::Error::InvalidCertificate(_) => (Cause::Certificate, None),
        rustls::Error::AlertReceived(HandshakeFailure | InsufficientSecurity | ProtocolVersion)
        | rustls::Error::PeerIncompatible(_) => (Cause::Handshake, Some(NOTHING_IN_COMMON)),
        rustls::Error::AlertReceived(CertificateRequired) => {
            (Cause::Handshake, Some("the server wants a client certificate, and there is none"))
        }
        _ => (Cause::NotHttp, None),
    }
}

fn system_roots() -> Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(unusable(
            "ca_bundle",
            "this system has no trusted root certificates: install ca-certificates or name a bundle",
        ));
    }
    Ok(roots)
}

/// Believes the authorities of a file, and the very certificates in it.
///
/// `openssl req -x509` makes certificates that are authorities by their own word. As a
/// server's they are refused by WebPKI's rules, also where an operator named just this one;
/// curl and Python's ssl take it.
#[derive(Debug)]
struct Bundled {
    authorities: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

impl Bundled {
    fn read(path: &Path, provider: Arc<CryptoProvider>) -> Result<Self> {
        let wrong = |why: String| unusable("ca_bundle", format!("{}: {why}", path.display()));
        let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        let mut certificates = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.map_err(|error| wrong(format!("not PEM: {error:?}")))?;
            roots.add(certificate.clone()).map_err(|error| wrong(error.to_string()))?;
            certificates.push(certificate);
        }
        if roots.is_empty() {
            return Err(wrong("holds no PEM certificate".to_owned()));
        }
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Bundled { authorities, certificates })
    }
}

impl ServerCertVerifier for Bundled {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.authorities.verify_server_cert(
            certificate,
            intermediates,
            name,
            ocsp_response,
            now,
        );
        match verified {
            // That it is an authority; that it has expired is another error, and comes first.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))
                if self.certificates.iter().any(|named| named == certificate) =>
            {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}

/// Believes any certificate: `verify = false`.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
