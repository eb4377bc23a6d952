//! What the README and the container files tell people to type: it runs, and it refers to things that exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_singlestore-management-emulator");
const NAME: &str = "singlestore-management-emulator";
const README: &str = include_str!("../README.md");
const DOCKERFILE: &str = include_str!("../container/Dockerfile");
const COMPOSE: &str = include_str!("../container/compose.yaml");

/// The contents of the fenced blocks in one language.
fn blocks(language: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (number, part) in README.split("```").enumerate() {
        if number % 2 == 1
            && let Some(text) = part.strip_prefix(language).and_then(|rest| rest.strip_prefix('\n'))
        {
            found.push(text);
        }
    }
    assert!(!found.is_empty(), "{language}");
    found
}

/// The commands of the README with their output.
fn commands() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => printed.push_str(line),
            (None, None) => panic!("{line}"),
        }
    }
    all
}

fn command(beginning: &str) -> (String, String) {
    let found: Vec<_> = commands().into_iter().filter(|(command, _)| command.starts_with(beginning)).collect();
    assert_eq!(found.len(), 1, "{beginning}");
    found[0].clone()
}

/// A folder in which the commands run, with its own programs ahead of the machine's.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        Place { folder }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn shell(&self, script: &str) -> Command {
        let mut path =
            std::env::join_paths([self.folder.path().join("bin"), Path::new(BINARY).parent().unwrap().into()]).unwrap();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-ec", script]).current_dir(self.folder.path()).env("PATH", path);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    fn run(&self, script: &str) -> Output {
        self.shell(script).output().unwrap()
    }

    /// The output of a script, which must succeed.
    fn prints(&self, script: &str) -> String {
        let output = self.run(script);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{script}: {text} {}", String::from_utf8_lossy(&output.stderr));
        text
    }

    fn has(&self, program: &str) -> bool {
        let there = self.run(&format!("command -v {program}")).status.success();
        if !there {
            eprintln!("skipped: there is no {program} here");
        }
        there
    }
}

/// A command that prints its line and keeps running.
struct Running {
    child: Child,
    line: Value,
}

impl Running {
    fn start(place: &Place, command: &str) -> Running {
        // `exec`, so that the process is the emulator and not a shell around it.
        let mut child = place.shell(&format!("exec {command} --log none")).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{command}: {line:?}"));
        Running { child, line }
    }

    fn authority(&self, name: &str) -> String {
        self.line[name].as_str().unwrap().trim_start_matches("http://").split('/').next().unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator of the first recipe on free ports, and a function that replaces the README's addresses by its own.
fn first_recipe(place: &Place) -> (Running, impl Fn(&str) -> String + use<>) {
    let (command, printed) = command(&format!("{NAME} --port"));
    let free = command.replace("--port 8080", "--port 0").replace("--control-port 8081", "--control-port 0");
    assert_ne!(free, command);
    let running = Running::start(place, &free);
    let promised: Value = serde_json::from_str(&printed).unwrap();
    let names = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<String>>();
    assert_eq!(names(&running.line), names(&promised));
    assert_eq!(running.line["version"], promised["version"]);
    let (url, control) = (running.authority("url"), running.authority("control_url"));
    let here = move |text: &str| text.replace("127.0.0.1:8080", &url).replace("127.0.0.1:8081", &control);
    (running, here)
}

/// Prepended to every script: an HTTP error is an error of curl.
const CURL: &str = "curl() { command curl --silent --show-error --fail-with-body \"$@\"; }\n";

#[test]
fn the_first_commands_print_what_the_readme_shows() {
    let place = Place::new();
    let (install, _) = command("cargo install");
    assert_eq!(install, format!("cargo install {}", env!("CARGO_PKG_NAME")));
    let (_running, here) = first_recipe(&place);
    if place.has("curl") {
        let (list, printed) = command("curl -H 'Authorization");
        assert_eq!(place.prints(&format!("{CURL}{}", here(&list))), printed);
    }
}

#[test]
fn the_control_commands_inject_faults_and_reset() {
    let place = Place::new();
    if !place.has("curl") {
        return;
    }
    let (running, here) = first_recipe(&place);
    let all: Vec<String> = commands().into_iter().map(|(command, _)| here(&command)).collect();
    let from = all.iter().position(|command| command.starts_with("C=")).unwrap();
    let until = all.iter().position(|command| command.contains("/requests?")).unwrap();
    let last = all.iter().rposition(|command| command.contains("$C/")).unwrap();
    let settings = format!("{CURL}{}", all[from]);
    let (faults, rest) = (all[from + 1..until].join("\n"), all[until..=last].join("\n"));
    place.prints(&format!("{settings}\n{faults}"));
    let create = format!(
        "command curl --silent --output body --write-out '%{{http_code}} ' -H 'Authorization: Bearer x' \
         http://{}/v1/workspaces -d '{{}}'",
        running.authority("url")
    );
    // Two are refused, and the response to the third is lost.
    assert_eq!(place.prints(&format!("{create}\n{create}\n{create} || true")), "503 503 000 ");
    let printed = place.prints(&format!("{settings}\n{rest}"));
    let replies: Vec<Value> =
        serde_json::Deserializer::from_str(&printed).into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!((replies[0]["requests"].as_array().unwrap().len(), &replies[0]["complete"]), (3, &true.into()));
    let instance = replies.last().unwrap();
    assert!(instance["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{instance}");
    let state = place.prints(&format!("{settings}\ncurl $C/state"));
    assert_eq!(serde_json::from_str::<Value>(&state).unwrap()["requests"], 0, "it was reset");
}

#[test]
fn a_program_is_started_with_its_variables_and_violations_decide() {
    let place = Place::new();
    if !place.has("curl") {
        return;
    }
    let (recipe, _) = command(&format!("{NAME} --fail-on-violations exec"));
    let python = README.lines().find(|line| line.starts_with("| Python")).unwrap();
    let variables: Vec<&str> = python.split(['`', ' ']).filter_map(|word| Some(word.split_once('=')?.0)).collect();
    assert_eq!(variables, ["SINGLESTOREDB_MANAGEMENT_BASE_URL", "SINGLESTOREDB_MANAGEMENT_TOKEN"]);
    for (query, code) in [("", 0), ("?typo=1", 1)] {
        let program = format!(
            "#!/bin/sh\ntest \"$1\" = tests/ && curl -sf -o /dev/null -H \"Authorization: Bearer ${}\" \"${}/v1/regions{query}\"",
            variables[1], variables[0]
        );
        place.write("bin/pytest", &program);
        let output = place.run(&recipe);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_npm_recipe_replaces_the_base_url() {
    let place = Place::new();
    if !place.has("node") {
        return;
    }
    assert!(README.contains("`node --import ./emulator.mjs app.js`"));
    place.write("emulator.mjs", blocks("js")[0]);
    // As the client does it: a constant for the base URL.
    place.write(
        "app.js",
        "fetch('https://api.singlestore.com/v1/regions', { headers: { Authorization: 'Bearer ' + process.env.SINGLESTOREDB_API_KEY } })
           .then(async (response) => console.log(response.status, (await response.json()).length > 0));",
    );
    let printed = place.prints(&format!("{NAME} --log none exec -- node --import ./emulator.mjs app.js"));
    assert_eq!(printed, "200 true\n");
}

#[test]
fn a_seed_and_a_database_work_as_written() {
    let place = Place::new();
    place.write("seed.json", blocks("json")[0]);
    let running = Running::start(&place, &format!("{NAME} --seed seed.json"));
    let bytes = support::request("GET", "/v1/workspaceGroups", &[("Authorization", "Bearer x")], b"");
    let reply = support::parse(&support::raw(running.line["url"].as_str().unwrap(), &bytes).unwrap()).unwrap();
    assert!(reply.json().as_array().unwrap().iter().any(|group| group["name"] == "tenants"));

    let database = support::mysql::Database::start();
    let (recipe, _) = command(&format!("{NAME} --sql-endpoint"));
    let recipe = recipe.replacen("127.0.0.1", &database.endpoint, 1);
    place.write("root-password", "secret\n");
    Running::start(&place, &recipe);
}

/// The options of the command, by flag, and the variable of each.
fn options() -> BTreeMap<String, String> {
    let help = String::from_utf8(Command::new(BINARY).arg("--help").output().unwrap().stdout).unwrap();
    let mut all = BTreeMap::new();
    let mut flag = String::new();
    for word in help.split_whitespace() {
        if let Some(name) = word.strip_prefix("--") {
            flag = name.to_owned();
        } else if let Some(rest) = word.strip_prefix("SINGLESTORE_EMULATOR_") {
            let name = rest.trim_end_matches([']', '=']).split('=').next().unwrap().to_owned();
            all.insert(flag.clone(), format!("SINGLESTORE_EMULATOR_{name}"));
        }
    }
    assert!(all.len() > 20, "{help}");
    all
}

/// Words in a text that begin like this and continue with letters, digits, `_` and `-`.
fn words(text: &str, beginning: &str) -> Vec<String> {
    let word = |at: usize| {
        let rest = &text[at..];
        rest[beginning.len()..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
            .map_or(rest, |end| &rest[..beginning.len() + end])
    };
    text.match_indices(beginning).map(|(at, _)| word(at).to_owned()).collect()
}

#[test]
fn options_and_variables_in_the_documents_exist() {
    let options = options();
    let mut flags = 0;
    for line in README.lines().filter(|line| line.starts_with("| `--") || line.contains(NAME)) {
        for flag in words(line, "--").into_iter().filter(|flag| flag.len() > 2) {
            assert!(options.contains_key(&flag[2..]), "{flag}");
            flags += 1;
        }
    }
    assert!(flags > 20, "{flags}");
    // `exec` sets these for its command and does not read them.
    let set = ["SINGLESTORE_EMULATOR_STORAGE_URL", "SINGLESTORE_EMULATOR_CONTROL_URL"];
    for (name, text) in [("README", README), ("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)] {
        let variables = words(text, "SINGLESTORE_EMULATOR_");
        assert!(!variables.is_empty(), "{name}");
        for variable in variables {
            assert!(
                options.values().any(|known| *known == variable) || set.contains(&variable.as_str()),
                "{name}: {variable}"
            );
        }
    }
}

/// The value after a key in a text, up to white space or a quote.
fn values(text: &str, key: &str) -> Vec<String> {
    let end = |c: char| c.is_whitespace() || c == '"' || c == ']';
    text.match_indices(key)
        .map(|(at, _)| text[at + key.len()..].trim_start().split(end).next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_container_files_refer_to_things_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let container = Path::new(env!("CARGO_MANIFEST_DIR")).join("container");
    // The build directory, in the comment and in the compose file.
    assert!(root.join(&values(DOCKERFILE, "docker build -f ")[0]).is_file());
    assert!(root.join(&values(COMPOSE, "compose -f ")[0]).is_file());
    let context = container.join(&values(COMPOSE, "context:")[0]);
    assert_eq!(context.canonicalize().unwrap(), root.canonicalize().unwrap());
    assert!(context.join(&values(COMPOSE, "dockerfile:")[0]).is_file());
    assert!(README.contains("`container/Dockerfile`"));
    // What is built and copied.
    assert!(DOCKERFILE.contains(&format!("cargo build --release --locked -p {}", env!("CARGO_PKG_NAME"))));
    assert!(DOCKERFILE.contains(&format!("/source/target/release/{NAME} /{NAME}")) && BINARY.ends_with(NAME));
    assert!(DOCKERFILE.contains(&format!("ENTRYPOINT [\"/{NAME}\"]")) && DOCKERFILE.contains("USER 65534"));
    let (rust, wanted) = (&values(DOCKERFILE, "FROM rust:")[0], env!("CARGO_PKG_RUST_VERSION"));
    let number = |text: &str| text.split(['.', '-']).map_while(|part| part.parse().ok()).collect::<Vec<u32>>();
    assert!(number(rust) >= number(wanted), "{rust} is older than {wanted}");
    // The ports are the same everywhere.
    let port = |name: &str| values(DOCKERFILE, &format!("SINGLESTORE_EMULATOR_{name}="))[0].clone();
    let ports = [port("PORT"), port("CONTROL_PORT"), port("STORAGE_PORT")];
    let exposed = DOCKERFILE.lines().find_map(|line| line.strip_prefix("EXPOSE ")).unwrap();
    let actions = blocks("yaml")[0];
    for port in &ports {
        assert!(exposed.split(' ').any(|exposed| exposed == port), "{port}");
        assert!(COMPOSE.contains(&format!("127.0.0.1:{port}:{port}")), "{port}");
        assert!(actions.contains(&format!("{port}:{port}")), "{port}");
    }
    assert_eq!(values(COMPOSE, "PUBLIC_URL:")[0], format!("http://127.0.0.1:{}", ports[0]));
    assert_eq!(values(COMPOSE, "PUBLIC_STORAGE_URL:")[0], format!("http://127.0.0.1:{}", ports[2]));
    // The endpoint is the other service, with its password.
    assert!(COMPOSE.contains(&format!("\n  {}:\n", values(COMPOSE, "SQL_ENDPOINT:")[0])));
    assert_eq!(values(COMPOSE, "SQL_PASSWORD:"), values(COMPOSE, "MARIADB_ROOT_PASSWORD:"));
}

#[test]
fn the_container_starts_with_its_variables_and_is_healthy() {
    let place = Place::new();
    let healthcheck = DOCKERFILE.lines().find_map(|line| line.split_once("CMD ")).unwrap().1;
    let words: Vec<String> = serde_json::from_str(healthcheck).unwrap();
    assert_eq!(words, [format!("/{NAME}"), "healthcheck".to_owned()]);
    // Everything set by the Dockerfile and the README's service, but on loopback and on free ports.
    let mut set: Vec<String> = Vec::new();
    for variable in self::words(DOCKERFILE, "SINGLESTORE_EMULATOR_") {
        let value = match variable.as_str() {
            "SINGLESTORE_EMULATOR_BIND" => "127.0.0.1",
            port if port.ends_with("PORT") => "0",
            other => panic!("{other}"),
        };
        set.push(format!("{variable}={value}"));
    }
    let actions = blocks("yaml")[0];
    assert_eq!(self::words(actions, "SINGLESTORE_EMULATOR_"), ["SINGLESTORE_EMULATOR_CONTROL_TOKEN"]);
    set.push("SINGLESTORE_EMULATOR_CONTROL_TOKEN=token".to_owned());
    let running = Running::start(&place, &format!("env {} {NAME}", set.join(" ")));
    let port = running.authority("control_url").split_once(':').unwrap().1.to_owned();
    place.prints(&format!("SINGLESTORE_EMULATOR_CONTROL_PORT={port} {NAME} {}", words[1]));
    // Beyond loopback it does not start without a token, which is why both set one.
    let output = place.run(&format!("SINGLESTORE_EMULATOR_BIND=0.0.0.0 {NAME} exec -- true"));
    assert_eq!(output.status.code(), Some(2));
    assert!(COMPOSE.contains("SINGLESTORE_EMULATOR_CONTROL_TOKEN: ${"));
}
