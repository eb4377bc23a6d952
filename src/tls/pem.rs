//! What callers pass as PEM: byte order marks are removed, and other formats are named in the error.

use zeroize::Zeroizing;

use super::refused;
use crate::Error;

/// The UTF-8 byte order mark. Everything else in PEM is ASCII.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Certificates to trust, as PEM.
pub(super) fn roots(given: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let pem = text(given).map_err(refused::no_certificate)?;
    let labels = labels(&pem);
    // Leaving one out would trust less than was asked for.
    if labels.iter().any(|label| label == "TRUSTED CERTIFICATE") {
        return Err(refused::no_certificate(
            "a TRUSTED CERTIFICATE, a format specific to OpenSSL (`openssl x509 -in FILE` writes the ordinary one)",
        ));
    }
    match labels.first() {
        Some(first) if !labels.iter().any(|label| label == "CERTIFICATE") => {
            Err(refused::no_certificate(&format!("`-----BEGIN {first}-----`")))
        }
        Some(_) => Ok(pem),
        None => Err(refused::no_certificate(match pem.contains(&b'\n') {
            true => "text without a PEM section",
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

/// The text without byte order marks: concatenated files have them in the middle. Anything else is named in the error.
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
        [] => Err("an empty string"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=127, ..] | [1..=127, 0, ..] => {
            Err("text in UTF-16 (save it as UTF-8)")
        }
        // An ASN.1 sequence: PKCS #12 begins with its version, PKCS #7 with its name.
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

/// The labels of the sections of a PEM text.
fn labels(pem: &[u8]) -> Vec<String> {
    let lines = pem.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let labels = lines.filter_map(|line| line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----"));
    // A label is short; anything longer could be a secret.
    labels
        .filter(|label| label.len() <= 40 && label.is_ascii())
        .map(|label| String::from_utf8_lossy(label).into_owned())
        .collect()
}
