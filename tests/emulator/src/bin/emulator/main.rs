//! The emulator as a command, for programs in any language.

mod child;
mod health;
mod options;

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use options::{Behind, Options};
use serde_json::json;
use singlestore_management_emulator::{Control, Emulator, RecordedRequest, StartError, spec};

/// Time for cleaning up at exit.
const AT_THE_END: Duration = Duration::from_millis(1500);
/// Bad options or a bad seed.
const USAGE: u8 = 2;
/// A port is taken.
const TAKEN: u8 = 3;

fn main() -> ExitCode {
    let version = format!("{} (interface document {})", env!("CARGO_PKG_VERSION"), spec::version());
    let matches = options::command(Box::leak(version.into_boxed_str())).get_matches();
    let options = Options { matches };
    if let Some(("healthcheck", arguments)) = options.matches.subcommand() {
        let port = options.get::<u16>("control-port").unwrap_or_default();
        return health::check(arguments.get_one::<String>("url").map(String::as_str), port);
    }
    match run(&options) {
        Ok(code) => ExitCode::from(code),
        Err(Failure { code, message }) => {
            eprintln!("singlestore-management-emulator: {message}");
            ExitCode::from(code)
        }
    }
}

struct Failure {
    code: u8,
    message: String,
}

fn usage(message: impl std::fmt::Display) -> Failure {
    Failure { code: USAGE, message: message.to_string() }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Failure {
        Failure { code: if error.is_port_taken() { TAKEN } else { 1 }, message: error.to_string() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure { code: 1, message: error.to_string() }
    }
}

fn run(options: &Options) -> Result<u8, Failure> {
    // Signals are handled before anything listens: an early one must not be lost.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = runtime.block_on(async { child::Signals::new() })?;
    let (emulator, control) = start(options)?;
    let line = json!({
        "url": emulator.url(), "storage_url": emulator.storage_url(),
        "control_url": control.as_ref().map(Control::url), "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id(),
    })
    .to_string();
    let command: Option<Vec<String>> = match options.matches.subcommand() {
        Some(("exec", arguments)) => arguments.get_many::<String>("command").map(|words| words.cloned().collect()),
        _ => None,
    };
    if let Some(path) = options.get::<PathBuf>("ready-file") {
        write_whole(&path, &line)?;
    }
    if command.is_none() {
        // Whoever closed standard output reads the ready file, or nothing.
        let _ = writeln!(io::stdout(), "{line}").and_then(|()| io::stdout().flush());
    }
    let code = match command {
        None => {
            runtime.block_on(signals.any());
            0
        }
        Some(words) => runtime.block_on(child::run(&words, &emulator, control.as_ref().map(Control::url), signals))?,
    };
    let failed = options.matches.get_flag("fail-on-violations") && emulator.violation_count() > 0;
    if failed {
        for violation in emulator.violations() {
            eprintln!("violation: {violation}");
        }
    }
    let code = if failed && code == 0 { 1 } else { code };
    end_in_time(code)?;
    drop(control);
    drop(emulator);
    Ok(code)
}

/// Ends the process even if something blocks it, such as a database server that does not respond.
fn end_in_time(code: u8) -> io::Result<()> {
    let end = move || {
        std::thread::sleep(AT_THE_END);
        eprintln!(
            "singlestore-management-emulator: not everything could be cleaned up, for instance at the database server"
        );
        std::process::exit(i32::from(code));
    };
    std::thread::Builder::new().spawn(end).map(|_| ())
}

fn start(options: &Options) -> Result<(Arc<Emulator>, Option<Control>), Failure> {
    let bind = options.get::<IpAddr>("bind").unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let control_wanted = !options.matches.get_flag("no-control");
    let token = options.text("control-token");
    if control_wanted && !bind.is_loopback() && token.is_none() {
        return Err(usage("listening beyond loopback needs --control-token or --no-control"));
    }
    let mut builder = Emulator::builder()
        .bind(bind)
        .port(options.get("port").unwrap_or_default())
        .storage_port(options.get("storage-port").unwrap_or_default())
        .keep_requests_up_to(10_000)
        .ready_after(options.get("ready-after").unwrap_or(Duration::from_secs(2)));
    builder = match options.text("key") {
        Some(key) => builder.api_key(key),
        None => builder.any_key(),
    };
    if let Some(id) = options.text("organization") {
        builder = builder.organization(id, "Emulated Organization");
    }
    if let Some(polls) = options.get("polls") {
        builder = builder.polls_until_ready(polls);
    }
    if let Some(flaps) = options.get("flaps") {
        builder = builder.flaps(flaps);
    }
    builder = match options.lists_behind().map_err(usage)? {
        None => builder,
        Some(Behind::Lists(count)) => builder.lists_behind(count),
        Some(Behind::Time(time)) => builder.lists_behind_for(time),
    };
    if let Some((requests, window)) = options.get("rate-limit") {
        builder = builder.rate_limit(requests, window);
    }
    if options.matches.get_flag("strict") {
        builder = builder.strict();
    }
    if let Some(url) = options.text("public-url") {
        builder = builder.public_url(url);
    }
    if let Some(url) = options.text("public-storage-url") {
        builder = builder.public_storage_url(url);
    }
    builder = match options.text("log") {
        Some("json") => builder.on_request(log_json),
        Some("none") => builder,
        _ => builder.on_request(log_text),
    };
    #[cfg(feature = "sql")]
    if let Some(endpoint) = options.text("sql-endpoint") {
        builder = builder.sql_server(sql_server(options, endpoint)?);
    }
    let emulator = Arc::new(builder.start()?);
    if let Some(path) = options.get::<PathBuf>("seed") {
        emulator.seed_from_file(&path).map_err(usage)?;
    }
    let control = if control_wanted {
        let mut control = Control::builder().bind(bind).port(options.get("control-port").unwrap_or_default());
        if let Some(token) = token {
            control = control.token(token);
        }
        for host in options.matches.get_many::<String>("allow-host").into_iter().flatten() {
            control = control.allow_host(host);
        }
        Some(control.start(emulator.clone())?)
    } else {
        None
    };
    Ok((emulator, control))
}

#[cfg(feature = "sql")]
fn sql_server(options: &Options, endpoint: &str) -> Result<singlestore_management_emulator::SqlServer, Failure> {
    let password = match options.get::<PathBuf>("sql-password-file") {
        Some(path) => std::fs::read_to_string(&path)
            .map_err(|error| usage(format!("--sql-password-file {}: {error}", path.display())))?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        None => options.text("sql-password").unwrap_or_default().to_owned(),
    };
    let user = options.text("sql-user").unwrap_or("root");
    let server = singlestore_management_emulator::SqlServer::new(endpoint, user, &password);
    let server = server.map_err(|problem| usage(format!("--sql-endpoint: {problem}")))?;
    Ok(if options.matches.get_flag("sql-port-in-endpoint") { server.port_in_endpoint() } else { server })
}

/// Writes a temporary file and renames it: a reader sees all of it or nothing.
fn write_whole(path: &Path, line: &str) -> Result<(), Failure> {
    let beside = path.with_extension(format!("{}.part", std::process::id()));
    let written = std::fs::write(&beside, format!("{line}\n")).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| usage(format!("--ready-file {}: {error}", path.display())))
}

fn log_json(request: &RecordedRequest) {
    let _ = writeln!(io::stderr(), "{}", request.to_json());
}

fn log_text(request: &RecordedRequest) {
    let status = request.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let _ = writeln!(io::stderr(), "{status} {} {}", request.method, request.path);
    for violation in &request.violations {
        let _ = writeln!(io::stderr(), "    violation: {violation}");
    }
}
