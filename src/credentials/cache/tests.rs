//! The cache on a paused clock, with a slow provider.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::{CredentialsError, Token, TokenFuture};

type Respond = Box<dyn Fn(u32) -> Result<Token, CredentialsError> + Send + Sync>;

/// Takes a second for each response, and counts requests under way.
struct Slow {
    respond: Respond,
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
            (self.respond)(number)
        })
    }

    fn max_age(&self) -> Option<Duration> {
        self.max_age
    }
}

fn cache(
    max_age: Option<Duration>,
    respond: impl Fn(u32) -> Result<Token, CredentialsError> + Send + Sync + 'static,
) -> (Arc<TokenCache>, Arc<Slow>) {
    let (asked, under_way, most) = Default::default();
    let slow = Arc::new(Slow { respond: Box::new(respond), asked, under_way, most, max_age });
    (Arc::new(TokenCache::new(Arc::new(slow.clone()))), slow)
}

fn token(number: u32) -> Token {
    Token::new(format!("token-number-{number}"))
}

async fn all(cache: &Arc<TokenCache>, calls: usize) -> Vec<Result<AuthHeader, FetchError>> {
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
async fn a_thousand_calls_share_one_token_request_and_one_failure() {
    let (cache, slow) = cache(None, |number| Ok(token(number)));
    assert!(all(&cache, 1_000).await.iter().all(Result::is_ok));
    assert_eq!(slow.asked.load(Ordering::SeqCst), 1);

    let (cache, slow) = self::cache(None, |_| Err(CredentialsError::transient("the vault is sealed")));
    let outcomes = all(&cache, 1_000).await;
    assert!(outcomes.iter().all(|o| matches!(o, Err(e) if e.is_transient() && e.message().contains("sealed"))));
    assert_eq!((slow.asked.load(Ordering::SeqCst), slow.most.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_early_by_one_call_while_the_others_use_the_old_one() {
    // It arrives with a minute left: far less than the two minutes of the rule, and still valid for most of it.
    let (cache, slow) =
        cache(None, |number| Ok(token(number).with_expiry(SystemTime::now() + Duration::from_secs(60))));
    let first = cache.header(None).await.unwrap();
    assert_eq!(cache.header(None).await.unwrap().value(), first.value());
    assert_eq!(slow.asked.load(Ordering::SeqCst), 1, "a short life is no reason to ask for every call");
    if let Some(entry) = &mut cache.state().entry {
        entry.renew_at = Some(SystemTime::now());
    }
    let outcomes = all(&cache, 100).await;
    assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
    let old = outcomes.iter().filter(|o| o.as_ref().is_ok_and(|header| header.value() == first.value())).count();
    assert_eq!(old, 99);
    assert_ne!(cache.header(None).await.unwrap().value(), first.value());
}

#[tokio::test(start_paused = true)]
async fn a_valid_token_survives_a_temporary_failure_of_its_provider() {
    let (cache, slow) = cache(Some(Duration::from_secs(10)), |number| match number {
        0 => Ok(token(0)),
        1 => Err(CredentialsError::transient("away")),
        number => Ok(token(number)),
    });
    let first = cache.header(None).await.unwrap();
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(cache.header(None).await.unwrap().value(), first.value());
    assert_eq!(cache.header(None).await.unwrap().value(), first.value());
    assert_eq!(slow.asked.load(Ordering::SeqCst), 2, "and is not asked again at once");
    tokio::time::advance(REFRESH_RETRY_DELAY).await;
    assert_ne!(cache.header(None).await.unwrap().value(), first.value());
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
            let wanted = if same { Renewal::Unchanged } else { Renewal::Replaced };
            assert_eq!(call.await.unwrap().unwrap(), wanted);
        }
        assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_during_its_request_leaves_the_turn_to_the_next() {
    let (cache, slow) = cache(None, |number| Ok(token(number)));
    assert!(tokio::time::timeout(Duration::from_millis(10), cache.header(None)).await.is_err());
    assert!(cache.header(None).await.is_ok());
    assert_eq!(slow.asked.load(Ordering::SeqCst), 2);
}

/// Has a token at once; the next one takes forever or fails permanently.
#[derive(Debug)]
struct OnceOnly {
    asked: AtomicU32,
    hangs: bool,
}

impl CredentialsProvider for Arc<OnceOnly> {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            match self.asked.fetch_add(1, Ordering::SeqCst) {
                0 => Ok(token(0)),
                _ if self.hangs => std::future::pending().await,
                _ => Err(CredentialsError::permanent("the role is gone")),
            }
        })
    }

    fn max_age(&self) -> Option<Duration> {
        Some(Duration::from_secs(10))
    }
}

async fn with_a_token_to_renew(hangs: bool) -> (TokenCache, Arc<OnceOnly>) {
    let provider = Arc::new(OnceOnly { asked: AtomicU32::new(0), hangs });
    let cache = TokenCache::new(Arc::new(provider.clone()));
    cache.header(None).await.unwrap();
    tokio::time::advance(Duration::from_secs(11)).await;
    (cache, provider)
}

#[tokio::test(start_paused = true)]
async fn a_hanging_early_renewal_delays_only_one_call() {
    let (cache, provider) = with_a_token_to_renew(true).await;
    let started = Instant::now();
    let call = tokio::time::timeout(Duration::from_secs(600), cache.header(None)).await;
    assert!(call.is_ok_and(|header| header.is_ok()), "the good token is used");
    assert!(started.elapsed() <= Duration::from_secs(10), "{:?}", started.elapsed());
    let next = Instant::now();
    for _ in 0..100 {
        cache.header(None).await.unwrap();
    }
    assert_eq!((next.elapsed(), provider.asked.load(Ordering::SeqCst)), (Duration::ZERO, 2));
    // The control: it is asked again in time.
    tokio::time::advance(Duration::from_secs(60)).await;
    cache.header(None).await.unwrap();
    assert_eq!(provider.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_early_renewal_is_not_retried_at_once() {
    let (cache, provider) = with_a_token_to_renew(true).await;
    assert!(tokio::time::timeout(Duration::from_millis(10), cache.header(None)).await.is_err());
    let next = Instant::now();
    let header = tokio::time::timeout(Duration::from_secs(600), cache.header(None)).await;
    assert!(header.is_ok_and(|header| header.is_ok()));
    assert_eq!((next.elapsed(), provider.asked.load(Ordering::SeqCst)), (Duration::ZERO, 2));
}

#[tokio::test(start_paused = true)]
async fn a_valid_token_is_used_although_its_provider_fails_permanently() {
    let (cache, provider) = with_a_token_to_renew(false).await;
    assert!(cache.header(None).await.is_ok());
    assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
}
