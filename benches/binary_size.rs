//! How large a program becomes: stripped, in release, with one operation and with eleven, against reqwest and serde alone.
//!
//! `cargo bench --bench binary_size` builds four programs and prints their sizes, the ratios, and what each further operation
//! adds. It takes minutes, and needs the packages in cargo's cache or the registry.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The operations, as this crate calls them and as a path.
const OPERATIONS: [(&str, &str, &str); 11] = [
    ("workspace_groups().list()", "workspaceGroups", "workspaceGroupID name state regionID createdAt firewallRanges"),
    ("regions().list()", "regions", "regionID region provider regionName"),
    ("clusters().list()", "clusters", "clusterID name state size createdAt"),
    ("virtual_workspaces().list()", "sharedtier/virtualWorkspaces", "virtualWorkspaceID name state createdAt"),
    ("projects().list()", "projects", "projectID name edition createdAt"),
    ("secrets().list()", "secrets", "secretID name createdAt createdBy"),
    ("teams().list()", "teams", "teamID name description createdAt"),
    ("users().list()", "users", "userID email firstName lastName"),
    ("invitations().list()", "invitations", "invitationID email state createdAt"),
    ("flows().list()", "flow", "flowID name status createdAt"),
    ("audit_logs().list()", "auditLogs", "auditID source reason createdAt"),
];

fn main() -> Outcome<()> {
    // `cargo test --benches` runs this too; a build of minutes is not a test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let folder = std::env::temp_dir().join(format!("binary-size-{}", std::process::id()));
    let mut sizes = Vec::new();
    for kind in ["reqwest + serde", "this crate"] {
        let ours = kind == "this crate";
        let (one, eleven) = (size(&folder, ours, 1)?, size(&folder, ours, OPERATIONS.len())?);
        let each = (eleven - one) / (OPERATIONS.len() as f64 - 1.0);
        println!("{kind}: one operation {one:.0} kB, eleven {eleven:.0} kB, each further one {each:.1} kB");
        sizes.push((one, eleven));
    }
    std::fs::remove_dir_all(&folder)?;
    if let [(bare_one, bare_eleven), (one, eleven)] = sizes[..] {
        println!("ratios: {:.2} with one operation, {:.2} with eleven", one / bare_one, eleven / bare_eleven);
    }
    Ok(())
}

/// The size of a program with so many operations, in kB.
fn size(folder: &Path, ours: bool, operations: usize) -> Outcome<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let _ = std::fs::remove_dir_all(folder.join("src"));
    std::fs::create_dir_all(folder.join("src"))?;
    let features = "default-features = false, features = [\"rustls-ring\"]";
    let dependencies = match ours {
        true => format!("singlestore-management = {{ path = {:?}, {features} }}", root.display().to_string()),
        // The same TLS, so that the difference is this crate alone.
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
    std::fs::write(folder.join("src/main.rs"), if ours { our_program(operations) } else { bare_program(operations) })?;
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

fn bare_program(operations: usize) -> String {
    let (mut types, mut calls) = (String::new(), String::new());
    for (number, (_, path, fields)) in OPERATIONS[..operations].iter().enumerate() {
        let fields: String = fields.split(' ').map(|field| format!(" {field}: Option<String>,")).collect();
        let _ = writeln!(
            types,
            "#[derive(Debug, serde::Deserialize)]\n#[allow(non_snake_case, dead_code)]\nstruct T{number} {{{fields} }}"
        );
        let _ = writeln!(
            calls,
            "    let list: Vec<T{number}> = get(&http, &key, \"{path}\").await?.json().await?;\n    println!(\"{{list:?}}\");"
        );
    }
    format!(
        "{types}type Failure = Box<dyn std::error::Error>;\n\
         async fn get(http: &reqwest::Client, key: &str, path: &str) -> Result<reqwest::Response, Failure> {{\n    \
         let url = format!(\"https://api.singlestore.com/v1/{{path}}\");\n    \
         Ok(http.get(url).bearer_auth(key).send().await?.error_for_status()?)\n}}\n\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() -> Result<(), Failure> {{\n    \
         rustls::crypto::ring::default_provider().install_default().map_err(|_| \"a provider is there\")?;\n    \
         let (http, key) = (reqwest::Client::new(), std::env::var(\"KEY\")?);\n{calls}    Ok(())\n}}\n"
    )
}
