//! The options of the command: one table for flags, variables and help.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What to run.
pub(crate) struct Options {
    pub(crate) matches: ArgMatches,
}

fn option(name: &'static str, help: &'static str) -> Arg {
    let variable = format!("SINGLESTORE_EMULATOR_{}", name.replace('-', "_").to_uppercase());
    // The command runs once, so leaking one name per variable is all there is.
    let variable: &'static str = Box::leak(variable.into_boxed_str());
    let option = Arg::new(name).long(name).help(format!("{help} [env: {variable}]")).hide_env(true);
    // Compose files and workflows set variables without a value to the empty string.
    if std::env::var_os(variable).is_none_or(|value| value.is_empty()) { option } else { option.env(variable) }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    option(name, help).action(ArgAction::SetTrue).value_parser(BoolishValueParser::new())
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => match text.strip_suffix('m') {
            Some(number) => (number, 60_000),
            None => (text.strip_suffix('s').unwrap_or(text), 1000),
        },
    };
    let number: u64 = number.trim().parse().map_err(|_| "write it as 500ms, 2s or 5m".to_owned())?;
    number.checked_mul(factor).map(Duration::from_millis).ok_or_else(|| "it is too long".to_owned())
}

fn limit(text: &str) -> Result<(u32, Duration), String> {
    let (requests, window) = text.split_once('/').ok_or("write it as 100/10s")?;
    let requests = requests.trim().parse().map_err(|_| "write it as 100/10s".to_owned())?;
    Ok((requests, duration(window.trim())?))
}

fn url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") || text.starts_with("https://") {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("it must begin with http:// or https://".to_owned())
    }
}

pub(crate) fn command(version: &'static str) -> Command {
    let arguments = [
        option("port", "Port of the Management API; 0 picks a free one")
            .default_value("0")
            .value_parser(value_parser!(u16)),
        option("storage-port", "Port of the store that downloads are redirected to")
            .default_value("0")
            .value_parser(value_parser!(u16)),
        option("control-port", "Port of the control interface and its page")
            .default_value("0")
            .value_parser(value_parser!(u16)),
        option("bind", "Address to listen on").default_value("127.0.0.1").value_parser(value_parser!(IpAddr)),
        option("public-url", "URL at which clients reach the API; its path is a prefix of every request")
            .value_parser(url),
        option("public-storage-url", "URL at which clients reach the store").value_parser(url),
        option("control-token", "Token that the control interface requires; needed beyond loopback"),
        flag("no-control", "Disables the control interface"),
        option("allow-host", "Hosts that the control interface accepts besides loopback, comma-separated or repeated")
            .action(ArgAction::Append)
            .value_delimiter(','),
        option("key", "Key that is accepted; without it, any well-formed token until it expires"),
        option("organization", "Id of the organization"),
        option("ready-after", "Time after which deployments become ready without being polled").value_parser(duration),
        option("polls", "Polls until a deployment is ready").value_parser(value_parser!(u32)),
        option("flaps", "How often a new deployment goes back to its previous state").value_parser(value_parser!(u32)),
        option("lists-behind", "Number of lists, or a time such as 2s, that do not show new deployments"),
        option("rate-limit", "Requests in a time, such as 100/10s").value_parser(limit),
        option("seed", "JSON file with the initial resources").value_parser(value_parser!(PathBuf)),
        option("log", "Requests on standard error").default_value("text").value_parser(["json", "text", "none"]),
        flag("strict", "Responds with 501 instead of sending a sample"),
        flag("fail-on-violations", "Exits with 1 when a request violated the interface document"),
        option("ready-file", "File that receives the same line as standard output once everything listens")
            .value_parser(value_parser!(PathBuf)),
    ];
    #[cfg(feature = "sql")]
    let arguments = arguments.into_iter().chain([
        option("sql-endpoint", "HOST[:PORT] of a MySQL-compatible server behind all endpoints"),
        option("sql-user", "User there that may create databases and users").default_value("root"),
        option("sql-password", "Its password; a file keeps it out of process lists"),
        option("sql-password-file", "File with its password").value_parser(value_parser!(PathBuf)),
        flag("sql-port-in-endpoint", "Returns endpoints with the port; the service's own are bare hosts"),
    ]);
    Command::new("singlestore-management-emulator")
        .version(version)
        .about("Behaves like the SingleStore Management API, for tests without an account")
        .after_help("Each option can also be set by SINGLESTORE_EMULATOR_<NAME>; the flag takes precedence.\nExit codes: 0 ended by SIGINT or SIGTERM, 1 violations, 2 bad options or seed, 3 a port is taken.")
        .args(arguments)
        .args_conflicts_with_subcommands(false)
        .subcommand(
            Command::new("exec")
                .about("Runs a command with the client's variables set, and exits with it")
                .arg(Arg::new("command").required(true).num_args(1..).trailing_var_arg(true).allow_hyphen_values(true)),
        )
        .subcommand(
            Command::new("healthcheck")
                .about("Exits with 0 when an emulator's control interface responds")
                .arg(Arg::new("url").help("URL of the control interface; the one of --control-port otherwise")),
        )
}

impl Options {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.matches.get_one::<String>(name).map(String::as_str)
    }

    pub(crate) fn get<T: Clone + Send + Sync + 'static>(&self, name: &str) -> Option<T> {
        self.matches.get_one::<T>(name).cloned()
    }

    /// Lists that lag behind, by count or by time.
    pub(crate) fn lists_behind(&self) -> Result<Option<Behind>, String> {
        let Some(text) = self.text("lists-behind") else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(count) => Ok(Some(Behind::Lists(count))),
            Err(_) => duration(text)
                .map(|time| Some(Behind::Time(time)))
                .map_err(|problem| format!("--lists-behind: {problem}")),
        }
    }
}

pub(crate) enum Behind {
    Lists(u32),
    Time(Duration),
}
