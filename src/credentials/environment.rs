//! The environment variables of the official tools.

use crate::Error;

/// Where variables are looked up: the environment, or the map of a test.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The names under which the official tools look for a key or token.
const TOKENS: [&str; 3] = ["SINGLESTOREDB_MANAGEMENT_TOKEN", "SINGLESTOREDB_API_KEY", "SINGLESTORE_API_KEY"];
const BASE_URL: &str = "SINGLESTOREDB_MANAGEMENT_BASE_URL";
const ORGANIZATION: &str = "SINGLESTOREDB_ORGANIZATION";

/// What the environment says.
#[derive(Default)]
pub(crate) struct Found {
    pub token: Option<crate::Secret>,
    pub base_url: Option<String>,
    pub organization: Option<String>,
}

/// Reads the variables. Two that disagree are an error that names both and shows neither.
pub(crate) fn lookup(variable: Lookup<'_>) -> Result<Found, Error> {
    let read = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let mut found: Option<(&str, String)> = None;
    for name in TOKENS {
        let Some(value) = read(name) else { continue };
        match &found {
            Some((first, kept)) if *kept != value => {
                return Err(Error::config(format!(
                    "the environment variables {first} and {name} hold two different keys; unset one of them, or give the key explicitly"
                )));
            }
            Some(_) => {}
            None => found = Some((name, value)),
        }
    }
    Ok(Found {
        token: found.map(|(_, value)| value.into()),
        base_url: read(BASE_URL),
        organization: read(ORGANIZATION),
    })
}

/// The sentence for a client without credentials.
pub(crate) fn missing() -> Error {
    Error::config(format!(
        "no API key: give one with `api_key`, or set {}; keys are made in the portal, per organization",
        TOKENS[0]
    ))
}
