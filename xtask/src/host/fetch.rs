//! One GET with limits. The upstream document is public: no credentials are sent.

use crate::document::MAX_BYTES;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

pub fn fetch(url: &str) -> Result<Vec<u8>, String> {
    fetch_within(url, PATIENCE)
}

fn fetch_within(url: &str, patience: Duration) -> Result<Vec<u8>, String> {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|host| url.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])));
    if !url.starts_with("https://") && !local {
        return Err(format!("{url} is not fetched: only https can be trusted. Use https:// or a file."));
    }
    let mut config = ureq::Agent::config_builder();
    if local {
        config = config.proxy(None);
    }
    let agent: ureq::Agent = config
        .timeout_global(Some(patience))
        .https_only(!local)
        .max_redirects(3)
        .user_agent("singlestore-management-xtask")
        .build()
        .into();
    let explain = |error: ureq::Error| match error {
        ureq::Error::StatusCode(status) => {
            format!("{url} responded with status {status}; try again later, or give a file with --from.")
        }
        ureq::Error::Timeout(_) => {
            format!("{url} did not respond completely within {} seconds; try again later.", patience.as_secs())
        }
        ureq::Error::BodyExceedsLimit(limit) => {
            format!("{url} responded with more than {limit} bytes, which cannot be the OpenAPI document.")
        }
        other => format!("{url} could not be fetched: {other}. Check the connection, or give a file with --from."),
    };
    let mut response = agent.get(url).call().map_err(explain)?;
    response.body_mut().with_config().limit(MAX_BYTES as u64).read_to_vec().map_err(explain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    /// Responds to one connection on loopback with these bytes, and then holds it open on request.
    fn serve(response: Vec<u8>, hold: Duration) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/spec", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(&response);
            std::thread::sleep(hold);
        });
        url
    }

    #[test]
    fn a_response_is_handed_out_as_it_came() {
        let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na: 1".to_vec(), Duration::ZERO);
        assert_eq!(fetch(&url).unwrap(), b"a: 1");
    }

    #[test]
    fn failures_are_sentences() {
        let url = serve(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec(), Duration::ZERO);
        assert!(fetch(&url).unwrap_err().contains("responded with status 503"));
        assert!(fetch("http://example.test/spec").unwrap_err().contains("only https"));
        assert!(fetch("http://localhost.example.test/").unwrap_err().contains("only https"));
        let url = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na: 1".to_vec(), Duration::from_secs(5));
        let message = fetch_within(&url, Duration::from_millis(200)).unwrap_err();
        assert!(message.contains("did not respond completely"), "{message}");
    }

    #[test]
    fn a_body_without_end_is_not_read_to_its_end() {
        let mut response = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        response.resize(MAX_BYTES + 1024, b'x');
        let message = fetch(&serve(response, Duration::ZERO)).unwrap_err();
        assert!(message.contains("cannot be the OpenAPI document"), "{message}");
    }
}
