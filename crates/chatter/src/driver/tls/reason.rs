use std::io;

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// Why there can be no TLS with a peer.
pub(in crate::driver) fn handshake_reason(error: &io::Error) -> String {
    let is_cut_off = matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    );
    if is_cut_off { format!("peer ended the connection, as one without TLS does: {error}") } else { reason(error) }
}

/// Why a stream failed, for people: what the library says, or what it means where that is not plain.
pub(in crate::driver) fn reason(error: &io::Error) -> String {
    match error.get_ref().and_then(|error| error.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(error)) => match error {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "certificate of the peer is of no trusted authority".into()
            }
            CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName => {
                format!("name does not fit the certificate of the peer: {error}")
            }
            // What `openssl req -x509` makes by default.
            error if error.to_string().contains("CaUsedAsEndEntity") => {
                "certificate of the peer is that of an authority: its own has to be signed by one".into()
            }
            error => format!("certificate of the peer: {error}"),
        },
        Some(Error::NoCertificatesPresented) => "peer has shown no certificate".into(),
        Some(Error::AlertReceived(alert)) => match alert {
            AlertDescription::CertificateRequired => "peer requires a certificate".into(),
            AlertDescription::UnknownCA => "peer does not trust the authority of the certificate".into(),
            alert => format!("refused by the peer: {alert:?}"),
        },
        Some(Error::InvalidMessage(error)) => format!("peer does not speak TLS: {error:?}"),
        Some(error) => error.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "peer ended the connection without ending TLS".into(),
        None => error.to_string(),
    }
}
