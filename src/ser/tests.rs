//! A table writes exactly what derived code writes, call by call, and so in every format.

mod calls;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use self::calls::calls;
use crate::raw::ids::{OrganizationId, WorkspaceId};
use crate::types::WorkspaceState;
use crate::{Patch, Secret, Timestamp};

struct Inner {
    name: Option<String>,
    more: Vec<Inner>,
}

super::written! { Inner { "name" .name, "more" .more, } }

#[derive(Clone, Serialize)]
#[serde(rename = "Inner")]
struct DerivedInner {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    more: Vec<DerivedInner>,
}

impl From<DerivedInner> for Inner {
    fn from(DerivedInner { name, more }: DerivedInner) -> Self {
        Self { name, more: more.into_iter().map(Self::from).collect() }
    }
}

type Lists = Vec<BTreeMap<String, Vec<Option<i64>>>>;

struct Table {
    id: WorkspaceId,
    organization: OrganizationId,
    size: i64,
    small: i32,
    wide: u64,
    count: u32,
    ratio: f64,
    share: f32,
    on: bool,
    at: Option<Timestamp>,
    state: WorkspaceState,
    lists: Lists,
    tags: Vec<String>,
    labels: Option<BTreeMap<String, String>>,
    object: Option<Map<String, Value>>,
    any: Value,
    twice: Option<Option<String>>,
    always: Option<String>,
    patch: Patch<Vec<String>>,
    always_patch: Patch<i64>,
    secret: Option<Secret>,
    always_secret: Option<Secret>,
    patched_secret: Patch<Secret>,
    secrets: Vec<BTreeMap<String, Option<Secret>>>,
    redacted: Secret,
    kept: Option<Secret>,
    boxed: Option<Box<Inner>>,
    inner: Inner,
    type_: String,
}

super::written! {
    Table {
        "id" .id, "organizationID" .organization, "size" .size, "small" .small, "wide" .wide, "count" .count, "ratio" .ratio,
        "share" .share, "on" .on, "at" .at, "state" .state, "lists" .lists, "tags" unless_empty .tags, "labels" .labels, "object" .object, "any" .any,
        "twice" .twice, "always" always .always, "patch" .patch, "alwaysPatch" always .always_patch, "secret" exposed .secret,
        "alwaysSecret" always_exposed .always_secret, "patchedSecret" exposed .patched_secret, "secrets" exposed .secrets,
        "redacted" redacted .redacted, "boxed" .boxed, "inner" .inner, "type" .type_,
    }
}

/// The same type with serde's derive; secrets are strings here, so that none of our code writes them.
#[derive(Clone, Serialize)]
#[serde(rename = "Table", rename_all = "camelCase")]
struct Derived {
    id: WorkspaceId,
    #[serde(rename = "organizationID")]
    organization: OrganizationId,
    size: i64,
    small: i32,
    wide: u64,
    count: u32,
    ratio: f64,
    share: f32,
    on: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    state: WorkspaceState,
    lists: Lists,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Map<String, Value>>,
    any: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    twice: Option<Option<String>>,
    always: Option<String>,
    #[serde(skip_serializing_if = "Patch::is_absent")]
    patch: Patch<Vec<String>>,
    always_patch: Patch<i64>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    secret: Option<String>,
    #[serde(serialize_with = "plain")]
    always_secret: Option<String>,
    #[serde(skip_serializing_if = "Patch::is_absent")]
    patched_secret: Patch<String>,
    secrets: Vec<BTreeMap<String, Plain>>,
    redacted: String,
    #[serde(skip_serializing)]
    kept: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boxed: Option<Box<DerivedInner>>,
    inner: DerivedInner,
    #[serde(rename = "type")]
    type_: String,
}

/// An optional string, written without telling the format that it is optional.
#[derive(Clone)]
struct Plain(Option<String>);

impl Serialize for Plain {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain(&self.0, serializer)
    }
}

fn plain<S: serde::Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => serializer.serialize_str(text),
        None => serializer.serialize_none(),
    }
}

impl From<Derived> for Table {
    fn from(from: Derived) -> Self {
        assert_eq!(from.redacted, "[redacted]");
        Self {
            id: from.id,
            organization: from.organization,
            size: from.size,
            small: from.small,
            wide: from.wide,
            count: from.count,
            ratio: from.ratio,
            share: from.share,
            on: from.on,
            at: from.at,
            state: from.state,
            lists: from.lists,
            tags: from.tags,
            labels: from.labels,
            object: from.object,
            any: from.any,
            twice: from.twice,
            always: from.always,
            patch: from.patch,
            always_patch: from.always_patch,
            secret: from.secret.map(Secret::from),
            always_secret: from.always_secret.map(Secret::from),
            patched_secret: match from.patched_secret {
                Patch::Absent => Patch::Absent,
                Patch::Null => Patch::Null,
                Patch::Value(text) => Patch::Value(text.into()),
            },
            secrets: from
                .secrets
                .into_iter()
                .map(|map| map.into_iter().map(|(name, Plain(text))| (name, text.map(Secret::from))).collect())
                .collect(),
            redacted: Secret::from("hunter2"),
            kept: from.kept.map(Secret::from),
            boxed: from.boxed.map(|inner| Box::new(Inner::from(*inner))),
            inner: from.inner.into(),
            type_: from.type_,
        }
    }
}

type Change = Box<dyn Fn(&mut Derived)>;

/// Values with the minimum set, and changes that each add more.
fn values() -> Vec<Derived> {
    let least = Derived {
        id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301".parse().unwrap(),
        organization: "9b2504e0-4f89-41d3-9a0c-0305e82c3302".parse().unwrap(),
        size: 0,
        small: 0,
        wide: 0,
        count: 0,
        ratio: 0.0,
        share: 0.0,
        on: false,
        at: None,
        state: WorkspaceState::Active,
        lists: Vec::new(),
        tags: Vec::new(),
        labels: None,
        object: None,
        any: Value::Null,
        twice: None,
        always: None,
        patch: Patch::Absent,
        always_patch: Patch::Absent,
        secret: None,
        always_secret: None,
        patched_secret: Patch::Absent,
        secrets: Vec::new(),
        redacted: "[redacted]".to_owned(),
        kept: None,
        boxed: None,
        inner: DerivedInner { name: None, more: Vec::new() },
        type_: String::new(),
    };
    let inner = |name: Option<&str>, more| DerivedInner { name: name.map(str::to_owned), more };
    let text = || Some("canary \"\u{e9}\u{2028}\n".to_owned());
    let changes: Vec<Change> = vec![
        Box::new(|value| (value.size, value.small, value.wide, value.count) = (i64::MAX, i32::MIN, u64::MAX, u32::MAX)),
        Box::new(|value| (value.ratio, value.share, value.on) = (f64::NAN, f32::NEG_INFINITY, true)),
        Box::new(|value| (value.ratio, value.share, value.size) = (1e300, 0.1, i64::MIN)),
        Box::new(|value| value.at = Some(Timestamp::from("2026-01-02"))),
        Box::new(|value| value.state = WorkspaceState::from("NEW ONE")),
        Box::new(|value| value.lists = vec![BTreeMap::new(), BTreeMap::from([("a".into(), vec![Some(1), None])])]),
        Box::new(|value| value.tags = vec!["a".into()]),
        Box::new(|value| value.labels = Some(BTreeMap::new())),
        Box::new(|value| value.labels = Some(BTreeMap::from([("a".into(), "b".into()), ("".into(), "c".into())]))),
        Box::new(|value| value.object = Some(Map::new())),
        Box::new(|value| value.object = json!({"z": {"a": [null, 1.5]}, "b": true}).as_object().cloned()),
        Box::new(|value| value.any = json!([null, true, -1, u64::MAX, 0.1, "a", [[]], {"b": {"c": {}}}])),
        Box::new(|value| value.twice = Some(None)),
        Box::new(move |value| value.twice = Some(text())),
        Box::new(move |value| value.always = text()),
        Box::new(|value| value.patch = Patch::Null),
        Box::new(|value| value.patch = Patch::Value(Vec::new())),
        Box::new(|value| value.patch = Patch::Value(vec!["a".into(), "b".into()])),
        Box::new(|value| value.always_patch = Patch::Value(7)),
        Box::new(move |value| value.secret = text()),
        Box::new(move |value| value.always_secret = text()),
        Box::new(|value| value.patched_secret = Patch::Null),
        Box::new(|value| value.patched_secret = Patch::Value("p".into())),
        Box::new(move |value| {
            value.secrets = vec![BTreeMap::from([("a".into(), Plain(None)), ("b".into(), Plain(text()))])]
        }),
        Box::new(move |value| value.kept = text()),
        Box::new(move |value| value.boxed = Some(Box::new(inner(Some("a"), vec![inner(None, Vec::new())])))),
        Box::new(move |value| value.inner = inner(None, vec![inner(None, Vec::new()), inner(Some(""), Vec::new())])),
    ];
    let with = |chosen: &dyn Fn(usize) -> bool| {
        let mut value = least.clone();
        changes.iter().enumerate().filter(|(index, _)| chosen(*index)).for_each(|(_, change)| change(&mut value));
        value
    };
    let mut values = vec![with(&|_| false), with(&|_| true)];
    for index in 0..changes.len() {
        values.extend([with(&|other| other == index), with(&|other| other != index)]);
    }
    values
}

#[test]
fn an_object_is_written_as_serde_would_write_it() {
    let mut longest = 0;
    for derived in values() {
        let ours = Table::from(derived.clone());
        assert_eq!(serde_json::to_string(&ours).unwrap(), serde_json::to_string(&derived).unwrap());
        assert_eq!(serde_json::to_string_pretty(&ours).unwrap(), serde_json::to_string_pretty(&derived).unwrap());
        assert_eq!(serde_json::to_value(&ours).unwrap(), serde_json::to_value(&derived).unwrap());
        // In any format, and wherever it fails.
        let (made, _) = calls(&derived, usize::MAX);
        longest = longest.max(made.len());
        for most in (0..made.len()).chain([usize::MAX]) {
            assert_eq!(calls(&ours, most), calls(&derived, most));
        }
    }
    assert!(longest > 100, "{longest}");
}

#[test]
fn a_secret_is_written_only_where_it_is_exposed() {
    let all = values().swap_remove(1);
    let table = Table::from(all);
    let text = serde_json::to_string(&table).unwrap();
    assert_eq!(text.matches("hunter2").count(), 0, "{text}");
    assert!(text.contains(r#""secret":"canary"#) && text.contains(r#""redacted":"[redacted]""#), "{text}");
    assert!(table.kept.is_some() && !text.contains("kept"), "{text}");
}

struct Open {
    name: Option<String>,
    port: i64,
    others: BTreeMap<String, Vec<i64>>,
}

super::written! { Open { "name" .name, "port" .port, ..others } }

#[derive(Serialize)]
#[serde(rename = "Open")]
struct DerivedOpen {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    port: i64,
    #[serde(flatten)]
    others: BTreeMap<String, Vec<i64>>,
}

#[test]
fn an_object_with_further_properties_is_written_as_serde_would_write_it() {
    for name in [None, Some("a".to_owned())] {
        for others in [BTreeMap::new(), BTreeMap::from([("x".to_owned(), vec![1, 2]), ("port".to_owned(), Vec::new())])]
        {
            let derived = DerivedOpen { name: name.clone(), port: 7, others: others.clone() };
            let ours = Open { name: name.clone(), port: 7, others };
            assert_eq!(serde_json::to_string(&ours).unwrap(), serde_json::to_string(&derived).unwrap());
            let (made, _) = calls(&derived, usize::MAX);
            for most in (0..made.len()).chain([usize::MAX]) {
                assert_eq!(calls(&ours, most), calls(&derived, most));
            }
        }
    }
}
