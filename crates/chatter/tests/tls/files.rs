//! What is said about files that cannot be used.

use std::path::PathBuf;

use hat_event_chatter::{CertificateFiles, ClientTls, ClientTlsOptions, ServerTls};

use crate::certificates::Authority;
use crate::{NAME, trusting};

fn server_error(files: &CertificateFiles) -> String {
    ServerTls::new(files, None).unwrap_err().to_string()
}

fn client_error(options: &ClientTlsOptions) -> String {
    ClientTls::new(options).unwrap_err().to_string()
}

#[test]
fn missing() {
    let authority = Authority::new();
    let path = authority.folder.join("missing.pem");
    let said = format!("cannot read {}: ", path.display());
    let files = authority.certificate(NAME);
    let error = server_error(&CertificateFiles { chain: path.clone(), key: files.key });
    assert!(error.starts_with(&said), "{error}");
    let error = server_error(&CertificateFiles { chain: files.chain, key: path.clone() });
    assert!(error.starts_with(&said), "{error}");
    let error = client_error(&ClientTlsOptions { ca: Some(path), ..ClientTlsOptions::default() });
    assert!(error.starts_with(&said), "{error}");
}

#[test]
fn nothing_in_it() {
    let authority = Authority::new();
    let files = authority.certificate(NAME);
    let (chain, key) = (files.chain.display().to_string(), files.key.display().to_string());
    let swapped = CertificateFiles { chain: files.key.clone(), key: files.chain.clone() };
    assert_eq!(server_error(&swapped), format!("{key}: no certificate is in it"));
    let no_key = CertificateFiles { chain: files.chain.clone(), key: files.chain };
    assert_eq!(server_error(&no_key), format!("{chain}: no private key that is not encrypted is in it"));
    let options = ClientTlsOptions { ca: Some(files.key), ..ClientTlsOptions::default() };
    assert_eq!(client_error(&options), format!("{key}: no certificate is in it"));
}

#[test]
fn nonsense_in_it() {
    let authority = Authority::new();
    let nonsense = |name: &str, text: &str| -> PathBuf {
        let path = authority.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let no_pem = nonsense("a", "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n");
    let no_certificate = nonsense("b", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let no_key = nonsense("c", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let files = authority.certificate(NAME);
    for ca in [no_pem, no_certificate] {
        let said = format!("{}: ", ca.display());
        let error = client_error(&ClientTlsOptions { ca: Some(ca), ..ClientTlsOptions::default() });
        assert!(error.starts_with(&said), "{error}");
    }
    let said = format!("{}: ", no_key.display());
    let error = server_error(&CertificateFiles { chain: files.chain, key: no_key });
    assert!(error.starts_with(&said), "{error}");
}

#[test]
fn a_key_of_another_certificate() {
    let authority = Authority::new();
    let (one, other) = (authority.certificate("one.example"), authority.certificate("other.example"));
    let said = format!("the key in {} does not fit the certificate in {}", other.key.display(), one.chain.display());
    let files = CertificateFiles { chain: one.chain, key: other.key };
    assert_eq!(server_error(&files), said);
    assert_eq!(client_error(&ClientTlsOptions { certificate: Some(files), ..trusting(&authority) }), said);
}

#[test]
fn nothing_to_verify_with() {
    assert!(client_error(&ClientTlsOptions::default()).contains("trusted certificate authorities"));
}

#[test]
fn no_name() {
    let authority = Authority::new();
    let options = ClientTlsOptions { server_name: Some("no name".into()), ..trusting(&authority) };
    assert_eq!(client_error(&options), "\"no name\" cannot be the name of a server");
}
