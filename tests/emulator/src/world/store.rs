//! Stores the resources of the organization.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::disk::Disk;
use super::tree::Trees;
use super::{Grant, Item, Kind, Made, Reply, SqlChange, clock, ids, is_live, kinds, refuse};
use crate::credentials::Credentials;
use crate::http::response::Response;
use crate::limits::RateLimit;

/// What `nextToken` of audit logs becomes at the end of the list. The document only says that the last one can be kept to ask for
/// newer entries; servers end lists in several ways, and clients must stop with each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PageTokens {
    /// Every page has a token; that of an empty page equals the one that was sent.
    #[default]
    Kept,
    /// The last page has no token.
    Absent,
    /// The last page has an empty token.
    Empty,
    /// The last page has the token that was sent, although it has entries.
    Repeated,
    /// Past the end come empty pages with two alternating tokens.
    Alternating,
    /// Past the end come empty pages, each with a new token.
    Endless,
}

/// The settings that a test chooses before the emulator starts.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) organization_id: String,
    pub(crate) organization_name: String,
    pub(crate) polls_until_ready: u32,
    pub(crate) polls_until_settled: u32,
    /// The time after which changes complete without being observed.
    pub(crate) ready_after: Option<Duration>,
    /// How many lists do not yet show a new deployment, and how many GETs do not find it.
    pub(crate) lists_behind: u32,
    pub(crate) gets_behind: u32,
    /// How many seconds the service's clock is ahead of this machine's.
    pub(crate) clock_offset: i64,
    /// How many seconds later than the service's clock creations are dated.
    pub(crate) created_at_offset: i64,
    /// Whether responses have no `Date`.
    pub(crate) no_date: bool,
    /// How often a new deployment returns to its former state after it became active.
    pub(crate) flaps: u32,
    pub(crate) stateless: bool,
    pub(crate) refuse_pending_termination: bool,
    pub(crate) rate_limit: Option<RateLimit>,
    /// Headers added to every response.
    pub(crate) headers: Vec<(String, String)>,
    /// How many bytes of a request body are kept.
    pub(crate) kept_body: usize,
    /// How many requests are kept.
    pub(crate) kept_requests: usize,
    pub(crate) page_size: usize,
    pub(crate) page_tokens: PageTokens,
    /// Whether pages of cloud functions omit the information about other pages.
    pub(crate) no_page_metadata: bool,
    /// Whether an empty page omits its list.
    pub(crate) empty_pages_absent: bool,
    /// Whether an upload replaces an existing file; it is refused otherwise.
    pub(crate) uploads_replace: bool,
    /// Whether Stage sends content directly, and whether file spaces redirect to the store.
    pub(crate) stage_direct: bool,
    pub(crate) files_redirected: bool,
    pub(crate) url_lifetime: Duration,
    /// Where pre-signed URLs point.
    pub(crate) storage_url: String,
    /// The path that clients put before every path of the API.
    pub(crate) prefix: String,
    /// The host and port of the database server behind all deployments; without it, addresses where nothing listens.
    pub(crate) database: Option<(String, u16)>,
    /// Whether operations without behavior are refused.
    pub(crate) strict: bool,
    /// How long lists do not show a new deployment.
    pub(crate) lists_behind_for: Duration,
}

/// The emulated organization.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// Counts resets.
    pub(crate) generation: u64,
    pub(crate) config: Config,
    pub(crate) credentials: Credentials,
    /// How many creations of groups and clusters still fail because another one holds the lock.
    pub(crate) lock_conflicts: u32,
    pub(crate) no_credits: bool,
    /// How many new deployments still fail.
    pub(crate) failing_creations: u32,
    pub(crate) files: Trees,
    pub(crate) grants: Vec<Grant>,
    /// The changes of the current request on the database server.
    pub(crate) sql: Vec<SqlChange>,
    /// What was created on the database server so far.
    pub(crate) made: Made,
    /// The deployment whose admin exists on the database server: a server has only one admin.
    pub(crate) admin_of: String,
    pub(crate) disk: Arc<Disk>,
    /// Pre-signed URLs up to this number are expired.
    pub(crate) urls_expired: u64,
    /// How far the clock is ahead of the machine's.
    pub(crate) ahead: Duration,
    counter: u64,
    /// Workspace ids by group.
    owned: HashMap<String, BTreeSet<String>>,
    /// Items that may have pending changes since they were last looked at, and when those are due.
    touched: Vec<(&'static str, String)>,
    due: BTreeSet<(Instant, &'static str, String)>,
    items: BTreeMap<&'static str, BTreeMap<String, Item>>,
}

impl World {
    pub(crate) fn new(config: Config, credentials: Credentials, disk: Arc<Disk>) -> World {
        World {
            generation: 0,
            config,
            credentials,
            lock_conflicts: 0,
            no_credits: false,
            failing_creations: 0,
            files: Trees::default(),
            grants: Vec::new(),
            sql: Vec::new(),
            made: Made::default(),
            admin_of: String::new(),
            disk,
            urls_expired: 0,
            ahead: Duration::ZERO,
            counter: 0,
            owned: HashMap::new(),
            touched: Vec::new(),
            due: BTreeSet::new(),
            items: BTreeMap::new(),
        }
    }

    /// Applies what is due, if the settings count time and not only polls. Looks only at the touched items.
    pub(crate) fn apply_due(&mut self) {
        let Some(after) = self.config.ready_after else {
            return;
        };
        let due = |item: &Item| item.pending_since().and_then(|since| since.checked_add(after));
        for (kind, id) in std::mem::take(&mut self.touched) {
            if let Some(at) = self.items.get(kind).and_then(|items| items.get(&id)).and_then(due) {
                self.due.insert((at, kind, id));
            }
        }
        let now = clock::instant();
        while self.due.first().is_some_and(|(at, ..)| *at <= now) {
            let Some((_, kind, id)) = self.due.pop_first() else { return };
            let Some(item) = self.items.get_mut(kind).and_then(|items| items.get_mut(&id)) else { continue };
            match due(item) {
                // A later change has reset the time.
                Some(at) if at > now => {
                    self.due.insert((at, kind, id));
                }
                Some(_) => item.settle(),
                None => {}
            }
        }
    }

    /// The next number, for ids and generated names.
    pub(crate) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    pub(crate) fn new_id(&mut self, kind: &Kind) -> String {
        ids::uuid_at(kind.number, self.next())
    }

    pub(crate) fn all(&self, kind: &Kind) -> impl Iterator<Item = &Item> {
        self.items.get(kind.name).into_iter().flat_map(BTreeMap::values)
    }

    pub(crate) fn all_mut(&mut self, kind: &Kind) -> impl Iterator<Item = &mut Item> {
        self.items.get_mut(kind.name).into_iter().flat_map(BTreeMap::values_mut)
    }

    pub(crate) fn get(&self, kind: &Kind, id: &str) -> Option<&Item> {
        self.items.get(kind.name)?.get(&id.to_ascii_lowercase())
    }

    pub(crate) fn get_mut(&mut self, kind: &Kind, id: &str) -> Option<&mut Item> {
        let id = id.to_ascii_lowercase();
        let item = self.items.get_mut(kind.name)?.get_mut(&id)?;
        if self.config.ready_after.is_some() {
            self.touched.push((kind.name, id));
        }
        Some(item)
    }

    /// Finds an item, or responds with 404 in the service's words.
    pub(crate) fn find(&mut self, kind: &Kind, id: &str) -> Result<&mut Item, Response> {
        match self.get_mut(kind, id) {
            Some(item) => Ok(item),
            None => Err(Response::text(404, format!("{} not found", kind.title))),
        }
    }

    /// Finds an item that is not terminated, or responds with 404.
    pub(crate) fn find_live(&mut self, kind: &Kind, id: &str) -> Result<&mut Item, Response> {
        let item = self.find(kind, id)?;
        if is_live(&item.value) { Ok(item) } else { Err(Response::text(404, format!("{} not found", kind.title))) }
    }

    /// What a GET of a deployment shows; a new one may not be found at first.
    pub(crate) fn look(&mut self, kind: &Kind, id: &str) -> Reply {
        let item = self.find(kind, id)?;
        if item.unfound > 0 {
            item.unfound -= 1;
            return refuse(404, format!("{} not found", kind.title));
        }
        let response = Response::json(&item.observe());
        if item.state() == "ACTIVE"
            && let Some(owner) = kind.owner().map(|owner| item.text(owner).to_owned())
        {
            self.settle_group(&owner);
        }
        Ok(response)
    }

    /// A group with a running workspace is no longer pending, whether or not it was observed.
    fn settle_group(&mut self, id: &str) {
        if let Some(group) = self.get_mut(&kinds::WORKSPACE_GROUP, id)
            && group.state() == "PENDING"
            && group.pending_since().is_some()
        {
            group.settle();
        }
    }

    /// Inserts a deployment that a client created.
    pub(crate) fn create(&mut self, kind: &'static Kind, id: &str, mut item: Item) {
        let offset = self.config.clock_offset.saturating_add(self.config.created_at_offset);
        if offset != 0 && item.value.contains_key("createdAt") {
            item.set("createdAt", clock::rfc3339(clock::shifted(offset)));
        }
        item.unlisted = self.config.lists_behind;
        item.unlisted_until = clock::instant().checked_add(self.config.lists_behind_for);
        item.unfound = self.config.gets_behind;
        item.flaps = self.config.flaps;
        if let Some(left) = self.failing_creations.checked_sub(1) {
            self.failing_creations = left;
            item.fail_pending();
        }
        self.insert(kind, id, item);
    }

    pub(crate) fn insert(&mut self, kind: &'static Kind, id: &str, mut item: Item) {
        item.value.entry(kind.id).or_insert_with(|| id.into());
        let id = id.to_ascii_lowercase();
        self.remove(kind, &id);
        if let Some(owner) = kind.owner() {
            self.owned.entry(item.text(owner).to_ascii_lowercase()).or_default().insert(id.clone());
        }
        if self.config.ready_after.is_some() {
            self.touched.push((kind.name, id.clone()));
        }
        self.items.entry(kind.name).or_default().insert(id, item);
    }

    pub(crate) fn remove(&mut self, kind: &Kind, id: &str) -> Option<Item> {
        let id = id.to_ascii_lowercase();
        let item = self.items.get_mut(kind.name)?.remove(&id)?;
        if let Some(ids) = kind.owner().and_then(|owner| self.owned.get_mut(&item.text(owner).to_ascii_lowercase())) {
            ids.remove(&id);
        }
        Some(item)
    }

    /// The workspace ids of a group.
    fn ids_of(&self, owner: &str) -> impl Iterator<Item = &String> {
        self.owned.get(&owner.to_ascii_lowercase()).into_iter().flatten()
    }

    /// The items that belong to an owner; only for kinds with an owner.
    pub(crate) fn all_of(&self, kind: &Kind, owner: &str) -> impl Iterator<Item = &Item> {
        let items = self.items.get(kind.name);
        self.ids_of(owner).filter_map(move |id| items?.get(id))
    }

    /// The items after an id, in order of id, or all of them; backwards on request.
    pub(crate) fn page<'a>(
        &'a self,
        kind: &Kind,
        after: Option<&str>,
        backwards: bool,
    ) -> Box<dyn Iterator<Item = &'a Item> + 'a> {
        let Some(items) = self.items.get(kind.name) else {
            return Box::new(std::iter::empty());
        };
        let bound = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.to_ascii_lowercase()));
        if backwards {
            Box::new(items.range((Bound::Unbounded, bound)).rev().map(|(_, item)| item))
        } else {
            Box::new(items.range((bound, Bound::Unbounded)).map(|(_, item)| item))
        }
    }

    /// Everything of a kind as clients see it, without advancing time.
    pub(crate) fn values(&self, kind: &Kind) -> Vec<Value> {
        self.all(kind).map(|item| Value::Object(item.value.clone())).collect()
    }

    /// What a list shows of the wanted items; listing advances time for each of them.
    pub(crate) fn list(&mut self, kind: &Kind, terminated: bool, wanted: impl Fn(&Item) -> bool) -> Response {
        let mut listing = Listing::default();
        self.all_mut(kind).filter(|item| wanted(item)).for_each(|item| listing.see(item, terminated));
        listing.finish()
    }

    /// What a list shows of the items of an owner, without visiting all others.
    pub(crate) fn list_of(&mut self, kind: &Kind, owner: &str, terminated: bool) -> Response {
        let ids: Vec<String> = self.ids_of(owner).cloned().collect();
        let mut listing = Listing::default();
        let mut active = false;
        if let Some(items) = self.items.get_mut(kind.name) {
            for id in &ids {
                if let Some(item) = items.get_mut(id) {
                    listing.see(item, terminated);
                    active |= item.state() == "ACTIVE";
                }
            }
        }
        if active {
            self.settle_group(owner);
        }
        listing.finish()
    }

    /// Responds with 500, like the service, if a live item of this kind already has the name.
    pub(crate) fn name_is_free(
        &self,
        kind: &Kind,
        action: &str,
        name: &str,
        wanted: impl Fn(&Item) -> bool,
    ) -> Reply<()> {
        name_is_free(kind, action, name, self.all(kind).filter(|item| wanted(item)))
    }

    /// Refuses a creation while another one holds the organization's lock; nothing is created then.
    pub(crate) fn take_creation_lock(&mut self, action: &str, name: &str) -> Reply<()> {
        if self.lock_conflicts == 0 {
            return Ok(());
        }
        self.lock_conflicts -= 1;
        let at = clock::now();
        refuse(500, format!("error creating {action} ({name}): could not acquire lock within duration [0, {at}]"))
    }

    /// Refuses a creation if the organization has no plan.
    pub(crate) fn has_credits(&self, action: &str, name: &str) -> Reply<()> {
        if self.no_credits {
            refuse(403, format!("error creating {action} ({name}): no active plan found for project"))
        } else {
            Ok(())
        }
    }

    /// The address of a deployment: the database server, or one where nothing listens.
    pub(crate) fn endpoint(&self, id: &str, region: &str) -> String {
        match &self.config.database {
            Some((endpoint, _)) => endpoint.clone(),
            None => format!("svc-{id}-dml.{region}.emulator.invalid"),
        }
    }

    /// Gives a deployment its admin.
    pub(crate) fn set_admin(&mut self, id: &str, password: &str) {
        self.admin_of = id.to_ascii_lowercase();
        self.sql.push(SqlChange::Admin { name: "admin".to_owned(), password: password.to_owned() });
    }

    /// Removes the admin with its deployment, unless it belongs to another one by now.
    pub(crate) fn remove_admin(&mut self, id: &str) {
        if self.admin_of.eq_ignore_ascii_case(id) {
            self.admin_of.clear();
            self.sql.push(SqlChange::NoUser { name: "admin".to_owned() });
        }
    }

    /// The project that is used if none is named.
    pub(crate) fn default_project(&self) -> Map<String, Value> {
        self.all(&kinds::PROJECT).next().map(|item| item.value.clone()).unwrap_or_default()
    }
}

/// A list being written; items are not copied.
#[derive(Default)]
struct Listing {
    body: Vec<u8>,
}

impl Listing {
    /// Adds an item if lists show it; listing advances its time.
    fn see(&mut self, item: &mut Item, terminated: bool) {
        item.pass();
        if let Some(state) = &item.listed_as {
            let mut value = item.value.clone();
            value.insert("state".to_owned(), state.as_str().into());
            value.remove("terminatedAt");
            return self.add(&value);
        }
        if item.is_unlisted() {
            return;
        }
        if !is_live(&item.value) && !terminated {
            let Some(left) = item.lingers.checked_sub(1) else { return };
            item.lingers = left;
        }
        self.add(&item.value);
    }

    fn add(&mut self, value: &Map<String, Value>) {
        self.body.push(if self.body.is_empty() { b'[' } else { b',' });
        // Writing JSON into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.body, value);
    }

    fn finish(mut self) -> Response {
        if self.body.is_empty() {
            self.body.push(b'[');
        }
        self.body.push(b']');
        Response::bytes(200, "application/json", self.body)
    }
}

/// Responds with 500 if one of these items is live and has the name.
pub(crate) fn name_is_free<'a>(
    kind: &Kind,
    action: &str,
    name: &str,
    mut among: impl Iterator<Item = &'a Item>,
) -> Reply<()> {
    if among.any(|item| item.text("name") == name && is_live(&item.value)) {
        refuse(500, format!("error creating {action} ({name}): {} with name {name} already exists", kind.title))
    } else {
        Ok(())
    }
}
