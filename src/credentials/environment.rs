//! The environment variables of the official tools.

use std::borrow::Cow;
use std::time::Duration;

use super::{CredentialsError, CredentialsProvider, Token, TokenFuture, check_key, mend_key};
use crate::Error;

/// Looks up variables: in the environment, or in a map in tests.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The variables in which the official tools look for a key or token.
const TOKENS: [&str; 3] = ["SINGLESTOREDB_MANAGEMENT_TOKEN", "SINGLESTOREDB_API_KEY", "SINGLESTORE_API_KEY"];
const BASE_URL: &str = "SINGLESTOREDB_MANAGEMENT_BASE_URL";
const ORGANIZATION: &str = "SINGLESTOREDB_ORGANIZATION";

/// The settings found in the environment.
#[derive(Default)]
pub(crate) struct Found {
    /// The key, and the name of the variable that holds it.
    pub token: Option<(&'static str, crate::Secret)>,
    pub base_url: Option<String>,
    pub organization: Option<String>,
}

/// Reads the variables. Two keys that differ are an error that names both variables and shows neither key.
pub(crate) fn lookup(variable: Lookup<'_>) -> Result<Found, Error> {
    let read = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let mut found: Option<(&'static str, String)> = None;
    for name in TOKENS {
        let Some(value) = read(name).map(|value| mend_key(&value).to_owned()) else { continue };
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
        token: found.map(|(name, value)| (name, value.into())),
        base_url: read(BASE_URL),
        organization: read(ORGANIZATION),
    })
}

/// The error for a client without credentials.
pub(crate) fn missing() -> Error {
    Error::config(format!(
        "no API key: give one with `api_key`, or set {}; keys are created in the portal, per organization",
        TOKENS[0]
    ))
}

/// The current token in an environment variable: as a link of a [`CredentialsChain`](super::CredentialsChain), for
/// instance.
///
/// ```
/// use singlestore_management::{Client, EnvironmentToken};
///
/// // The variables of the official tools, or your own.
/// let client = Client::builder().credentials(EnvironmentToken::new()).build()?;
/// let client = Client::builder().credentials(EnvironmentToken::named("TENANTS_KEY")).build()?;
/// # Ok::<(), singlestore_management::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EnvironmentToken(Option<Cow<'static, str>>);

impl EnvironmentToken {
    /// Reads `SINGLESTOREDB_MANAGEMENT_TOKEN`, `SINGLESTOREDB_API_KEY` or `SINGLESTORE_API_KEY`.
    pub fn new() -> Self {
        Self(None)
    }

    /// Reads the variable with this name.
    pub fn named(variable: impl Into<Cow<'static, str>>) -> Self {
        Self(Some(variable.into()))
    }

    fn read(&self, variable: Lookup<'_>) -> Result<Token, CredentialsError> {
        let (secret, named) = match &self.0 {
            Some(name) => (variable(name).map(crate::Secret::from), name.as_ref()),
            None => match lookup(variable).map_err(|error| CredentialsError::permanent(error.message()))?.token {
                Some((name, secret)) => (Some(secret), name),
                None => (None, TOKENS[0]),
            },
        };
        let refused = |what: &str| CredentialsError::permanent(format!("the environment variable {named} {what}"));
        match secret.filter(|secret| !secret.expose().trim().is_empty()) {
            Some(secret) => {
                let key = mend_key(secret.expose());
                check_key(key).map_err(refused)?;
                Ok(Token::new(key))
            }
            None => Err(refused("is not set")),
        }
    }
}

impl CredentialsProvider for EnvironmentToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async { self.read(&|name| std::env::var(name).ok()) })
    }

    // Notebooks replace the token in their environment while they run.
    fn max_age(&self) -> Option<Duration> {
        Some(Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_read_and_a_missing_one_is_named() {
        let read = |provider: EnvironmentToken, pairs: &[(&str, &str)]| {
            let found = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned());
            provider.read(&found).map(|token| token.secret().expose().to_owned()).map_err(|error| error.to_string())
        };
        let official = [("SINGLESTOREDB_API_KEY", " a \n"), ("MINE", "b")];
        assert_eq!(read(EnvironmentToken::new(), &official), Ok("a".into()));
        assert_eq!(read(EnvironmentToken::named("MINE"), &official), Ok("b".into()));
        let error = read(EnvironmentToken::named("OTHER"), &official).unwrap_err();
        assert!(error.contains("OTHER is not set"), "{error}");
        let two = [("SINGLESTOREDB_API_KEY", "secret-a"), ("SINGLESTORE_API_KEY", "secret-b")];
        let error = read(EnvironmentToken::new(), &two).unwrap_err();
        assert!(error.contains("SINGLESTORE_API_KEY") && !error.contains("secret-"), "{error}");
        assert!(read(EnvironmentToken::new(), &[("SINGLESTOREDB_API_KEY", "  ")]).is_err());
    }
}
