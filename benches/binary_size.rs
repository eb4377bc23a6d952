//! How large a program becomes: stripped, in release, with one operation and with eleven, compared with reqwest and
//! serde alone, once with a few properties of each element as strings, once with everything in the API description.
//!
//! `cargo bench --bench binary_size` builds six programs and prints their sizes, the ratios, and what each further operation
//! adds. It takes minutes, and needs the packages in cargo's cache or the registry.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The operations, as calls of this crate and as paths.
const OPERATIONS: [(&str, &str, &str); 11] = [
    (
        "workspace_groups().list()",
        "v1/workspaceGroups",
        "workspaceGroupID name state regionID createdAt firewallRanges",
    ),
    ("regions().list()", "v1/regions", "regionID region provider regionName"),
    ("clusters().list()", "v2/clusters", "clusterID name state size createdAt"),
    ("virtual_workspaces().list()", "v1/sharedtier/virtualWorkspaces", "virtualWorkspaceID name state createdAt"),
    ("projects().list()", "v1/projects", "projectID name edition createdAt"),
    ("secrets().list()", "v1/secrets", "secretID name createdAt createdBy"),
    ("teams().list()", "v1/teams", "teamID name description createdAt"),
    ("users().list()", "v1/users", "userID email firstName lastName"),
    ("invitations().list()", "v1/invitations", "invitationID email state createdAt"),
    ("flows().list()", "v1/flow", "flowID name status createdAt"),
    ("audit_logs().list()", "v1/auditLogs", "auditID source reason createdAt"),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Few,
    All,
    Ours,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Few => "reqwest + serde, a few properties",
            Self::All => "reqwest + serde, all properties",
            Self::Ours => "this crate",
        }
    }
}

fn main() -> Outcome<()> {
    // `cargo test --benches` runs this too; a build that takes minutes is not a test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("binary-size-{}", std::process::id()));
    let mut sizes = Vec::new();
    for kind in [Kind::Few, Kind::All, Kind::Ours] {
        let (one, eleven) = (size(&folder, kind, 1)?, size(&folder, kind, OPERATIONS.len())?);
        let each = (eleven - one) / (OPERATIONS.len() as f64 - 1.0);
        println!("{}: one operation {one:.0} kB, eleven {eleven:.0} kB, each further one {each:.1} kB", kind.name());
        sizes.push((kind, one, eleven));
    }
    std::fs::remove_dir_all(&folder)?;
    if let [others @ .., (_, one, eleven)] = &sizes[..] {
        for (kind, bare_one, bare_eleven) in others {
            let (one, eleven) = (one / bare_one, eleven / bare_eleven);
            println!("against {}: {one:.2} with one operation, {eleven:.2} with eleven", kind.name());
        }
    }
    Ok(())
}

/// The size of a program with this many operations, in kB.
fn size(folder: &Path, kind: Kind, operations: usize) -> Outcome<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let _ = std::fs::remove_dir_all(folder.join("src"));
    std::fs::create_dir_all(folder.join("src"))?;
    let features = "default-features = false, features = [\"rustls-ring\"]";
    let dependencies = match kind == Kind::Ours {
        true => format!("singlestore-management = {{ path = {:?}, {features} }}", root.display().to_string()),
        // The same TLS, so that the difference is only this crate.
        false => "reqwest = { version = \"0.13\", default-features = false, features = [\"json\", \"rustls-no-provider\"] }\n\
                  rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n\
                  rustls-platform-verifier = \"0.7\"\nserde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\""
            .to_owned(),
    };
    let manifest = format!(
        "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[profile.release]\nstrip = true\n\
         [dependencies]\ntokio = {{ version = \"1\", features = [\"rt\", \"macros\", \"time\", \"net\"] }}\n{dependencies}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    let program = match kind {
        Kind::Ours => our_program(operations),
        Kind::Few => bare_program(operations, &few_properties),
        Kind::All => {
            let document = serde_json::from_slice(&std::fs::read(root.join("spec/openapi.json"))?)?;
            bare_program(operations, &|number| all_properties(&document, number))
        }
    };
    std::fs::write(folder.join("src/main.rs"), program)?;
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut command = Command::new(env!("CARGO"));
    for name in ["CARGO_TARGET_DIR", "RUSTFLAGS"] {
        command.env_remove(name);
    }
    if !command.args(["build", "--release", "--quiet"]).current_dir(folder).status()?.success() {
        return Err("a program does not compile".into());
    }
    Ok(std::fs::metadata(folder.join("target/release/consumer"))?.len() as f64 / 1e3)
}

fn our_program(operations: usize) -> String {
    let mut calls = String::new();
    for (call, _, _) in &OPERATIONS[..operations] {
        let _ = writeln!(calls, "    println!(\"{{:?}}\", client.{call}.await?);");
    }
    format!(
        "#[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {{\n    \
         let client = singlestore_management::Client::from_env()?;\n{calls}    Ok(())\n}}\n"
    )
}

fn bare_program(operations: usize, types: &dyn Fn(usize) -> (String, String)) -> String {
    let (mut declared, mut calls) = (String::new(), String::new());
    for (number, (_, path, _)) in OPERATIONS[..operations].iter().enumerate() {
        let (structs, list) = types(number);
        declared.push_str(&structs);
        let _ = writeln!(
            calls,
            "    let list: {list} = get(&http, &key, \"{path}\").await?.json().await?;\n    println!(\"{{list:?}}\");"
        );
    }
    format!(
        "{declared}type Failure = Box<dyn std::error::Error>;\n\
         async fn get(http: &reqwest::Client, key: &str, path: &str) -> Result<reqwest::Response, Failure> {{\n    \
         let url = format!(\"https://api.singlestore.com/{{path}}\");\n    \
         Ok(http.get(url).bearer_auth(key).send().await?.error_for_status()?)\n}}\n\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Failure> {{\n    \
         rustls::crypto::ring::default_provider().install_default().map_err(|_| \"a provider is there\")?;\n    \
         let (http, key) = (reqwest::Client::new(), std::env::var(\"KEY\")?);\n{calls}    Ok(())\n}}\n"
    )
}

const DERIVE: &str = "#[derive(Debug, serde::Deserialize)]\n#[allow(non_snake_case, dead_code)]\n";

/// The types of a response with the properties of the table, and the name of the outer type.
fn few_properties(number: usize) -> (String, String) {
    let fields: String = OPERATIONS[number].2.split(' ').map(|field| format!(" {field}: Option<String>,")).collect();
    (format!("{DERIVE}struct T{number} {{{fields} }}\n"), format!("Vec<T{number}>"))
}

/// The same with all properties of the document: numbers and objects as they are, everything else as strings.
fn all_properties(document: &Value, number: usize) -> (String, String) {
    let path = format!("/{}", OPERATIONS[number].1);
    let response = &document["paths"][&path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    let mut structs = BTreeMap::new();
    let list = rust_type(document, response, &format!("T{number}"), &mut structs);
    (structs.into_values().collect(), list)
}

fn rust_type(document: &Value, schema: &Value, name: &str, structs: &mut BTreeMap<String, String>) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        return rust_type(document, target, name, structs);
    }
    if let Some(branch) = schema["allOf"].as_array().and_then(|all| all.first()) {
        return rust_type(document, branch, name, structs);
    }
    let Some(properties) = schema["properties"].as_object() else {
        return match schema["type"].as_str() {
            Some("array") => format!("Vec<{}>", rust_type(document, &schema["items"], name, structs)),
            Some("string") => "String".to_owned(),
            Some("integer") => "i64".to_owned(),
            Some("number") => "f64".to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("object") => "serde_json::Map<String, serde_json::Value>".to_owned(),
            _ => "serde_json::Value".to_owned(),
        };
    };
    let mut fields = String::new();
    for (property, schema) in properties {
        let ty = rust_type(document, schema, &format!("{name}_{property}"), structs);
        let _ = write!(fields, " r#{property}: Option<{ty}>,");
    }
    structs.insert(name.to_owned(), format!("{DERIVE}#[allow(non_camel_case_types)]\nstruct {name} {{{fields} }}\n"));
    name.to_owned()
}
