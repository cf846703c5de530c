use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, InconsistentKeys, RootCertStore};

use super::TlsError;

/// Where a certificate and its key are: PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate, and behind it those that lead from it to the authority.
    pub chain: PathBuf,
    /// The private key, not encrypted.
    pub key: PathBuf,
}

/// What [`CertificateFiles`] hold.
pub(super) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl CertificateFiles {
    pub(super) fn read(&self) -> Result<Identity, TlsError> {
        let chain = certificates(&self.chain)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| pem_error(&self.key, error, "no private key that is not encrypted is in it"))?;
        Ok((chain, key))
    }

    /// What is wrong with the files if the library does not take what was read from them.
    pub(super) fn refused(&self, error: &Error) -> TlsError {
        match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                TlsError::Mismatch { chain: self.chain.clone(), key: self.key.clone() }
            }
            Error::InvalidCertificate(_) => file_error(&self.chain, error.to_string()),
            _ => file_error(&self.key, error.to_string()),
        }
    }
}

/// The certificate authorities in a file.
pub(super) fn authorities(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| file_error(path, error.to_string()))?;
    }
    Ok(Arc::new(roots))
}

/// What encrypts. It is named everywhere, as the default of the process may be another, or none.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let missing = "no certificate is in it";
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| pem_error(path, error, missing))?;
    if certificates.is_empty() { Err(file_error(path, missing.into())) } else { Ok(certificates) }
}

fn pem_error(path: &Path, error: pem::Error, missing: &str) -> TlsError {
    match error {
        pem::Error::Io(error) => TlsError::Io { path: path.to_owned(), error },
        pem::Error::NoItemsFound => file_error(path, missing.into()),
        error => file_error(path, format!("no valid PEM: {error}")),
    }
}

fn file_error(path: &Path, error: String) -> TlsError {
    TlsError::File { path: path.to_owned(), error }
}
