//! A client that cannot work says so before it sends anything.

use singlestore_management::{Client, ClientBuilder, ErrorKind};
use singlestore_management_emulator::Emulator;

const UUID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

fn with(variables: &[(&str, &str)]) -> ClientBuilder {
    let variables: Vec<(String, String)> = variables.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    Client::builder()
        .env_from(move |name| variables.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()))
}

#[test]
fn bad_configuration_is_an_error_that_says_what_to_do_before_any_request() {
    let key = || Client::builder().api_key("0123456789abcdef");
    let two = [("SINGLESTOREDB_MANAGEMENT_TOKEN", "canary-one"), ("SINGLESTORE_API_KEY", "canary-two")];
    let cases: Vec<(&str, ClientBuilder, &str)> = vec![
        ("no key", Client::builder(), "SINGLESTOREDB_MANAGEMENT_TOKEN"),
        ("no key in the environment", with(&[]), "SINGLESTOREDB_MANAGEMENT_TOKEN"),
        ("an empty key", Client::builder().api_key("  "), "empty"),
        ("two different keys in the environment", with(&two), "SINGLESTORE_API_KEY"),
        (
            "a key and a provider",
            key().credentials(singlestore_management::CredentialsChain::new()),
            "give one of them",
        ),
        ("plain http to a remote host", key().base_url("http://api.example.com"), "allow_insecure_http"),
        ("a malformed URL", key().base_url("api.singlestore.com"), "https://"),
        ("a URL of another kind", key().base_url("ftp://api.example.com"), "https://"),
        ("a password in the URL", key().base_url("https://u:canary@api.example.com"), "must not hold"),
        ("a malformed organization id", key().organization("my-org"), "UUID"),
        (
            "a malformed organization id in the environment",
            with(&[("SINGLESTOREDB_API_KEY", "k"), ("SINGLESTOREDB_ORGANIZATION", "x")]),
            "UUID",
        ),
        (
            "a malformed URL in the environment",
            with(&[("SINGLESTOREDB_API_KEY", "k"), ("SINGLESTOREDB_MANAGEMENT_BASE_URL", "::")]),
            "malformed",
        ),
        ("a user agent that no header can carry", key().user_agent("a\nb"), "user agent"),
    ];
    for (name, builder, says) in cases {
        let error = builder.build().expect_err(name);
        println!("{name}: {error}");
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
        assert!(error.to_string().contains(says), "{name}: {error}");
        assert!(!error.to_string().contains("canary"), "{name}: {error}");
        assert!(error.attempts().is_empty());
    }
}

#[test]
fn explicit_values_override_the_environment() {
    let two = [("SINGLESTOREDB_MANAGEMENT_TOKEN", "one"), ("SINGLESTORE_API_KEY", "two")];
    assert!(with(&two).api_key("given").build().is_ok(), "two implicit keys do not matter to an explicit one");
    let same = [("SINGLESTOREDB_MANAGEMENT_TOKEN", "one"), ("SINGLESTORE_API_KEY", " one ")];
    assert!(with(&same).build().is_ok());
    let url = [("SINGLESTOREDB_API_KEY", "k"), ("SINGLESTOREDB_MANAGEMENT_BASE_URL", "http://remote.example.com")];
    assert!(with(&url).base_url("https://api.example.com").build().is_ok());
}

#[tokio::test]
async fn a_jwt_without_an_organization_is_refused_before_it_is_sent() {
    // {"alg":"none"} . {"sub":"canary"} . sig
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln";
    let emulator = Emulator::builder().api_key(jwt).start().unwrap();
    let client = Client::builder().base_url(emulator.url()).api_key(jwt).build().unwrap();
    let error = client.regions().list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("organization"), "{error}");
    assert!(emulator.requests().is_empty());

    let id = emulator.organization_id();
    let client = Client::builder().base_url(emulator.url()).api_key(jwt).organization(id).build().unwrap();
    client.regions().list().await.unwrap();
    assert_eq!(emulator.requests()[0].query_value("organizationID"), Some(id));
}

#[tokio::test]
async fn every_request_carries_the_organization_once_and_a_user_agent_naming_the_caller() {
    let emulator = Emulator::builder().organization(UUID, "mine").start().unwrap();
    let client = Client::builder()
        .base_url(format!("{}/", emulator.url()))
        .api_key(emulator.api_key())
        .organization(UUID)
        .user_agent("provisioner/2.1")
        .build()
        .unwrap();
    client.regions().list().await.unwrap();
    client.projects().list().await.unwrap();
    client.request("GET", "/v1/regions").query("organizationID", UUID).send().await.unwrap();
    for request in emulator.requests() {
        let given: Vec<_> = request.query.iter().filter(|(name, _)| name == "organizationID").collect();
        assert_eq!(given, [&("organizationID".to_owned(), UUID.to_owned())]);
        let agent = request.header("user-agent").unwrap();
        assert!(agent.starts_with("provisioner/2.1 singlestore-management/"), "{agent}");
        assert!(request.path.starts_with("/v"), "a slash at the end of the base URL is not doubled: {}", request.path);
        assert_eq!(request.header("api-version"), None);
    }
}

/// A proxy that accepts one connection and returns the first bytes received.
fn proxy() -> (String, std::sync::mpsc::Receiver<String>) {
    use std::io::Read;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (heard, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).unwrap_or(0);
        let _ = heard.send(String::from_utf8_lossy(&buffer[..read]).into_owned());
    });
    (url, hears)
}

const CHILD: &str = "SINGLESTORE_MANAGEMENT_TEST_BASE_URL";

/// A process's proxies come from its environment, so a separate process makes the call.
#[test]
fn a_proxy_from_the_environment_is_used_for_the_service_and_never_for_this_machine() {
    let name = "configuration::a_proxy_from_the_environment_is_used_for_the_service_and_never_for_this_machine";
    if let Ok(url) = std::env::var(CHILD) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let retry = singlestore_management::RetryPolicy::none();
        let client = match Client::builder().base_url(url).api_key("canary-of-the-key").retry(retry).build() {
            Ok(client) => client,
            Err(error) => return println!("{:?}: {error}", error.kind()),
        };
        let outcome = runtime.block_on(async { client.regions().list().await });
        println!("{:?}", outcome.map(|regions| regions.len()));
        return;
    }
    let emulator = Emulator::builder().api_key("canary-of-the-key").start().unwrap();
    let call = |base: &str, proxy: &str| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture"]).env(CHILD, base).env_remove("NO_PROXY").env_remove("no_proxy");
        for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(variable, proxy);
        }
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };

    let (url, hears) = proxy();
    let told = call(emulator.url(), &url);
    assert!(told.contains("Ok("), "{told}");
    assert!(hears.try_recv().is_err(), "the proxy got the key in plain text");

    // The control: what leaves this machine does go through the proxy, with the key inside the tunnel.
    let told = call("https://api.example.com", &url);
    let heard = hears.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert!(heard.starts_with("CONNECT api.example.com:443") && !heard.contains("canary"), "{heard}");
    assert!(told.contains("Err("), "{told}");

    // A value that the HTTP library would silently ignore, bypassing the proxy.
    let told = call("https://api.example.com", "http//canary:3128");
    assert!(told.contains("Config: the environment variable HTTPS_PROXY") && !told.contains("canary"), "{told}");
    let told = call(emulator.url(), "http//canary:3128");
    assert!(told.contains("Ok("), "it is not for this machine: {told}");
}
