//! The handle that tests hold.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::builder::Builder;
use crate::faults::Fault;
use crate::record::RecordedRequest;
use crate::seed_file::SeedError;
use crate::server::{Server, StartError};
use crate::service::Service;

/// A running emulator of the SingleStore Management API; dropping it stops it.
///
/// ```
/// use singlestore_management_emulator::Emulator;
///
/// let emulator = Emulator::start()?;
/// println!("{} accepts the key {}", emulator.url(), emulator.api_key());
/// assert!(emulator.requests().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Emulator {
    pub(crate) service: Arc<Service>,
    server: Server,
    /// The settings it was started with, for sibling worlds.
    settings: Builder,
    url: String,
    storage_url: String,
    refused_url: String,
    api_key: String,
    organization_id: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.stop();
        if let Err(problem) = self.service.leave_database() {
            eprintln!("singlestore-management-emulator: end: {problem}");
        }
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Emulator").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Starts an emulator with the default settings.
    ///
    /// # Errors
    /// [`StartError`] when no port can be opened.
    pub fn start() -> Result<Emulator, StartError> {
        Emulator::builder().start()
    }

    /// Returns a builder with the default settings.
    ///
    /// ```
    /// let builder = singlestore_management_emulator::Emulator::builder().polls_until_ready(5).api_key("my-key");
    /// # let _ = builder;
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn running(service: Arc<Service>, server: Server, settings: Builder, address: IpAddr) -> Emulator {
        let host = if address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address };
        let url = |port: u16| format!("http://{}", SocketAddr::new(host, port));
        let (url, storage_url, refused_url) =
            (url(server.ports.interface), url(server.ports.storage), url(server.ports.refused));
        let (api_key, organization_id) = settings.key_and_organization();
        let emulator = Emulator { service, server, settings, url, storage_url, refused_url, api_key, organization_id };
        emulator.set_public_storage_url(&emulator.storage_url);
        emulator
    }

    /// Returns the base URL, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the base URL of the store that downloads are redirected to, on another port.
    pub fn storage_url(&self) -> &str {
        &self.storage_url
    }

    /// Returns a URL where connecting is refused for as long as the emulator lives.
    pub fn refused_url(&self) -> &str {
        &self.refused_url
    }

    /// Returns the key that the emulator accepted when it started.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Returns the id of the organization.
    pub fn organization_id(&self) -> &str {
        &self.organization_id
    }

    /// Sets the URL at which clients reach the emulator; its path is a prefix of every request from now on.
    pub fn set_public_url(&self, url: &str) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let prefix = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
        self.service.world().config.prefix = prefix.trim_end_matches('/').to_owned();
    }

    /// Sets the URL that pre-signed URLs begin with from now on.
    pub fn set_public_storage_url(&self, url: &str) {
        self.service.world().config.storage_url = url.trim_end_matches('/').to_owned();
    }

    /// Marks this moment as the one that [`reset`](Emulator::reset) returns to; the first is the start.
    pub fn mark(&self) {
        self.service.mark();
    }

    /// Returns to the marked moment: resources, files, users, keys, faults, locks, clock and the counter of ids. Requests are
    /// forgotten, and one that began earlier leaves no effect. On a database server behind the endpoints, databases and users
    /// created since are removed; the contents of the remaining ones are left as they are.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
    /// emulator.reset();
    /// assert_eq!(emulator.live_count("workspace_group"), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        if let Err(problem) = self.service.reset() {
            eprintln!("singlestore-management-emulator: reset: {problem}");
        }
    }

    /// Inserts the contents of a seed file, and marks that moment for [`reset`](Emulator::reset).
    ///
    /// # Errors
    /// [`SeedError`] with file, line and key.
    pub fn seed_from_file(&self, path: &Path) -> Result<(), SeedError> {
        crate::seed_file::apply_file(self, path)?;
        self.mark();
        Ok(())
    }

    /// Starts another emulator with the same settings on free ports.
    pub(crate) fn sibling(&self) -> Result<Emulator, StartError> {
        self.settings.for_sibling().start()
    }

    /// Accepts another key or JWT from now on.
    pub fn accept_key(&self, key: &str) {
        self.service.world().credentials.accept(key);
    }

    /// Stops accepting a key: requests with it get 401.
    pub fn revoke_key(&self, key: &str) {
        self.service.world().credentials.revoke(key);
    }

    /// Stops accepting every key, as when a token expires; [`accept_key`](Emulator::accept_key) ends this.
    pub fn expire_keys(&self) {
        self.service.world().credentials.revoke_all();
    }

    /// Returns the recorded requests, in the order in which they were handled.
    ///
    /// Those are all of them unless [`dropped_requests`](Emulator::dropped_requests) says otherwise.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.log().entries().cloned().collect()
    }

    /// The first requests after a number, and the number of the latest one.
    pub(crate) fn requests_since(
        &self,
        since: u64,
        operation: Option<&str>,
        limit: usize,
    ) -> (Vec<RecordedRequest>, u64) {
        let log = self.service.log();
        let newer = log.entries().filter(|entry| entry.sequence > since);
        let wanted = newer.filter(|entry| operation.is_none() || entry.operation.as_deref() == operation);
        (wanted.take(limit).cloned().collect(), log.last())
    }

    /// The number of the latest request.
    pub(crate) fn last_sequence(&self) -> u64 {
        self.service.log().last()
    }

    /// Returns how many requests were forgotten because more arrived than are kept.
    pub fn dropped_requests(&self) -> u64 {
        self.service.log().dropped()
    }

    /// Returns how many requests there have been, forgotten ones included.
    pub fn request_count(&self) -> u64 {
        self.service.log().total()
    }

    /// Returns the requests of one operation.
    ///
    /// # Panics
    /// If the interface document has no such operation: a test would never see a request.
    pub fn requests_of(&self, operation: &str) -> Vec<RecordedRequest> {
        crate::spec::assert_known(operation);
        self.service
            .log()
            .entries()
            .filter(|request| request.operation.as_deref() == Some(operation))
            .cloned()
            .collect()
    }

    /// Returns how many requests of one operation there have been, forgotten ones included.
    ///
    /// # Panics
    /// If the interface document has no such operation.
    pub fn count_of(&self, operation: &str) -> u64 {
        crate::spec::assert_known(operation);
        self.service.log().count_of(operation)
    }

    /// Returns how many requests of each operation there have been; operations without any are left out.
    pub fn coverage(&self) -> BTreeMap<String, u64> {
        self.service.log().operations().iter().map(|(id, count)| (id.clone(), *count)).collect()
    }

    /// Returns the requests that reached the store behind pre-signed URLs.
    pub fn storage_requests(&self) -> Vec<RecordedRequest> {
        self.service.storage_log().entries().cloned().collect()
    }

    /// Returns how many connections have been accepted so far.
    pub fn connections(&self) -> usize {
        self.service.gauges.connections()
    }

    /// Returns the largest number of requests that were being handled at the same time.
    pub fn most_at_once(&self) -> usize {
        self.service.gauges.most_at_once()
    }

    /// Forgets all requests so far.
    pub fn clear_requests(&self) {
        self.service.log().clear();
        self.service.storage_log().clear();
    }

    /// Returns everything that requests so far did against the interface document.
    pub fn violations(&self) -> Vec<String> {
        self.service.log().violations()
    }

    /// Returns how many violations there have been, those of forgotten requests included.
    pub fn violation_count(&self) -> u64 {
        self.service.log().violation_count()
    }

    /// Makes something go wrong; faults strike in the order in which they were injected.
    ///
    /// ```
    /// use singlestore_management_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::start()?;
    /// emulator.inject(Fault::status(500).body("internal error").times(2).on_method("GET"));
    /// assert_eq!(emulator.faults_left(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject(&self, fault: Fault) {
        self.service.faults().push(fault);
    }

    /// Makes something go wrong at the store that downloads are redirected to; faults that name an operation never strike there.
    ///
    /// ```
    /// use singlestore_management_emulator::{Emulator, Fault};
    ///
    /// let emulator = Emulator::start()?;
    /// emulator.inject_storage(Fault::reset_in_body().times(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject_storage(&self, fault: Fault) {
        self.service.storage_faults().push(fault);
    }

    /// Returns how many injected faults have not yet struck as often as they should.
    pub fn faults_left(&self) -> usize {
        self.service.faults().len() + self.service.storage_faults().len()
    }

    /// Removes all injected faults, including those of the store.
    pub fn clear_faults(&self) {
        self.service.faults().clear();
        self.service.storage_faults().clear();
    }

    /// Makes this many creations of groups and clusters fail because another creation holds the organization's lock.
    pub fn hold_creation_lock(&self, times: u32) {
        self.service.world().lock_conflicts = times;
    }

    /// Makes this many deployments, created from now on, end up `FAILED` instead of `ACTIVE`.
    pub fn fail_creations(&self, times: u32) {
        self.service.world().failing_creations = times;
    }

    /// Removes the organization's credits, or restores them: without credits creations respond with 403.
    pub fn no_credits(&self, none: bool) {
        self.service.world().no_credits = none;
    }

    /// Advances time at once, for everything that the emulator dates or limits: changes of deployments due by
    /// [`ready_after`](Builder::ready_after), pre-signed URLs, rate limits, the `Date` header and the times in responses.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// emulator.advance_time(Duration::from_secs(3600));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance_time(&self, by: Duration) {
        let mut world = self.service.world();
        world.ahead = world.ahead.saturating_add(by);
    }

    /// Expires all pre-signed URLs issued so far.
    pub fn expire_urls(&self) {
        let mut world = self.service.world();
        world.urls_expired = world.next();
    }

    /// Closes the port and all connections: connecting to [`url`](Emulator::url) is refused until [`come_up`](Emulator::come_up).
    ///
    /// # Errors
    /// An I/O error when the server thread has ended.
    pub fn go_down(&self) -> io::Result<()> {
        self.server.go_down()
    }

    /// Opens the port again after [`go_down`](Emulator::go_down), with the same state.
    ///
    /// # Errors
    /// An I/O error when another program has taken the port in the meantime.
    pub fn come_up(&self) -> io::Result<()> {
        self.server.come_up()
    }

    /// Returns all workspace groups as clients see them, terminated ones too.
    pub fn workspace_groups(&self) -> Vec<Value> {
        self.items("workspace_group")
    }

    /// Returns all workspaces as clients see them, terminated ones too.
    pub fn workspaces(&self) -> Vec<Value> {
        self.items("workspace")
    }

    /// Returns all clusters as clients see them, terminated ones too.
    pub fn clusters(&self) -> Vec<Value> {
        self.items("cluster")
    }
}
