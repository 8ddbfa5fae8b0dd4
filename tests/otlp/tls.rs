//! A collector behind TLS, which wants to know who pushes.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::*;

struct Signed {
    certificate: String,
    key: String,
}

fn sign(issuer: &CertifiedIssuer<'_, KeyPair>, name: &str) -> Signed {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    Signed { certificate: certificate.pem(), key: key.serialize_pem() }
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[test]
fn only_mutually_trusted_certificates_get_through() {
    let (issuer, stranger) = (issuer(), issuer());
    let (server, client) = (sign(&issuer, "localhost"), sign(&issuer, "client"));
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(&server.certificate, &server.key))
        .client_ca_root(Certificate::from_pem(issuer.pem()));
    let (collector, orders) = (Collector::with_tls(tls), orders!());
    for protocol in PROTOCOLS {
        let anonymous = || {
            // A failed attempt is not retried.
            let endpoint = format!("https://localhost:{}", collector.address.port());
            config_for(endpoint, protocol).backoff(10 * LIMIT, 10 * LIMIT)
        };
        let config = || anonymous().client_certificate(client.certificate.as_str(), client.key.as_str());
        let before = collector.count();
        orders.start(config().certificate(issuer.pem())).shutdown(LIMIT).unwrap();
        assert_eq!(collector.count(), before + 1);
        let distrusted = orders.start(config().certificate(stranger.pem())).shutdown(LIMIT).unwrap_err().to_string();
        assert!(distrusted.contains("certificate"), "{distrusted}");
        let by_default = orders.start(config()).shutdown(LIMIT);
        assert!(by_default.is_err(), "Mozilla does not know this issuer");
        assert!(orders.start(anonymous().certificate(issuer.pem())).shutdown(LIMIT).is_err());
        assert_eq!(collector.count(), before + 1);
        // A key that does not fit the certificate is an error at the start, not a panic at the first request.
        let other = sign(&issuer, "other");
        let misfit = anonymous().client_certificate(client.certificate.as_str(), other.key.as_str());
        let message = Exporter::start(&[orders.contract], misfit).unwrap_err().to_string();
        assert!(message.contains("client_certificate: it cannot be used for TLS: "), "{message}");
    }
}
