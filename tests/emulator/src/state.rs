//! What tests read from the state and what they insert.

use std::fmt;
use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::families::complete;
use crate::world::tree::Node;
use crate::world::{Item, Kind, clock, ids, is_live, kinds};

/// Why something could not be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsertError(String);

impl InsertError {
    fn new(message: String) -> InsertError {
        InsertError(message)
    }
}

impl fmt::Display for InsertError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for InsertError {}

impl From<io::Error> for InsertError {
    fn from(error: io::Error) -> InsertError {
        InsertError(format!("cannot store the file: {error}"))
    }
}

fn unknown_kind(name: &str) -> String {
    let known: Vec<&str> = kinds::ALL.iter().map(|kind| kind.name).collect();
    format!("there is no kind {name:?}; the kinds are {}", known.join(", "))
}

#[allow(clippy::panic)]
fn known_kind(name: &str) -> &'static Kind {
    Kind::named(name).unwrap_or_else(|| panic!("{}", unknown_kind(name)))
}

fn check_space(space: &str) -> Result<(), InsertError> {
    let known = ["files/personal", "files/shared", "files/models"].contains(&space)
        || space.strip_prefix("stage/").is_some_and(ids::is_uuid);
    let message = || {
        format!(
            "there is no space {space:?}; they are files/personal, files/shared, files/models and stage/<deployment id>"
        )
    };
    if known { Ok(()) } else { Err(InsertError(message())) }
}

#[allow(clippy::panic)]
fn known_space(space: &str) {
    if let Err(error) = check_space(space) {
        panic!("{error}");
    }
}

impl Emulator {
    /// Returns everything of a kind as clients see it, without letting time pass.
    ///
    /// Kinds are `workspace_group`, `workspace`, `cluster`, `project`, `region`, `starter`, `starter_user`, `secret`, `team`,
    /// `user`, `invitation`, `job`, `private_connection`, `flow`, `cloud_function`, `role`, `audit_log`, `service_account`,
    /// `cloud_principal`, `export` and `storage_dr`.
    ///
    /// # Panics
    /// If there is no such kind: a test that asks for one would never see anything.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// assert_eq!(emulator.items("project").len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn items(&self, kind: &str) -> Vec<Value> {
        self.service.world().values(known_kind(kind))
    }

    /// Counts what exists of a kind, excluding terminated and deleted ones.
    ///
    /// # Panics
    /// If there is no such kind.
    pub fn live_count(&self, kind: &str) -> usize {
        let kind = known_kind(kind);
        self.service.world().all(kind).filter(|item| is_live(&item.value)).count()
    }

    /// Inserts a workspace group, `ACTIVE` unless the value says otherwise, and returns its id.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// let group = emulator.insert_workspace_group(serde_json::json!({"name": "tenants"}))?;
    /// emulator.insert_workspace(serde_json::json!({"name": "etl", "workspaceGroupID": group, "size": "S-1"}))?;
    /// assert_eq!(emulator.live_count("workspace"), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InsertError`] if the value is not an object.
    pub fn insert_workspace_group(&self, value: Value) -> Result<String, InsertError> {
        self.put(&kinds::WORKSPACE_GROUP, "WorkspaceGroup", value)
    }

    /// Inserts a workspace, `ACTIVE` unless the value says otherwise, and returns its id.
    ///
    /// # Errors
    /// [`InsertError`] if the value is not an object.
    pub fn insert_workspace(&self, value: Value) -> Result<String, InsertError> {
        self.put(&kinds::WORKSPACE, "Workspace", value)
    }

    /// Inserts a v2 cluster, `ACTIVE` unless the value says otherwise, and returns its id.
    ///
    /// # Errors
    /// [`InsertError`] if the value is not an object.
    pub fn insert_cluster(&self, value: Value) -> Result<String, InsertError> {
        self.put(&kinds::CLUSTER, "Cluster", value)
    }

    /// Inserts anything else as given, and returns its id.
    ///
    /// # Errors
    /// [`InsertError`] if there is no such kind or the value is not an object.
    pub fn insert(&self, kind: &str, value: Value) -> Result<String, InsertError> {
        let kind = Kind::named(kind).ok_or_else(|| InsertError::new(unknown_kind(kind)))?;
        if !value.is_object() {
            return Err(InsertError::new(format!("a {} must be given as a JSON object", kind.title)));
        }
        let mut world = self.service.world();
        let id = match value.get(kind.id).and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => world.new_id(kind),
        };
        world.insert(kind, &id, Item::new(value));
        Ok(id)
    }

    fn put(&self, kind: &'static Kind, schema: &str, value: Value) -> Result<String, InsertError> {
        complete(&mut self.service.world(), self.service.spec, kind, schema, value).map_err(InsertError::new)
    }

    /// Inserts this many active workspace groups, named `group-00000` and so on.
    pub fn seed_workspace_groups(&self, count: usize) {
        let mut world = self.service.world();
        let region = world.all(&kinds::REGION).next().map(|region| region.value.clone()).unwrap_or_default();
        let project = world.default_project();
        for number in 0..count {
            let id = world.new_id(&kinds::WORKSPACE_GROUP);
            let value = json!({
                "name": format!("group-{number:05}"), "state": "ACTIVE", "createdAt": clock::now(),
                "provider": region.get("provider"), "regionID": region.get("regionID"), "regionName": region.get("regionName"),
                "projectID": project.get("projectID"), "projectName": project.get("name"),
                "deploymentType": "PRODUCTION", "allowAllTraffic": false, "firewallRanges": ["203.0.113.0/24"],
            });
            world.insert(&kinds::WORKSPACE_GROUP, &id, Item::new(value));
        }
    }

    /// Inserts a file, with its parent folders; spaces are `stage/<deployment id>`, `files/personal`, `files/shared` and
    /// `files/models`.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// emulator.insert_file("files/shared", "report.ipynb", b"{}")?;
    /// assert_eq!(emulator.file("files/shared", "report.ipynb"), Some(b"{}".to_vec()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`InsertError`] if there is no such space or the disk is full.
    pub fn insert_file(&self, space: &str, path: &str, content: impl AsRef<[u8]>) -> Result<(), InsertError> {
        let mut world = self.service.world();
        check_space(space)?;
        let content = if path.ends_with('/') { None } else { Some(world.disk.keep(content.as_ref())?) };
        world.files.entry(space.to_owned()).or_default().place(path, Node::new(content));
        Ok(())
    }

    /// Returns the content of a file, or `None` if there is none.
    ///
    /// # Panics
    /// If there is no such space.
    pub fn file(&self, space: &str, path: &str) -> Option<Vec<u8>> {
        known_space(space);
        let content = self.service.world().files.get(space)?.get(path)?.content.clone()?;
        content.read().ok()
    }

    /// Returns the paths of a space; folders end with a slash.
    ///
    /// # Panics
    /// If there is no such space.
    pub fn files(&self, space: &str) -> Vec<String> {
        known_space(space);
        self.service.world().files.get(space).map(|tree| tree.paths()).unwrap_or_default()
    }

    /// The paths of a space, or what is wrong with its name.
    pub(crate) fn try_files(&self, space: &str) -> Result<Vec<Value>, InsertError> {
        check_space(space)?;
        Ok(self.files(space).into_iter().map(Value::from).collect())
    }

    /// The names of the spaces that contain something.
    pub(crate) fn spaces(&self) -> Vec<String> {
        let world = self.service.world();
        world.files.iter().filter(|(_, tree)| !tree.paths().is_empty()).map(|(name, _)| name.clone()).collect()
    }

    /// Inserts this many audit logs, a second apart and ending now.
    pub fn seed_audit_logs(&self, count: usize) {
        let mut world = self.service.world();
        let by = world.all(&kinds::USER).next().map(|user| user.value.clone()).unwrap_or_default();
        let organization = world.config.organization_id.clone();
        let now = clock::system();
        for number in 0..count {
            let age = Duration::from_secs(u64::try_from(count - number).unwrap_or(u64::MAX));
            let at = now.checked_sub(age).unwrap_or(now);
            let id = world.new_id(&kinds::AUDIT_LOG);
            let value = json!({
                "auditID": id, "createdAt": clock::rfc3339(at), "type": "Login", "source": "Portal", "orgID": organization,
                "userID": by.get("userID"), "userEmail": by.get("email"), "firstName": by.get("firstName"),
                "lastName": by.get("lastName"), "userType": "Customer", "reason": format!("event {number}"), "labels": [],
                "attributes": {"number": number},
            });
            world.insert(&kinds::AUDIT_LOG, &id, Item::new(value));
        }
    }

    /// Sets the state of a deployment at once and drops its pending changes; false when there is no such id.
    pub fn set_state(&self, id: &str, state: &str) -> bool {
        self.with_deployment(id, |item| {
            item.forget_later();
            item.script(Vec::new());
            item.enter(state);
        })
    }

    /// Shows these states of a deployment, one for each GET or list, and stays in the last; false when there is no such id.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// let group = emulator.insert_workspace_group(serde_json::json!({"name": "flapping"}))?;
    /// assert!(emulator.script_states(&group, ["PENDING", "ACTIVE", "PENDING", "ACTIVE"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn script_states<S: Into<String>>(&self, id: &str, states: impl IntoIterator<Item = S>) -> bool {
        let states: Vec<String> = states.into_iter().map(Into::into).collect();
        self.with_deployment(id, |item| item.script(states))
    }

    /// Makes lists show a deployment in this state, whatever its real one: lists can be out of date; false when there is no such
    /// id.
    ///
    /// ```
    /// let emulator = singlestore_management_emulator::Emulator::start()?;
    /// let group = emulator.insert_workspace_group(serde_json::json!({"name": "old", "state": "TERMINATED"}))?;
    /// assert!(emulator.list_as(&group, "ACTIVE"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn list_as(&self, id: &str, state: &str) -> bool {
        self.with_deployment(id, |item| item.listed_as = Some(state.to_owned()))
    }

    /// Sets fields of a deployment as given, null included; false when there is no such id.
    pub fn set_fields(&self, id: &str, fields: Value) -> bool {
        self.with_deployment(id, |item| item.value.extend(fields.as_object().cloned().unwrap_or_default()))
    }

    /// Completes all pending changes: states, endpoints, firewalls, fields.
    pub fn advance(&self) {
        let mut world = self.service.world();
        for kind in kinds::ALL {
            world.all_mut(kind).for_each(Item::settle);
        }
    }

    fn with_deployment(&self, id: &str, change: impl FnOnce(&mut Item)) -> bool {
        let mut world = self.service.world();
        let kind = kinds::ALL.iter().copied().find(|kind| world.get(kind, id).is_some());
        // Removed and reinserted, so that effects of a change on its group or its times are recomputed.
        match kind.and_then(|kind| Some((kind, world.remove(kind, id)?))) {
            Some((kind, mut item)) => {
                change(&mut item);
                world.insert(kind, id, item);
                true
            }
            None => false,
        }
    }
}
