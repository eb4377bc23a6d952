//! What callers give for PEM: a mark of byte order is taken off, and what is something else is called by its name.

use zeroize::Zeroizing;

use super::refused;
use crate::Error;

/// The mark of byte order in UTF-8. Nothing else in PEM is beyond ASCII.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Certificates to trust, as PEM.
pub(super) fn roots(given: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let pem = text(given).map_err(refused::no_certificate)?;
    let labels = labels(&pem);
    // To leave one out would be to trust less than was asked for.
    if labels.iter().any(|label| label == "TRUSTED CERTIFICATE") {
        return Err(refused::no_certificate(
            "a TRUSTED CERTIFICATE, a form of OpenSSL alone (`openssl x509 -in FILE` writes the ordinary one)",
        ));
    }
    match labels.first() {
        Some(first) if !labels.iter().any(|label| label == "CERTIFICATE") => {
            Err(refused::no_certificate(&format!("`-----BEGIN {first}-----`")))
        }
        Some(_) => Ok(pem),
        None => Err(refused::no_certificate(match pem.contains(&b'\n') {
            true => "a text without a section",
            false => "a line of text, perhaps the path of a file (give what the file holds)",
        })),
    }
}

/// A certificate with its chain and its key, as PEM.
pub(super) fn identity(given: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let pem = text(given).map_err(|what| refused::no_identity(&format!("certificate, but {what}")))?;
    match labels(&pem).iter().any(|label| label == "ENCRYPTED PRIVATE KEY") {
        true => Err(refused::no_identity("private key that can be read, but an ENCRYPTED PRIVATE KEY")),
        false => Ok(pem),
    }
}

/// The text without marks: files that were put together have them in the middle. What is no such text is named.
fn text(given: &[u8]) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let mut pem = Zeroizing::new(Vec::with_capacity(given.len()));
    let mut rest = given;
    while let [first, others @ ..] = rest {
        rest = rest.strip_prefix(MARK).unwrap_or_else(|| {
            pem.push(*first);
            others
        });
    }
    match pem.trim_ascii() {
        [] => Err("an empty text"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=127, ..] | [1..=127, 0, ..] => {
            Err("text in UTF-16 (save it as UTF-8)")
        }
        // A sequence of ASN.1: PKCS #12 begins with its version, PKCS #7 with its name.
        [0x30, 0x80..=0x84, ..] => {
            let behind = match given.get(1) {
                Some(length) => given.get(2 + usize::from(length & 0x7f)..).unwrap_or_default(),
                None => &[],
            };
            Err(match behind {
                [2, 1, 3, ..] => "PKCS #12 (`openssl pkcs12 -nodes -in FILE` writes PEM)",
                [6, ..] => "PKCS #7 in DER (`openssl pkcs7 -inform der -print_certs -in FILE` writes PEM)",
                _ => "DER (`openssl x509 -inform der -in FILE` writes PEM)",
            })
        }
        _ => Ok(pem),
    }
}

/// What the sections of a PEM text are called.
fn labels(pem: &[u8]) -> Vec<String> {
    let lines = pem.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let labels = lines.filter_map(|line| line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----"));
    // A label is short; what is not might be anything.
    labels
        .filter(|label| label.len() <= 40 && label.is_ascii())
        .map(|label| String::from_utf8_lossy(label).into_owned())
        .collect()
}
