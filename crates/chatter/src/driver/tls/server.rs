use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use super::files::{authorities, provider};
use super::{CertificateFiles, TlsError};
use crate::driver::stream::Stream;

/// TLS for [`listen`](crate::listen). Clones share what was read.
#[derive(Clone)]
pub struct ServerTls {
    acceptor: TlsAcceptor,
}

impl ServerTls {
    /// Reads what the server shows, and with `client_ca`, a PEM file, the authorities whose certificates clients have to
    /// show.
    ///
    /// # Errors
    ///
    /// If a file is missing or does not hold what it should, or the key is not that of the certificate.
    pub fn new(certificate: &CertificateFiles, client_ca: Option<&Path>) -> Result<Self, TlsError> {
        let unusable = |error: &dyn fmt::Display| TlsError::Unusable(error.to_string());
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&error))?;
        let builder = match client_ca {
            Some(ca) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(authorities(ca)?, provider())
                    .build()
                    .map_err(|error| unusable(&error))?;
                builder.with_client_cert_verifier(verifier)
            }
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = certificate.read()?;
        let config = builder.with_single_cert(chain, key).map_err(|error| certificate.refused(&error))?;
        Ok(Self { acceptor: Arc::new(config).into() })
    }

    /// Does the server's part of the handshake. If it fails, the client gets at most `linger` to learn why.
    pub(in crate::driver) async fn handshake(
        &self,
        stream: Box<dyn Stream>,
        linger: Duration,
    ) -> io::Result<Box<dyn Stream>> {
        match self.acceptor.accept(stream).into_fallible().await {
            Ok(stream) => Ok(Box::new(stream)),
            Err((error, stream)) => {
                // A client that is late to see why is no matter.
                let _ = tokio::time::timeout(linger, end(stream)).await;
                Err(error)
            }
        }
    }
}

/// Ends a stream so that the other side sees all that was sent: closing a socket with unread bytes may take it away.
async fn end(mut stream: Box<dyn Stream>) -> io::Result<()> {
    stream.shutdown().await?;
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
