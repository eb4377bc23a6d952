//! The settings that a test chooses before the emulator starts.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::credentials::Credentials;
use crate::emulator::Emulator;
use crate::families;
use crate::limits::RateLimit;
use crate::record::RecordedRequest;
use crate::server::{Listen, Server, StartError};
use crate::service::{OnRequest, Service};
use crate::spec::Spec;
use crate::world::disk::Disk;
use crate::world::{Config, PageTokens, World, ids};

/// Settings of an emulator; see [`Emulator::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing runs until `start` is called"]
pub struct Builder {
    config: Config,
    api_key: String,
    any_key: bool,
    listen: Listen,
    public_url: Option<String>,
    public_storage_url: Option<String>,
    on_request: Hook,
    #[cfg(feature = "sql")]
    database: Option<crate::sql::SqlServer>,
}

/// Called with each request.
#[derive(Clone, Default)]
struct Hook(Option<OnRequest>);

impl std::fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() { "Some(..)" } else { "None" })
    }
}

impl Builder {
    pub(crate) fn new() -> Builder {
        let config = Config {
            organization_id: ids::uuid_of("the emulated organization"),
            organization_name: "Emulated Organization".to_owned(),
            polls_until_ready: 2,
            polls_until_settled: 1,
            ready_after: None,
            lists_behind: 0,
            gets_behind: 0,
            clock_offset: 0,
            created_at_offset: 0,
            no_date: false,
            flaps: 0,
            stateless: false,
            refuse_pending_termination: true,
            rate_limit: None,
            headers: Vec::new(),
            kept_body: 16 * 1024,
            kept_requests: 100_000,
            page_size: 100,
            page_tokens: PageTokens::Kept,
            no_page_metadata: false,
            empty_pages_absent: false,
            uploads_replace: true,
            stage_direct: false,
            files_redirected: false,
            url_lifetime: Duration::from_secs(900),
            storage_url: String::new(),
            prefix: String::new(),
            database: None,
            strict: false,
            lists_behind_for: Duration::ZERO,
        };
        Builder {
            config,
            api_key: "emulator-key-0123456789abcdef0123456789abcdef".to_owned(),
            any_key: false,
            listen: Listen { address: IpAddr::V4(Ipv4Addr::LOCALHOST), interface: 0, storage: 0 },
            public_url: None,
            public_storage_url: None,
            on_request: Hook::default(),
            #[cfg(feature = "sql")]
            database: None,
        }
    }

    pub(crate) fn key_and_organization(&self) -> (String, String) {
        (self.api_key.clone(), self.config.organization_id.clone())
    }

    /// The same settings for another world, which listens on free ports.
    pub(crate) fn for_sibling(&self) -> Builder {
        let mut sibling = self.clone();
        (sibling.listen.interface, sibling.listen.storage) = (0, 0);
        (sibling.public_url, sibling.public_storage_url) = (None, None);
        sibling
    }

    /// Sets how many GETs or lists a change of a deployment takes to complete: 2 by default.
    pub fn polls_until_ready(mut self, polls: u32) -> Builder {
        self.config.polls_until_ready = polls;
        self
    }

    /// Sets how many more observations the endpoint, and then the firewall, take to settle: 1 each by default.
    pub fn polls_until_settled(mut self, polls: u32) -> Builder {
        self.config.polls_until_settled = polls;
        self
    }

    /// Completes changes after a time as well, for programs that do more than poll; only polls count by default.
    pub fn ready_after(mut self, time: Duration) -> Builder {
        self.config.ready_after = Some(time);
        self
    }

    /// Sets how many lists do not yet show a newly created deployment: none by default.
    pub fn lists_behind(mut self, lists: u32) -> Builder {
        self.config.lists_behind = lists;
        self
    }

    /// Sets how many GETs do not yet find a newly created deployment: none by default.
    pub fn gets_behind(mut self, gets: u32) -> Builder {
        self.config.gets_behind = gets;
        self
    }

    /// Sets how many seconds the service's clock is ahead of this machine's, behind if negative: the `Date` header and the
    /// `createdAt` of new resources follow it. Both clocks agree by default.
    pub fn clock_offset(mut self, seconds: i64) -> Builder {
        self.config.clock_offset = seconds;
        self
    }

    /// Sets how many seconds the `createdAt` of new resources is later than the `Date` header of that moment, earlier if
    /// negative: the machines of the service have their own clocks. They agree by default.
    pub fn created_at_offset(mut self, seconds: i64) -> Builder {
        self.config.created_at_offset = seconds;
        self
    }

    /// Omits the `Date` header from every response that no fault replaces.
    pub fn without_date(mut self) -> Builder {
        self.config.no_date = true;
        self
    }

    /// Sets how often a new deployment is seen in its former state again after being seen active: never by default.
    pub fn flaps(mut self, times: u32) -> Builder {
        self.config.flaps = times;
        self
    }

    /// Sets the accepted key; one with two dots counts as a JWT and needs `organizationID` on every request.
    pub fn api_key(mut self, key: &str) -> Builder {
        self.api_key = key.to_owned();
        self
    }

    /// Sets the id and name of the organization.
    pub fn organization(mut self, id: &str, name: &str) -> Builder {
        self.config.organization_id = id.to_owned();
        self.config.organization_name = name.to_owned();
        self
    }

    /// Responds to every valid request with a sample made from the interface document, whatever its ids.
    pub fn stateless(mut self) -> Builder {
        self.config.stateless = true;
        self
    }

    /// Allows terminating pending deployments; the service refuses that with 409.
    pub fn allow_pending_termination(mut self) -> Builder {
        self.config.refuse_pending_termination = false;
        self
    }

    /// Accepts this many requests per time window and responds with 429 and `Retry-After` beyond; there is no limit by default.
    pub fn rate_limit(mut self, requests: u32, window: Duration) -> Builder {
        self.config.rate_limit = Some(RateLimit::new(requests, window));
        self
    }

    /// Adds a header to every response that no fault replaces.
    pub fn response_header(mut self, name: &str, value: &str) -> Builder {
        self.config.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Keeps at most this many bytes of each request body: 16 KiB by default. File content is kept on disk in any case.
    pub fn keep_bodies_up_to(mut self, bytes: usize) -> Builder {
        self.config.kept_body = bytes;
        self
    }

    /// Keeps at most this many requests, the latest ones: 100,000 by default.
    ///
    /// Older ones are counted by [`dropped_requests`](Emulator::dropped_requests); violations and counts by operation include them.
    pub fn keep_requests_up_to(mut self, requests: usize) -> Builder {
        self.config.kept_requests = requests;
        self
    }

    /// Sets how many entries a page of audit logs or cloud functions has at most, and without a requested limit: 100 by default.
    pub fn page_size(mut self, entries: usize) -> Builder {
        self.config.page_size = entries.max(1);
        self
    }

    /// Sets how the tokens of audit logs end: [`PageTokens::Kept`] by default.
    ///
    /// ```
    /// use singlestore_management_emulator::{Emulator, PageTokens};
    ///
    /// let emulator = Emulator::builder().page_size(10).page_tokens(PageTokens::Absent).start()?;
    /// emulator.seed_audit_logs(25);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page_tokens(mut self, tokens: PageTokens) -> Builder {
        self.config.page_tokens = tokens;
        self
    }

    /// Leaves `metadata` out of pages of cloud functions, as the document allows.
    pub fn without_page_metadata(mut self) -> Builder {
        self.config.no_page_metadata = true;
        self
    }

    /// Leaves the list out of a page without entries, as the document allows.
    pub fn without_empty_pages(mut self) -> Builder {
        self.config.empty_pages_absent = true;
        self
    }

    /// Refuses uploads to the path of an existing file with 409; it is replaced by default. What the service does is not known.
    pub fn refuse_overwrites(mut self) -> Builder {
        self.config.uploads_replace = false;
        self
    }

    /// Sends the content of Stage files with 200; by default they redirect with 307 to a pre-signed URL.
    pub fn direct_stage_downloads(mut self) -> Builder {
        self.config.stage_direct = true;
        self
    }

    /// Redirects downloads from file spaces with 307 to a pre-signed URL; by default their content is sent with 200.
    pub fn redirect_file_downloads(mut self) -> Builder {
        self.config.files_redirected = true;
        self
    }

    /// Sets how long pre-signed URLs are valid: 15 minutes by default; see [`Emulator::expire_urls`] and
    /// [`Emulator::advance_time`].
    pub fn url_lifetime(mut self, time: Duration) -> Builder {
        self.config.url_lifetime = time;
        self
    }

    /// Accepts any well-formed token until it expires, not only the one key.
    pub fn any_key(mut self) -> Builder {
        self.any_key = true;
        self
    }

    /// Sets the address to listen on: 127.0.0.1 by default.
    pub fn bind(mut self, address: IpAddr) -> Builder {
        self.listen.address = address;
        self
    }

    /// Sets the port: a free one by default.
    pub fn port(mut self, port: u16) -> Builder {
        self.listen.interface = port;
        self
    }

    /// Sets the port of the store that downloads are redirected to: a free one by default.
    pub fn storage_port(mut self, port: u16) -> Builder {
        self.listen.storage = port;
        self
    }

    /// Sets the URL at which clients reach the emulator, if it differs from the one it listens on. Its path is a prefix of every
    /// request.
    pub fn public_url(mut self, url: &str) -> Builder {
        self.public_url = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Sets the URL at which clients reach the store; pre-signed URLs begin with it.
    pub fn public_storage_url(mut self, url: &str) -> Builder {
        self.public_storage_url = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Responds with 501 to operations without behavior, which otherwise get a sample with the header `X-Emulator-Sample`.
    pub fn strict(mut self) -> Builder {
        self.config.strict = true;
        self
    }

    /// Sets how long lists do not show a newly created deployment; none by default.
    pub fn lists_behind_for(mut self, time: Duration) -> Builder {
        self.config.lists_behind_for = time;
        self
    }

    /// Puts a MySQL-compatible server behind the endpoints: databases and users exist there before a deployment is `ACTIVE`, and
    /// are removed with it.
    #[cfg(feature = "sql")]
    pub fn sql_server(mut self, server: crate::sql::SqlServer) -> Builder {
        self.config.database = Some((server.endpoint(), server.port()));
        self.database = Some(server);
        self
    }

    /// Calls a function with each request once it has been handled; it must be quick, because the server waits for it.
    pub fn on_request(mut self, call: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Builder {
        self.on_request = Hook(Some(Arc::new(call)));
        self
    }

    /// Starts the emulator in its own thread, on free ports of 127.0.0.1 unless configured otherwise.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::builder().polls_until_ready(0).start()?;
    /// assert!(emulator.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`StartError`] when the interface document cannot be read or no port can be opened.
    pub fn start(self) -> Result<Emulator, StartError> {
        let spec = Spec::load().map_err(StartError::other)?;
        let mut credentials = Credentials::default();
        credentials.accept(&self.api_key);
        if self.any_key {
            credentials.accept_any();
        }
        let settings = self.clone();
        let disk = Disk::new().map_err(|error| StartError::other(format!("no temporary directory: {error}")))?;
        let mut world = World::new(self.config, credentials, disk);
        families::seed(&mut world);
        #[allow(unused_mut)]
        let mut service = Service::new(spec, world, self.on_request.0);
        #[cfg(feature = "sql")]
        if let Some(database) = self.database {
            database.check().map_err(StartError::other)?;
            service.database = Some(database);
        }
        let service = Arc::new(service);
        let server = Server::start(service.clone(), self.listen)?;
        let emulator = Emulator::running(service, server, settings, self.listen.address);
        if let Some(url) = &self.public_url {
            emulator.set_public_url(url);
        }
        if let Some(url) = &self.public_storage_url {
            emulator.set_public_storage_url(url);
        }
        emulator.mark();
        Ok(emulator)
    }
}
