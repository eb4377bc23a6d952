//! Caches the token and renews it in time, never twice at once.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::{AuthHeader, CredentialsProvider, FetchError};
use crate::OrganizationId;

/// The earliest that a token is renewed before it expires; a short-lived token is renewed in the last fifth of its
/// lifetime.
const EARLY: Duration = Duration::from_secs(120);
/// How long a call waits for an early renewal while its token is still valid.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a valid token is used after its renewal failed, before the renewal is tried again.
const REFRESH_RETRY_DELAY: Duration = Duration::from_secs(5);
/// The same after a renewal that exceeded the limit: the next one may delay a call just as much.
const REFRESH_HANG_DELAY: Duration = Duration::from_secs(30);

/// The token of a client and all its clones.
#[derive(Debug)]
pub(crate) struct TokenCache {
    provider: Arc<dyn CredentialsProvider>,
    state: Mutex<State>,
    /// Held while the provider is asked: one at a time.
    refresh_lock: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    entry: Option<Entry>,
    /// How many times the provider was asked: calls waiting for their turn can tell that another has asked for them.
    generation: u64,
    /// Why the provider had no token the last time it was asked.
    failure: Option<FetchError>,
    /// Until when a failed early renewal is not tried again.
    quiet_until: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Entry {
    header: AuthHeader,
    since: Instant,
    renew_at: Option<SystemTime>,
}

/// What the cache has for a call without asking the provider.
enum Cached {
    /// The token is valid.
    Good(AuthHeader),
    /// The token is valid, but it is time to renew it.
    Expiring(AuthHeader),
    /// There is no token at this generation.
    Missing { generation: u64 },
}

/// The outcome of renewing a token that the service rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// There is another token now.
    Replaced,
    /// The provider has no other token.
    Unchanged,
}

impl TokenCache {
    pub(crate) fn new(provider: Arc<dyn CredentialsProvider>) -> Self {
        Self { provider, state: Mutex::default(), refresh_lock: tokio::sync::Mutex::default() }
    }

    /// The state is updated in complete steps, so it is valid even after a panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The header, if a valid one is cached and nothing has to be asked or refused.
    pub(crate) fn at_hand(&self, organization: Option<&OrganizationId>) -> Option<AuthHeader> {
        match self.cached() {
            Cached::Good(header) if organization.is_some() || !header.is_jwt() => Some(header),
            _ => None,
        }
    }

    /// The header to send.
    pub(crate) async fn header(&self, organization: Option<&OrganizationId>) -> Result<AuthHeader, FetchError> {
        let header = self.fresh().await?;
        if header.is_jwt() && organization.is_none() {
            return Err(FetchError::permanent("a JWT needs the organization that it is for")
                .with_advice("set `organization` of the client, or SINGLESTOREDB_ORGANIZATION"));
        }
        Ok(header)
    }

    fn cached(&self) -> Cached {
        let state = self.state();
        let expired = |entry: &Entry| entry.header.expires_at().is_some_and(|end| end <= SystemTime::now());
        let Some(entry) = state.entry.as_ref().filter(|entry| !expired(entry)) else {
            return Cached::Missing { generation: state.generation };
        };
        let old = self.provider.max_age().is_some_and(|limit| entry.since.elapsed() >= limit);
        let soon = entry.renew_at.is_some_and(|at| at <= SystemTime::now());
        let header = entry.header.clone();
        if (old || soon) && state.quiet_until.is_none_or(|until| until <= Instant::now()) {
            Cached::Expiring(header)
        } else {
            Cached::Good(header)
        }
    }

    async fn fresh(&self) -> Result<AuthHeader, FetchError> {
        match self.cached() {
            Cached::Good(header) => Ok(header),
            Cached::Expiring(header) => Ok(self.renew_early(header).await),
            Cached::Missing { generation } => self.fetch_in_turn(generation).await,
        }
    }

    /// One call renews the token; the others keep using the current one, and so does this one if the renewal fails.
    async fn renew_early(&self, present: AuthHeader) -> AuthHeader {
        let Ok(_turn) = self.refresh_lock.try_lock() else { return present };
        // Set before the provider is asked, so that it holds even if the caller is canceled in the meantime.
        self.keep_quiet(REFRESH_RETRY_DELAY);
        match tokio::time::timeout(REFRESH_TIMEOUT, self.fetch()).await {
            Ok(Ok(header)) => header,
            Ok(Err(failed)) => {
                tracing::warn!(
                    reason = failed.message(),
                    "the token could not be renewed early; the current one is used"
                );
                self.keep_quiet(REFRESH_RETRY_DELAY);
                present
            }
            Err(_) => {
                tracing::warn!("the credentials provider did not respond in time; the current token is used");
                self.keep_quiet(REFRESH_HANG_DELAY);
                present
            }
        }
    }

    fn keep_quiet(&self, time: Duration) {
        self.state().quiet_until = Some(Instant::now() + time);
    }

    /// Waits for its turn, and asks only if no other call has done so in the meantime.
    async fn fetch_in_turn(&self, seen: u64) -> Result<AuthHeader, FetchError> {
        let _turn = self.refresh_lock.lock().await;
        match self.cached() {
            Cached::Good(header) | Cached::Expiring(header) => return Ok(header),
            Cached::Missing { generation } if generation != seen => {
                // Another call asked while this one waited; a queue of calls must not ask a thousand times.
                if let Some(failed) = &self.state().failure {
                    return Err(failed.for_others());
                }
            }
            Cached::Missing { .. } => {}
        }
        self.fetch().await
    }

    /// Asks the provider. The caller holds the lock.
    async fn fetch(&self) -> Result<AuthHeader, FetchError> {
        let outcome = self.ask_provider().await;
        let mut state = self.state();
        state.generation += 1;
        state.quiet_until = None;
        match &outcome {
            Ok(header) => {
                let now = SystemTime::now();
                let renew_at = header.expires_at().map(|end| {
                    let life = end.duration_since(now).unwrap_or_default();
                    end.checked_sub(EARLY.min(life / 5)).unwrap_or(now)
                });
                state.failure = None;
                state.entry = Some(Entry { header: header.clone(), since: Instant::now(), renew_at });
            }
            Err(failed) => state.failure = Some(failed.for_others()),
        }
        outcome
    }

    async fn ask_provider(&self) -> Result<AuthHeader, FetchError> {
        let header = AuthHeader::new(self.provider.token().await?)?;
        if header.expires_before(SystemTime::now()) {
            return Err(FetchError::permanent("the token has expired")
                .with_advice("get a new one; a `CredentialsProvider` can do so automatically"));
        }
        Ok(header)
    }

    /// Gets another token after the service has rejected `used`, and says whether there is one. Calls that were
    /// rejected together renew together.
    pub(crate) async fn renew(&self, used: &AuthHeader) -> Result<Renewal, FetchError> {
        if self.provider.is_fixed() {
            return Ok(Renewal::Unchanged);
        }
        let seen = self.state().generation;
        let _turn = self.refresh_lock.lock().await;
        {
            let state = self.state();
            if state.entry.as_ref().is_some_and(|entry| entry.header.value() != used.value()) {
                return Ok(Renewal::Replaced);
            }
            if state.generation != seen {
                return Ok(Renewal::Unchanged);
            }
        }
        match self.fetch().await {
            Ok(header) if header.value() != used.value() => Ok(Renewal::Replaced),
            Ok(_) => Ok(Renewal::Unchanged),
            Err(failed) => {
                // The cached token was rejected.
                self.state().entry = None;
                Err(failed)
            }
        }
    }
}
