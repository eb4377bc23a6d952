//! Where the resources of the organization are kept.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::tree::Trees;
use super::{Grant, Item, Kind, Reply, clock, ids, is_live, kinds, refuse};
use crate::credentials::Credentials;
use crate::http::response::Response;
use crate::limits::RateLimit;

/// What a test settles before the emulator starts.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) organization_id: String,
    pub(crate) organization_name: String,
    pub(crate) polls_until_ready: u32,
    pub(crate) polls_until_settled: u32,
    /// Time after which everything arrives without being looked at.
    pub(crate) ready_after: Option<Duration>,
    /// Lists that do not show a new deployment yet, and GETs that do not find it.
    pub(crate) lists_behind: u32,
    pub(crate) gets_behind: u32,
    /// Seconds that the service's clock is ahead of this machine's.
    pub(crate) clock_offset: i64,
    /// Seconds that a creation is dated later than the service's clock says.
    pub(crate) created_at_offset: i64,
    /// Whether responses carry no `Date`.
    pub(crate) no_date: bool,
    /// How often a new deployment goes back to its former state after it became active.
    pub(crate) flaps: u32,
    pub(crate) stateless: bool,
    pub(crate) refuse_pending_termination: bool,
    pub(crate) rate_limit: Option<RateLimit>,
    /// Headers of every response.
    pub(crate) headers: Vec<(String, String)>,
    /// Bytes of a request body that are remembered.
    pub(crate) kept_body: usize,
    /// Where pre-signed URLs point to.
    pub(crate) storage_url: String,
}

/// The emulated organization.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) credentials: Credentials,
    /// Creations of groups and clusters that still fail because another one holds the lock.
    pub(crate) lock_conflicts: u32,
    pub(crate) no_credits: bool,
    /// Deployments that are created and then fail.
    pub(crate) failing_creations: u32,
    pub(crate) files: Trees,
    pub(crate) grants: Vec<Grant>,
    counter: u64,
    items: BTreeMap<&'static str, BTreeMap<String, Item>>,
}

impl World {
    pub(crate) fn new(config: Config, credentials: Credentials) -> World {
        World {
            config,
            credentials,
            lock_conflicts: 0,
            no_credits: false,
            failing_creations: 0,
            files: Trees::default(),
            grants: Vec::new(),
            counter: 0,
            items: BTreeMap::new(),
        }
    }

    /// Lets time pass, when the settings say that time counts and not only polls.
    pub(crate) fn apply_due(&mut self) {
        if let Some(after) = self.config.ready_after {
            self.items.values_mut().flat_map(BTreeMap::values_mut).for_each(|item| item.apply_due(after));
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
        self.items.get_mut(kind.name)?.get_mut(&id.to_ascii_lowercase())
    }

    /// Finds an item, or responds with 404 in the service's words.
    pub(crate) fn find(&mut self, kind: &Kind, id: &str) -> Result<&mut Item, Response> {
        match self.items.get_mut(kind.name).and_then(|items| items.get_mut(&id.to_ascii_lowercase())) {
            Some(item) => Ok(item),
            None => Err(Response::text(404, format!("{} not found", kind.title))),
        }
    }

    /// Finds an item that was not terminated, or responds with 404.
    pub(crate) fn find_live(&mut self, kind: &Kind, id: &str) -> Result<&mut Item, Response> {
        let item = self.find(kind, id)?;
        if is_live(&item.value) { Ok(item) } else { Err(Response::text(404, format!("{} not found", kind.title))) }
    }

    /// What a GET of a deployment shows; a new one may not be found for a moment.
    pub(crate) fn look(&mut self, kind: &Kind, id: &str) -> Reply {
        let item = self.find(kind, id)?;
        if item.unfound > 0 {
            item.unfound -= 1;
            return refuse(404, format!("{} not found", kind.title));
        }
        Ok(Response::json(&item.observe()))
    }

    /// Puts in a deployment that a client created.
    pub(crate) fn create(&mut self, kind: &Kind, id: &str, mut item: Item) {
        let offset = self.config.clock_offset.saturating_add(self.config.created_at_offset);
        if offset != 0 && item.value.contains_key("createdAt") {
            item.set("createdAt", clock::rfc3339(clock::shifted(offset)));
        }
        item.unlisted = self.config.lists_behind;
        item.unfound = self.config.gets_behind;
        item.flaps = self.config.flaps;
        if let Some(left) = self.failing_creations.checked_sub(1) {
            self.failing_creations = left;
            item.fail_pending();
        }
        self.insert(kind, id, item);
    }

    pub(crate) fn insert(&mut self, kind: &Kind, id: &str, mut item: Item) {
        item.value.entry(kind.id).or_insert_with(|| id.into());
        self.items.entry(kind.name).or_default().insert(id.to_ascii_lowercase(), item);
    }

    pub(crate) fn remove(&mut self, kind: &Kind, id: &str) -> Option<Item> {
        self.items.get_mut(kind.name)?.remove(&id.to_ascii_lowercase())
    }

    /// Everything of a kind as clients see it, without letting time pass.
    pub(crate) fn values(&self, kind: &Kind) -> Vec<Value> {
        self.all(kind).map(|item| Value::Object(item.value.clone())).collect()
    }

    /// What a list shows of the items that are wanted; looking lets time pass for each of them.
    pub(crate) fn list(&mut self, kind: &Kind, terminated: bool, wanted: impl Fn(&Item) -> bool) -> Vec<Value> {
        let mut out = Vec::new();
        for item in self.all_mut(kind).filter(|item| wanted(item)) {
            let mut value = item.observe();
            if let (Some(state), Some(fields)) = (&item.listed_as, value.as_object_mut()) {
                fields.insert("state".to_owned(), state.as_str().into());
                fields.remove("terminatedAt");
                out.push(value);
                continue;
            }
            if item.unlisted > 0 {
                item.unlisted -= 1;
                continue;
            }
            if is_live(&item.value) || terminated {
                out.push(value);
            } else if item.lingers > 0 {
                item.lingers -= 1;
                out.push(value);
            }
        }
        out
    }

    /// Responds with 500 as the service does when a live item of this kind has the name already.
    pub(crate) fn name_is_free(
        &self,
        kind: &Kind,
        action: &str,
        name: &str,
        wanted: impl Fn(&Item) -> bool,
    ) -> Reply<()> {
        let taken = self.all(kind).any(|item| is_live(&item.value) && item.text("name") == name && wanted(item));
        if taken {
            refuse(500, format!("error creating {action} ({name}): {} with name {name} already exists", kind.title))
        } else {
            Ok(())
        }
    }

    /// Refuses a creation while another one holds the lock of the organization; nothing is made then.
    pub(crate) fn take_creation_lock(&mut self, action: &str, name: &str) -> Reply<()> {
        if self.lock_conflicts == 0 {
            return Ok(());
        }
        self.lock_conflicts -= 1;
        let at = clock::now();
        refuse(500, format!("error creating {action} ({name}): could not acquire lock within duration [0, {at}]"))
    }

    /// Refuses a creation when the organization has no plan.
    pub(crate) fn has_credits(&self, action: &str, name: &str) -> Reply<()> {
        if self.no_credits {
            refuse(403, format!("error creating {action} ({name}): no active plan found for project"))
        } else {
            Ok(())
        }
    }

    /// The project that is used when none is named.
    pub(crate) fn default_project(&self) -> Map<String, Value> {
        self.all(&kinds::PROJECT).next().map(|item| item.value.clone()).unwrap_or_default()
    }
}
