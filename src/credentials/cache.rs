//! Keeps the token, renews it in time, and never twice at once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{CredentialsProvider, Token};
use crate::secret::REDACTED;
use crate::{Error, ErrorKind, OrganizationId};

/// How long before its end a token is renewed at most; one that lives shortly is renewed in the last fifth of its life.
const EARLY: Duration = Duration::from_secs(120);
/// How long a token that is still good is used after its renewal failed, before that is tried again.
const QUIET: Duration = Duration::from_secs(5);

/// A token in the form in which it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    value: HeaderValue,
    token: Arc<Token>,
}

impl Header {
    fn new(token: Token) -> Result<Self, Error> {
        let text = token.secret().expose();
        if text.trim().is_empty() {
            return Err(Error::new(ErrorKind::Credentials, "the API key or token is empty"));
        }
        let text = Zeroizing::new(format!("Bearer {}", text.trim()));
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            // The library's own error would not show the value either, but says nothing of what to do.
            Error::new(ErrorKind::Credentials, "the API key or token holds a character that no header can carry")
        })?;
        value.set_sensitive(true);
        Ok(Self { value, token: Arc::new(token) })
    }

    pub(crate) fn value(&self) -> &HeaderValue {
        &self.value
    }

    /// Takes the token out of a text of the server, should it echo it.
    pub(crate) fn scrub(&self, body: Bytes) -> Bytes {
        let token = self.token.secret().expose().trim().as_bytes();
        if token.len() < 8 || !body.windows(token.len()).any(|window| window == token) {
            return body;
        }
        let text = String::from_utf8_lossy(&body);
        Bytes::from(text.replace(self.token.secret().expose().trim(), REDACTED))
    }

    fn ends_before(&self, at: SystemTime) -> bool {
        self.token.expires_at().is_some_and(|end| end <= at)
    }
}

/// The token of a client and all its clones.
#[derive(Debug)]
pub(crate) struct TokenCache {
    provider: Arc<dyn CredentialsProvider>,
    state: Mutex<State>,
    /// Held while the provider is asked: one at a time.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    entry: Option<Entry>,
    /// How often the provider was asked: calls that wait for their turn see by it that another has asked for them.
    asked: u64,
    /// Why the provider had no token when it was asked last.
    failure: Option<(String, bool)>,
    /// Until when a failed early renewal is not tried again.
    quiet: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Entry {
    header: Header,
    since: Instant,
    renew_at: Option<SystemTime>,
}

/// What the cache can do for a call without asking.
enum Cached {
    /// The token is good.
    Good(Header),
    /// The token is good, and it is time for the next one.
    Aging(Header),
    /// There is no token; so often was the provider asked so far.
    Nothing(u64),
}

type Refusal = (Error, bool);

impl TokenCache {
    pub(crate) fn new(provider: Arc<dyn CredentialsProvider>) -> Self {
        Self { provider, state: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    /// It is written in whole steps, so what a panic left behind is still good.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The header, if a good one is there and nothing has to be asked or refused.
    pub(crate) fn at_hand(&self, organization: Option<&OrganizationId>) -> Option<Header> {
        match self.cached() {
            Cached::Good(header) if organization.is_some() || !header.token.is_jwt() => Some(header),
            _ => None,
        }
    }

    /// The header to send. The flag of a failure says whether asking again may help.
    pub(crate) async fn header(&self, organization: Option<&OrganizationId>) -> Result<Header, Refusal> {
        let header = self.fresh().await?;
        if header.token.is_jwt() && organization.is_none() {
            let error = Error::new(ErrorKind::Credentials, "a JWT needs the organization that it is meant for")
                .with_advice("set `organization` of the client, or SINGLESTOREDB_ORGANIZATION");
            return Err((error, false));
        }
        Ok(header)
    }

    fn cached(&self) -> Cached {
        let state = self.state();
        let (now, time) = (Instant::now(), SystemTime::now());
        let Some(entry) = state.entry.as_ref().filter(|entry| !entry.header.ends_before(time)) else {
            return Cached::Nothing(state.asked);
        };
        let old = self.provider.max_age().is_some_and(|limit| now.saturating_duration_since(entry.since) >= limit);
        let soon = entry.renew_at.is_some_and(|at| at <= time);
        let header = entry.header.clone();
        if (old || soon) && state.quiet.is_none_or(|until| until <= now) {
            Cached::Aging(header)
        } else {
            Cached::Good(header)
        }
    }

    async fn fresh(&self) -> Result<Header, Refusal> {
        let asked = match self.cached() {
            Cached::Good(header) => return Ok(header),
            Cached::Aging(header) => {
                // One call renews the token; the others use the old one meanwhile.
                let Ok(_turn) = self.asking.try_lock() else { return Ok(header) };
                return match self.ask().await {
                    Err((_, true)) => {
                        self.state().quiet = Some(Instant::now() + QUIET);
                        Ok(header)
                    }
                    outcome => outcome,
                };
            }
            Cached::Nothing(asked) => asked,
        };
        let _turn = self.asking.lock().await;
        match self.cached() {
            Cached::Good(header) | Cached::Aging(header) => return Ok(header),
            Cached::Nothing(now) if now != asked => {
                // Another call asked while this one waited; a queue of calls must not ask a thousand times.
                if let Some((message, transient)) = self.state().failure.clone() {
                    return Err((Error::new(ErrorKind::Credentials, message), transient));
                }
            }
            Cached::Nothing(_) => {}
        }
        self.ask().await
    }

    /// Asks the provider. The caller holds the turn.
    async fn ask(&self) -> Result<Header, Refusal> {
        let outcome = self.get().await;
        let mut state = self.state();
        state.asked += 1;
        state.quiet = None;
        match &outcome {
            Ok(header) => {
                let now = SystemTime::now();
                let renew_at = header.token.expires_at().map(|end| {
                    let life = end.duration_since(now).unwrap_or_default();
                    end.checked_sub(EARLY.min(life / 5)).unwrap_or(now)
                });
                state.failure = None;
                state.entry = Some(Entry { header: header.clone(), since: Instant::now(), renew_at });
            }
            Err((error, transient)) => state.failure = Some((error.message().to_owned(), *transient)),
        }
        outcome
    }

    async fn get(&self) -> Result<Header, Refusal> {
        let token = self.provider.token().await.map_err(|source| {
            let transient = source.is_transient();
            let error = Error::new(ErrorKind::Credentials, format!("no token: {source}")).with_source(source);
            (error, transient)
        })?;
        let header = Header::new(token).map_err(|error| (error, false))?;
        if header.ends_before(SystemTime::now()) {
            let error = Error::new(ErrorKind::Credentials, "the token has expired")
                .with_advice("get a new one; a `CredentialsProvider` does so by itself");
            return Err((error, false));
        }
        Ok(header)
    }

    /// The service has refused `used`: gets another token, and says whether there is one. Calls that were refused
    /// together renew together.
    ///
    /// # Errors
    /// A sentence that says why the provider has none.
    pub(crate) async fn renew(&self, used: &Header) -> Result<bool, String> {
        if self.provider.is_fixed() {
            return Ok(false);
        }
        let asked = self.state().asked;
        let _turn = self.asking.lock().await;
        {
            let state = self.state();
            if state.entry.as_ref().is_some_and(|entry| entry.header.value != used.value) {
                return Ok(true);
            }
            if state.asked != asked {
                return Ok(false);
            }
        }
        match self.ask().await {
            Ok(header) => Ok(header.value != used.value),
            Err((error, _)) => {
                // The one that is kept was refused.
                self.state().entry = None;
                Err(error.message().to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{CredentialsError, TokenFuture};

    type Answer = Box<dyn Fn(u32) -> Result<Token, CredentialsError> + Send + Sync>;

    /// Takes a second for each answer, and counts those under way.
    struct Slow {
        answer: Answer,
        asked: AtomicU32,
        under_way: AtomicU32,
        most: AtomicU32,
        max_age: Option<Duration>,
    }

    impl std::fmt::Debug for Slow {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Slow")
        }
    }

    impl CredentialsProvider for Arc<Slow> {
        fn token(&self) -> TokenFuture<'_> {
            Box::pin(async {
                let number = self.asked.fetch_add(1, Ordering::SeqCst);
                self.most.fetch_max(self.under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.under_way.fetch_sub(1, Ordering::SeqCst);
                (self.answer)(number)
            })
        }

        fn max_age(&self) -> Option<Duration> {
            self.max_age
        }
    }

    fn cache(
        max_age: Option<Duration>,
        answer: impl Fn(u32) -> Result<Token, CredentialsError> + Send + Sync + 'static,
    ) -> (Arc<TokenCache>, Arc<Slow>) {
        let (asked, under_way, most) = Default::default();
        let slow = Arc::new(Slow { answer: Box::new(answer), asked, under_way, most, max_age });
        (Arc::new(TokenCache::new(Arc::new(slow.clone()))), slow)
    }

    fn token(number: u32) -> Token {
        Token::new(format!("token-number-{number}"))
    }

    async fn all(cache: &Arc<TokenCache>, calls: usize) -> Vec<Result<Header, Refusal>> {
        let calls: Vec<_> = (0..calls)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.header(None).await })
            })
            .collect();
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push(call.await.unwrap());
        }
        outcomes
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_ask_once_for_a_token_and_once_for_a_failure() {
        let (cache, slow) = cache(None, |number| Ok(token(number)));
        assert!(all(&cache, 1_000).await.iter().all(Result::is_ok));
        assert_eq!(slow.asked.load(Ordering::SeqCst), 1);

        let (cache, slow) = self::cache(None, |_| Err(CredentialsError::transient("the vault is sealed")));
        let outcomes = all(&cache, 1_000).await;
        assert!(outcomes.iter().all(|o| matches!(o, Err((e, true)) if e.message().contains("sealed"))));
        assert_eq!((slow.asked.load(Ordering::SeqCst), slow.most.load(Ordering::SeqCst)), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_early_by_one_call_while_the_others_use_the_old_one() {
        // It has a minute left when it comes: far less than the two minutes of the rule, and still good for most of it.
        let (cache, slow) =
            cache(None, |number| Ok(token(number).with_expiry(SystemTime::now() + Duration::from_secs(60))));
        let first = cache.header(None).await.unwrap();
        assert_eq!(cache.header(None).await.unwrap().value, first.value);
        assert_eq!(slow.asked.load(Ordering::SeqCst), 1, "a short life is no reason to ask for every call");
        if let Some(entry) = &mut cache.state().entry {
            entry.renew_at = Some(SystemTime::now());
        }
        let outcomes = all(&cache, 100).await;
        assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
        let old = outcomes.iter().filter(|o| o.as_ref().is_ok_and(|header| header.value == first.value)).count();
        assert_eq!(old, 99);
        assert_ne!(cache.header(None).await.unwrap().value, first.value);
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_token_outlives_a_provider_that_fails_for_the_moment() {
        let (cache, slow) = cache(Some(Duration::from_secs(10)), |number| match number {
            0 => Ok(token(0)),
            1 => Err(CredentialsError::transient("away")),
            number => Ok(token(number)),
        });
        let first = cache.header(None).await.unwrap();
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(cache.header(None).await.unwrap().value, first.value);
        assert_eq!(cache.header(None).await.unwrap().value, first.value);
        assert_eq!(slow.asked.load(Ordering::SeqCst), 2, "and is not asked again at once");
        tokio::time::advance(QUIET).await;
        assert_ne!(cache.header(None).await.unwrap().value, first.value);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_are_refused_together_renew_together() {
        for same in [false, true] {
            let (cache, slow) = cache(None, move |number| Ok(token(if same { 0 } else { number })));
            let used = cache.header(None).await.unwrap();
            let calls: Vec<_> = (0..100)
                .map(|_| {
                    let (cache, used) = (cache.clone(), used.clone());
                    tokio::spawn(async move { cache.renew(&used).await })
                })
                .collect();
            for call in calls {
                assert_eq!(call.await.unwrap(), Ok(!same));
            }
            assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_dropped_while_it_asks_leaves_the_turn_to_the_next() {
        let (cache, slow) = cache(None, |number| Ok(token(number)));
        assert!(tokio::time::timeout(Duration::from_millis(10), cache.header(None)).await.is_err());
        assert!(cache.header(None).await.is_ok());
        assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_token_that_the_server_echoes_is_taken_out() {
        let header = Header::new(Token::new("canary-0123456789")).unwrap();
        let body = Bytes::from_static(b"the key canary-0123456789 is not known");
        assert_eq!(header.scrub(body), Bytes::from_static(b"the key [redacted] is not known"));
        assert_eq!(header.scrub(Bytes::from_static(b"\xff")), Bytes::from_static(b"\xff"));
        assert!(!format!("{header:?}").contains("canary"));
        for text in ["", " ", "line\nbreak", "\u{7f}"] {
            let error = Header::new(Token::new(text)).unwrap_err();
            assert!(!error.to_string().contains("line"), "{error}");
        }
    }
}
