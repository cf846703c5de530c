use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::files::{authorities, provider};
use super::{CertificateFiles, TlsError};
use crate::driver::address::Address;
use crate::driver::stream::Stream;

/// How a client uses TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTlsOptions {
    /// A PEM file of the certificate authorities that are trusted. Needed unless [`Self::verify`] is off.
    pub ca: Option<PathBuf>,
    /// What is shown to a server that asks for a certificate. `None`.
    pub certificate: Option<CertificateFiles>,
    /// The name that the server's certificate has to be for. `None`: the host of the address, `localhost` for a Unix
    /// socket.
    pub server_name: Option<String>,
    /// Whether the server has to show that it is who was asked for. Without it, which is **dangerous**, anybody on the way
    /// can read and change everything. `true`.
    pub verify: bool,
}

impl Default for ClientTlsOptions {
    fn default() -> Self {
        Self { ca: None, certificate: None, server_name: None, verify: true }
    }
}

/// TLS for [`connect`](crate::connect). Clones share what was read.
#[derive(Clone)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    server_name: Option<ServerName<'static>>,
}

impl ClientTls {
    /// Reads the files that the options name.
    ///
    /// # Errors
    ///
    /// If a file is missing or does not hold what it should, a key is not that of its certificate, the server's name can be
    /// none, or servers are to be verified and no authority is trusted.
    pub fn new(options: &ClientTlsOptions) -> Result<Self, TlsError> {
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Unusable(error.to_string()))?;
        let builder = match &options.ca {
            _ if !options.verify => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyServer { provider }))
            }
            Some(ca) => builder.with_root_certificates(authorities(ca)?),
            None => return Err(TlsError::NothingTrusted),
        };
        let config = match &options.certificate {
            Some(files) => {
                let (chain, key) = files.read()?;
                builder.with_client_auth_cert(chain, key).map_err(|error| files.refused(&error))?
            }
            None => builder.with_no_client_auth(),
        };
        let server_name = options.server_name.as_deref().map(server_name).transpose()?;
        Ok(Self { config: Arc::new(config), server_name })
    }

    /// TLS on a stream that carries something else than messages. The server is verified as `host`, unless the options name it.
    ///
    /// # Errors
    ///
    /// If the handshake fails, or no server can have that name.
    pub async fn wrap<S>(
        &self,
        stream: S,
        host: &str,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<S>>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => server_name(host).map_err(io::Error::other)?,
        };
        TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await
    }

    /// Does the client's part of the handshake.
    pub(in crate::driver) async fn handshake(
        &self,
        stream: Box<dyn Stream>,
        address: &Address,
    ) -> io::Result<Box<dyn Stream>> {
        let host = match address {
            Address::Tcp { host, .. } => host,
            Address::Unix(_) => "localhost",
        };
        Ok(Box::new(self.wrap(stream, host).await?))
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

fn server_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(name.to_owned()).map_err(|_| TlsError::ServerName(name.to_owned()))
}

/// Takes any certificate, if only the server has its key.
#[derive(Debug)]
struct AnyServer {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
