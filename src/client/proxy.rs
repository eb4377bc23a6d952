//! Proxies: the caller's, and those of the environment, whose variables the HTTP library silently ignores if malformed.

use reqwest::Url;

use crate::credentials::Lookup;
use crate::{Error, Secret};

/// The proxy set by the caller.
pub(super) fn of_caller(url: &Secret) -> Result<reqwest::Proxy, Error> {
    check(url.expose(), "`proxy`")?;
    // The source is left out: it may show the password.
    reqwest::Proxy::all(url.expose()).map_err(|_| Error::config("the URL passed to `proxy` is malformed"))
}

/// Whether the proxy is on this machine.
pub(super) fn is_local(url: &Secret) -> bool {
    let text = url.expose();
    let parsed = Url::parse(text).ok().filter(Url::has_host).or_else(|| Url::parse(&format!("http://{text}")).ok());
    parsed.is_some_and(|url| super::base_url::is_loopback(&url))
}

/// Refuses an environment variable that would apply to `base` and cannot be used.
pub(super) fn check_environment(base: &Url, variable: Lookup<'_>) -> Result<(), Error> {
    let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, variable(name)?)));
    let host = base.host_str().unwrap_or_default();
    let exempt = first(["NO_PROXY", "no_proxy"]).is_some_and(|(_, list)| is_exempt(host, &list));
    // CGI programs get `HTTP_PROXY` from the clients of their web server.
    if exempt || variable("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    let own = if base.scheme() == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    for names in [own, ["ALL_PROXY", "all_proxy"]] {
        if let Some((name, url)) = first(names)
            && !url.trim().is_empty()
        {
            return check(&url, &format!("the environment variable {name}"));
        }
    }
    Ok(())
}

fn is_exempt(host: &str, list: &str) -> bool {
    list.split(',').map(|entry| entry.trim().trim_start_matches('.')).any(|entry| {
        let rest = host.len().checked_sub(entry.len()).and_then(|start| host.split_at_checked(start));
        entry == "*"
            || !entry.is_empty()
                && rest.is_some_and(|(before, end)| {
                    end.eq_ignore_ascii_case(entry) && (before.is_empty() || before.ends_with('.'))
                })
    })
}

fn check(text: &str, what: &str) -> Result<(), Error> {
    let malformed = || {
        Error::config(format!("{what} holds a malformed proxy URL; it should look like http://proxy.example.com:3128"))
    };
    let uri: http::Uri = text.parse().map_err(|_| malformed())?;
    let authority = uri.authority().ok_or_else(malformed)?;
    let address = authority.as_str().rsplit_once('@').map_or(authority.as_str(), |(_, address)| address);
    let port = address.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map(|(_, port)| port);
    if authority.host().is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(malformed());
    }
    match uri.scheme_str().unwrap_or("http") {
        "http" | "https" => Ok(()),
        "socks4" | "socks4a" | "socks5" | "socks5h" if cfg!(feature = "socks") => Ok(()),
        scheme @ ("socks4" | "socks4a" | "socks5" | "socks5h") => {
            Err(Error::config(format!("{what} names a proxy with the scheme {scheme}: enable the feature `socks`")))
        }
        _ => Err(Error::config(format!("{what} names a proxy with an unsupported scheme; use http or https"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)], base: &str) -> Result<(), String> {
        let found = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned());
        check_environment(&base.parse().unwrap(), &found).map_err(|error| error.to_string())
    }

    #[test]
    fn a_malformed_proxy_variable_is_refused_where_it_would_be_used_and_its_value_is_not_shown() {
        const BASE: &str = "https://api.example.com";
        for url in [
            "http//canary:3128",
            "http://:3128",
            " http://canary:3128",
            "http://canary:99999",
            "ftp://canary:21",
            "::",
            "/",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
                let error = environment(&[(name, url)], BASE).expect_err(url);
                assert!(error.contains(name) && !error.contains("canary"), "{url}: {error}");
            }
            for others in [("HTTP_PROXY", url), ("FTP_PROXY", url)] {
                assert_eq!(environment(&[others], BASE), Ok(()), "it is not for https");
            }
            for exempt in ["*", "api.example.com", "other, .EXAMPLE.com"] {
                assert_eq!(environment(&[("HTTPS_PROXY", url), ("NO_PROXY", exempt)], BASE), Ok(()), "{exempt}");
            }
            for other in ["", "pi.example.com", "example.org"] {
                assert!(environment(&[("HTTPS_PROXY", url), ("NO_PROXY", other)], BASE).is_err(), "{other}");
            }
        }
        for url in ["", "proxy:3128", "http://user:p%40ss@proxy:3128", "https://proxy", "http://[::1]:3128", "[::1]"] {
            assert_eq!(environment(&[("HTTPS_PROXY", url)], BASE), Ok(()), "{url}");
        }
        let socks = environment(&[("ALL_PROXY", "socks5://canary:1080")], BASE);
        assert!(socks.is_ok() || socks.is_err_and(|error| error.contains("`socks`")));
    }

    #[test]
    fn a_proxy_on_this_machine_is_distinguished_from_others() {
        for (url, local) in [
            ("http://127.0.0.1:3128", true),
            ("localhost:3128", true),
            ("127.0.0.1:3128", true),
            ("http://u:p@[::1]:3128", true),
            ("proxy.example.com:3128", false),
            ("http://127.0.0.1@proxy.example.com", false),
        ] {
            assert_eq!(is_local(&Secret::from(url)), local, "{url}");
        }
    }
}
