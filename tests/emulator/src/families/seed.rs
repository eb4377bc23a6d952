//! What an organization contains before the first request, and what tests insert.

use serde_json::{Map, Value, json};

use crate::spec::Spec;
use crate::world::{Item, Kind, World, clock, kinds};

/// Regions: provider, region code, display name, shared tier.
const REGIONS: &[(&str, &str, &str, bool)] = &[
    ("AWS", "us-east-1", "US East 1 (N. Virginia)", true),
    ("AWS", "us-west-2", "US West 2 (Oregon)", false),
    ("AWS", "eu-west-1", "Europe West 1 (Ireland)", false),
    ("AWS", "eu-central-1", "Europe Central 1 (Frankfurt)", false),
    ("AWS", "ap-southeast-2", "Asia Pacific Southeast 2 (Sydney)", false),
    ("GCP", "us-east4", "US East 4 (N. Virginia)", false),
    ("GCP", "europe-west1", "Europe West 1 (Belgium)", false),
    ("Azure", "eastus", "US East (Virginia)", false),
    ("Azure", "westeurope", "West Europe (Netherlands)", false),
];

/// Inserts regions, roles, one user and one project.
pub(crate) fn seed(world: &mut World) {
    for (provider, code, name, shared) in REGIONS {
        let mut item = Item::new(json!({"provider": provider, "regionName": code, "region": name}));
        item.hidden.insert("sharedTier".to_owned(), (*shared).into());
        let id = world.new_id(&kinds::REGION);
        world.insert(&kinds::REGION, &id, item);
    }
    super::roles::seed(world);
    let id = world.new_id(&kinds::USER);
    world.insert(&kinds::USER, &id, super::users::user("owner@example.com"));
    let id = world.new_id(&kinds::PROJECT);
    let item = Item::new(json!({"name": "Standard Project", "edition": "STANDARD", "createdAt": clock::now()}));
    world.insert(&kinds::PROJECT, &id, item);
}

/// Makes an item from a test's value: missing required fields are filled in from the document.
///
/// # Errors
/// A message when the value is not an object.
pub(crate) fn complete(
    world: &mut World,
    spec: &Spec,
    kind: &'static Kind,
    schema: &str,
    given: Value,
) -> Result<String, String> {
    let Value::Object(given) = given else {
        return Err(format!("a {} must be given as a JSON object", kind.title));
    };
    let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
    let mut value = match spec.minimal_sample(&reference) {
        Value::Object(sample) => sample,
        _ => Map::new(),
    };
    let id = match given.get(kind.id).and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => world.new_id(kind),
    };
    value.insert(kind.id.to_owned(), id.clone().into());
    value.insert("createdAt".to_owned(), clock::now().into());
    if spec.resolve(&reference).pointer("/properties/state").is_some() {
        value.insert("state".to_owned(), "ACTIVE".into());
    }
    // A deployment inserted by a test is ready unless the test says otherwise.
    let runs = [&kinds::WORKSPACE, &kinds::CLUSTER].contains(&kind);
    let region = given.get("regionName").or(given.get("region")).and_then(Value::as_str).unwrap_or("us-east-1");
    let address = runs.then(|| world.endpoint(&id, region));
    if let Some(address) = &address {
        value.insert("endpoint".to_owned(), address.clone().into());
    }
    place(world, kind, &mut value);
    value.extend(given);
    let mut item = Item::new(Value::Object(value));
    item.endpoint = address;
    if ["SUSPENDED", "TERMINATED", "FAILED", "PENDING"].contains(&item.state()) {
        item.value.remove("endpoint");
    }
    world.insert(kind, &id, item);
    Ok(id)
}

/// Fills in where a deployment runs and who owns it.
fn place(world: &World, kind: &Kind, value: &mut Map<String, Value>) {
    let region = world.all(&kinds::REGION).next().map(|region| region.value.clone()).unwrap_or_default();
    let project = world.default_project();
    let group =
        [("provider", &region, "provider"), ("regionID", &region, "regionID"), ("regionName", &region, "regionName")];
    let cluster = [("provider", &region, "provider"), ("region", &region, "regionName")];
    let both = [("projectID", &project, "projectID")];
    let fields: Vec<_> = match kind {
        kind if *kind == kinds::WORKSPACE_GROUP => group.iter().chain(&both).collect(),
        kind if *kind == kinds::CLUSTER => cluster.iter().chain(&both).collect(),
        _ => Vec::new(),
    };
    for (field, from, name) in fields {
        value.insert((*field).to_owned(), from.get(*name).cloned().unwrap_or_default());
    }
}
