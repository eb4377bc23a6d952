//! Where tokens come from and what happens to them, through the public interface.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use singlestore_management::types::WorkspaceGroupCreate;
use singlestore_management::{
    Client, ClientBuilder, CredentialsChain, CredentialsError, CredentialsProvider, ErrorKind, Token, TokenFile,
    TokenFuture,
};
use singlestore_management_emulator::{Emulator, Fault};

use crate::support::quick_retries;

fn builder(emulator: &Emulator) -> ClientBuilder {
    Client::builder().base_url(emulator.url()).retry(quick_retries())
}

fn jwt(expires: SystemTime) -> String {
    let seconds = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"none"}"#.into()), part(format!(r#"{{"exp":{seconds}}}"#)))
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

/// A file for each test, removed with the test.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("singlestore-management-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn replace(&self, text: &str) {
        let next = self.0.with_extension("next");
        std::fs::write(&next, text).unwrap();
        std::fs::rename(next, &self.0).unwrap();
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_file_that_changes_is_read_again_before_the_old_token_is_refused() {
    let emulator = Emulator::start().unwrap();
    let file = File::new("changes", &format!(" {}\n", emulator.api_key()));
    let provider = TokenFile::new(&file.0).check_every(Duration::ZERO);
    let client = builder(&emulator).credentials(provider).build().unwrap();
    client.regions().list().await.unwrap();
    emulator.accept_key("another-key-that-is-longer");
    file.replace("another-key-that-is-longer");
    emulator.revoke_key(emulator.api_key());
    client.regions().list().await.unwrap();
    let statuses: Vec<_> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(200), Some(200)], "no request with the old key");

    std::fs::remove_file(&file.0).unwrap();
    client.regions().list().await.expect("a good token outlives its file for a while");
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_a_post_is_replayed_once() {
    let emulator = Emulator::start().unwrap();
    let region = emulator_region(&emulator).await;
    let file = File::new("refused", emulator.api_key());
    let client = builder(&emulator).credentials(TokenFile::new(&file.0)).build().unwrap();
    client.regions().list().await.unwrap();
    emulator.clear_requests();
    emulator.accept_key("the-next-key");
    emulator.revoke_key(emulator.api_key());
    file.replace("the-next-key");
    let body = WorkspaceGroupCreate::new("tenants", ["203.0.113.0/24"]).region_id(region);
    client.workspace_groups().create(body).await.unwrap();
    let statuses: Vec<_> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(401), Some(200)]);
    assert_eq!(emulator.workspace_groups().len(), 1);
}

async fn emulator_region(emulator: &Emulator) -> singlestore_management::RegionId {
    let client = builder(emulator).api_key(emulator.api_key()).build().unwrap();
    client.regions().list().await.unwrap().remove(0).region_id
}

#[tokio::test]
async fn a_refused_fixed_key_is_sent_once_and_never_shown() {
    let emulator = Emulator::start().unwrap();
    let client = builder(&emulator).api_key("revoked-key-0123456789").build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(emulator.requests().len(), 1);
    assert!(!format!("{error} {error:?}").contains("revoked-key"), "{error}");
}

#[tokio::test]
async fn a_jwt_without_an_organization_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let token = jwt(in_an_hour());
    emulator.accept_key(&token);
    let client = builder(&emulator).api_key(token.as_str()).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("organization") && error.attempts().is_empty(), "{error}");
    assert!(emulator.requests().is_empty());

    // With it, every request names it, including requests to arbitrary paths.
    let organization = emulator.organization_id();
    let client = builder(&emulator).api_key(token.as_str()).organization(organization).build().unwrap();
    client.regions().list().await.unwrap();
    let _: serde_json::Value = client.request("GET", "/v2/regions").query("fields", "region").fetch().await.unwrap();
    let requests = emulator.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| request.query_value("organizationID") == Some(organization)));
}

#[tokio::test]
async fn an_expired_jwt_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let token = jwt(SystemTime::now() - Duration::from_secs(1));
    let organization = emulator.organization_id();
    let client = builder(&emulator).api_key(token).organization(organization).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(emulator.requests().is_empty());
}

/// Fails as often as told, then has the key.
#[derive(Debug)]
struct Late {
    key: String,
    failures: u32,
    transient: bool,
    asked: Arc<AtomicU32>,
}

impl CredentialsProvider for Late {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(async {
            if self.asked.fetch_add(1, Ordering::SeqCst) >= self.failures {
                return Ok(Token::new(self.key.as_str()));
            }
            let why = "the vault is sealed";
            Err(if self.transient { CredentialsError::transient(why) } else { CredentialsError::permanent(why) })
        })
    }
}

#[tokio::test]
async fn a_temporary_provider_failure_is_retried_and_a_permanent_one_is_not() {
    let emulator = Emulator::start().unwrap();
    for (failures, transient, wanted, asked_wanted) in
        [(2, true, true, 3), (1, false, false, 1), (u32::MAX, true, false, 5)]
    {
        let asked = Arc::new(AtomicU32::new(0));
        let provider = Late { key: emulator.api_key().to_owned(), failures, transient, asked: asked.clone() };
        let client = builder(&emulator).credentials(provider).build().unwrap();
        let outcome = client.regions().list().await;
        assert_eq!(outcome.is_ok(), wanted, "{outcome:?}");
        assert_eq!(asked.load(Ordering::SeqCst), asked_wanted);
        if let Err(error) = outcome {
            assert_eq!(error.kind(), ErrorKind::Credentials);
            assert!(error.to_string().contains("the vault is sealed"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_chain_takes_the_first_token_and_keeps_its_identity_during_an_outage() {
    let emulator = Emulator::start().unwrap();
    emulator.accept_key("the-key-of-the-file");
    let file = File::new("chain", "the-key-of-the-file");
    let missing = TokenFile::new(file.0.with_extension("missing"));
    let chain = CredentialsChain::new()
        .or(missing)
        .or(TokenFile::new(&file.0).check_every(Duration::ZERO))
        .or(Token::new("a-key-that-nobody-accepts"));
    let client = builder(&emulator).credentials(chain).build().unwrap();
    client.regions().list().await.unwrap();
    std::fs::remove_file(&file.0).unwrap();
    client.regions().list().await.expect("the token of the file, not that of the next provider");
    assert!(emulator.requests().iter().all(|request| request.status == Some(200)));

    let client = builder(&emulator).credentials(CredentialsChain::new()).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert!(error.to_string().contains("no provider"), "{error}");
}

#[tokio::test]
async fn a_401_with_the_new_token_ends_the_call() {
    let emulator = Emulator::start().unwrap();
    emulator.inject(Fault::status(401).always());
    let asked = Arc::new(AtomicU32::new(0));
    #[derive(Debug)]
    struct Always(Arc<AtomicU32>);
    impl CredentialsProvider for Always {
        fn token(&self) -> TokenFuture<'_> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move { Ok(Token::new(format!("token-{number}"))) })
        }
    }
    let client = builder(&emulator).credentials(Always(asked.clone())).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!((emulator.requests().len(), asked.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test]
async fn a_token_file_that_is_a_folder_or_too_large_is_refused() {
    let folder = std::env::temp_dir();
    let error = TokenFile::new(&folder).token().await.unwrap_err();
    assert!(error.to_string().contains("is not a regular file"), "{error}");
    let large = folder.join(format!("singlestore-management-large-token-{}", std::process::id()));
    std::fs::write(&large, vec![b'x'; (64 << 10) + 1]).unwrap();
    let error = TokenFile::new(&large).token().await.unwrap_err();
    std::fs::remove_file(&large).unwrap();
    assert!(error.to_string().contains("larger than any token"), "{error}");
}

#[tokio::test]
async fn a_new_key_of_the_same_length_and_time_is_seen_at_the_latest_after_a_401() {
    let emulator = Emulator::start().unwrap();
    let keys = ["key-number-1-of-the-file", "key-number-2-of-the-file"];
    let file = File::new("same", keys[0]);
    emulator.accept_key(keys[0]);
    // As left by image layers and `rsync -t`: a time in the past that does not change.
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let overwrite = |text: &str| {
        std::fs::write(&file.0, text).unwrap();
        std::fs::File::options().write(true).open(&file.0).unwrap().set_modified(past).unwrap();
    };
    overwrite(keys[0]);
    let after_refusal = TokenFile::new(&file.0).check_every(Duration::from_secs(3600));
    let after_refusal = builder(&emulator).credentials(after_refusal).build().unwrap();
    let every_time = TokenFile::new(&file.0).check_every(Duration::ZERO);
    let every_time = builder(&emulator).credentials(every_time).build().unwrap();
    after_refusal.regions().list().await.unwrap();
    every_time.regions().list().await.unwrap();

    emulator.accept_key(keys[1]);
    emulator.revoke_key(keys[0]);
    overwrite(keys[1]);
    emulator.clear_requests();
    after_refusal.regions().list().await.unwrap();
    every_time.regions().list().await.unwrap();
    let statuses: Vec<_> = emulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(401), Some(200), Some(200)]);
}

#[tokio::test]
async fn a_token_file_in_another_encoding_is_a_permanent_error_that_says_so() {
    let path = std::env::temp_dir().join(format!("singlestore-management-encoding-{}", std::process::id()));
    // What `echo key > file` of an old PowerShell leaves behind.
    let text: Vec<u8> = "\u{feff}a-key".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, text).unwrap();
    let error = TokenFile::new(&path).token().await.unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert!(!error.is_transient() && error.to_string().contains("UTF-8"), "{error}");
}

#[tokio::test]
async fn a_key_is_read_without_the_characters_that_shells_headers_and_editors_add() {
    let emulator = Emulator::start().unwrap();
    let key = emulator.api_key();
    for text in [
        format!("\"{key}\""),
        format!("'{key}'"),
        format!("Bearer {key}"),
        format!("bearer  {key}"),
        format!("Authorization: Bearer {key}"),
        format!("\u{feff}{key}\r\n"),
        format!("\u{feff}\"Bearer {key}\" "),
        format!("\u{201c}{key}\u{201d}"),
    ] {
        let given = builder(&emulator).api_key(text.as_str()).build().unwrap();
        given.regions().list().await.expect(&text);
        let found = text.clone();
        let environment = builder(&emulator).env_from(|name| (name == "SINGLESTOREDB_API_KEY").then(|| found.clone()));
        environment.build().unwrap().regions().list().await.expect(&text);
        let file = File::new("around", &text);
        let file = builder(&emulator).credentials(TokenFile::new(&file.0)).build().unwrap();
        file.regions().list().await.expect(&text);
    }
    assert!(emulator.requests().iter().all(|request| request.status == Some(200)));
}

#[tokio::test]
async fn an_impossible_key_is_refused_with_an_explanation_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    for (text, says) in [
        ("${SINGLESTOREDB_API_KEY}", "was not replaced"),
        ("$SINGLESTOREDB_API_KEY", "was not replaced"),
        ("$(cat canary)", "was not replaced"),
        ("{{ .Values.canary }}", "was not replaced"),
        ("%SINGLESTOREDB_API_KEY%", "was not replaced"),
        ("Bearer ${TOKEN}", "was not replaced"),
        ("<your-api-key>", "placeholder"),
        ("your-api-key", "placeholder"),
        ("[redacted]", "placeholder"),
        ("****************", "placeholder"),
        ("null", "placeholder"),
        ("Bearer", "without a key"),
        ("{\"apiKey\": \"canary\"}", "JSON"),
        ("{\"apiKey\":\"canary\"}", "JSON"),
        ("SINGLESTOREDB_API_KEY=canary", "NAME=value"),
        ("canary canary", "white space"),
        ("canary\ncanary", "white space"),
        ("\"canary", "quotation mark"),
        ("canary'", "quotation mark"),
        ("canary\u{200b}canary", "characters"),
        ("can\u{e4}ry", "characters"),
        ("can\u{7}ary", "characters"),
        ("\"\"", "empty"),
    ] {
        let error = builder(&emulator).api_key(text).build().expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
        assert!(!error.to_string().contains("canary"), "{error}");
        // A caller's provider has no better keys.
        let client = builder(&emulator).credentials(Token::new(text)).build().unwrap();
        let error = client.regions().list().await.expect_err(text);
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Credentials, false), "{text}");
        assert!(error.to_string().contains(says) && !error.to_string().contains("canary"), "{text}: {error}");
        let file = File::new("mistakes", text);
        let error = TokenFile::new(&file.0).token().await.expect_err(text);
        assert!(error.to_string().contains(says) && error.to_string().contains("mistakes"), "{text}: {error}");
        let own = |name: &str| (name == "SINGLESTORE_API_KEY").then(|| text.to_owned());
        let error = Client::builder().env_from(own).build().expect_err(text);
        assert!(error.to_string().contains("SINGLESTORE_API_KEY") || says == "empty", "{text}: {error}");
    }
    assert!(emulator.requests().is_empty());
    // The control: keys in every plausible form.
    for text in ["0123456789abcdef", "a.b.c", "k", "a-b_c", "abc+/=", "abc==", "YOURS", "nullable"] {
        assert!(builder(&emulator).api_key(text).build().is_ok(), "{text}");
    }
}
