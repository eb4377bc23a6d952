//! Why no connection could be made, where another attempt would fail the same way.

use std::error::Error as StdError;

/// A reason that persists until somebody changes something, and the advice what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Obstacle {
    pub text: &'static str,
    pub advice: &'static str,
}

/// Messages of the TLS and proxy libraries, in lower case, and what they mean; the first match wins. A name in a certificate may
/// contain any words, so messages that quote names come first.
static OBSTACLES: [(&[&str], Obstacle); 8] = [
    (
        &["not valid for name", "notvalidforname", "hostname mismatch", "ip address mismatch"],
        Obstacle {
            text: "the certificate of the server is for another name",
            advice: "check the host of the base URL; a proxy or gateway may respond in its place",
        },
    ),
    (
        &["certificate expired", "certificate has expired", "certificateexpired"],
        Obstacle {
            text: "the certificate of the server has expired",
            advice: "check the clock of this machine, or have the certificate renewed; a newer one can be trusted with \
                     `root_certificate` or SSL_CERT_FILE",
        },
    ),
    (
        &["not valid yet", "notvalidyet", "not yet valid"],
        Obstacle { text: "the certificate of the server is not valid yet", advice: "check the clock of this machine" },
    ),
    (
        &[
            "certificaterequired",
            "certificate required",
            "badcertificate",
            "bad certificate",
            "alert: unknownca",
            "alert unknown ca",
        ],
        Obstacle {
            text: "the server does not accept the certificate of the client",
            advice: "provide one that it accepts with `client_identity`",
        },
    ),
    (
        &["invalid peer certificate", "certificate verify failed", "not trusted", "self-signed", "self signed"],
        Obstacle {
            text: "the certificate of the server is not trusted",
            advice: "trust its CA with `root_certificate`, or point SSL_CERT_FILE at a file of certificates",
        },
    ),
    (
        &["proxy authorization required", "proxy authentication required"],
        Obstacle {
            text: "the proxy requires credentials (407)",
            advice: "put the user and password into the proxy URL: http://user:password@proxy.example.com:3128",
        },
    ),
    (
        &[
            "socks error: credentials not accepted",
            "socks error: server does not support user/pass",
            "socks error: server implements authentication incorrectly",
        ],
        Obstacle {
            text: "the SOCKS proxy rejected the credentials",
            advice: "put the user and password into the proxy URL: socks5h://user:password@proxy.example.com:1080",
        },
    ),
    (
        &["socks error: connection not allowed", "socks error: command not supported"],
        Obstacle {
            text: "the SOCKS proxy does not allow the connection",
            advice: "allow the host of the base URL in the proxy",
        },
    ),
];

/// A proxy scheme that this build does not support.
const SCHEME: Obstacle = Obstacle {
    text: "the scheme of the proxy is not supported by this build",
    advice: "use an http proxy, or enable the feature `socks`",
};

/// The known obstacle that caused the error, if any.
///
/// `connecting` says whether the failure occurred while connecting. A server rejects the client's certificate only after the
/// client has begun to write; it reads nothing of the request.
pub(super) fn obstacle(error: &(dyn StdError + 'static), connecting: bool) -> Option<Obstacle> {
    let words: Vec<String> = chain(error).iter().map(|cause| cause.to_ascii_lowercase()).collect();
    let says = |known: &str| words.iter().any(|text| text.contains(known));
    if !connecting && !says("alert") {
        return None;
    }
    if says("unsupported scheme socks") || says("scheme is not http") {
        return Some(SCHEME);
    }
    OBSTACLES.iter().find(|(known, _)| known.iter().any(|known| says(known))).map(|(_, obstacle)| *obstacle)
}

/// The message of each error in the chain. An error inside an I/O error is not among its sources, which begin after it.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        texts.push(cause.to_string());
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => cause.source(),
        };
    }
    texts
}
