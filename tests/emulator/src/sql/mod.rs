//! A real database behind the endpoints: databases and users on a MySQL-compatible server.

mod client;

use client::{Client, SqlError, identifier, literal};

use crate::world::SqlChange;

/// Where the server is, and which user may create users there.
#[derive(Clone)]
pub struct SqlServer {
    host: String,
    port: u16,
    user: String,
    password: String,
    port_in_endpoint: bool,
}

impl std::fmt::Debug for SqlServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SqlServer { host, port, user, .. } = self;
        write!(formatter, "SqlServer({user}@{host}:{port})")
    }
}

impl SqlServer {
    /// A server at `HOST` or `HOST:PORT`; the port defaults to 3306.
    ///
    /// # Errors
    /// A message when the port is not a number.
    pub fn new(endpoint: &str, user: &str, password: &str) -> Result<SqlServer, String> {
        let (host, port) = match endpoint.rsplit_once(':') {
            None => (endpoint, 3306),
            Some((host, port)) => (host, port.parse().map_err(|_| format!("{endpoint:?} is not HOST or HOST:PORT"))?),
        };
        if host.is_empty() {
            return Err(format!("{endpoint:?} is not HOST or HOST:PORT"));
        }
        let (host, user, password) = (host.to_owned(), user.to_owned(), password.to_owned());
        Ok(SqlServer { host, port, user, password, port_in_endpoint: false })
    }

    /// Returns endpoints with the port included; the service's own are bare hosts.
    pub fn port_in_endpoint(mut self) -> SqlServer {
        self.port_in_endpoint = true;
        self
    }

    pub(crate) fn endpoint(&self) -> String {
        if self.port_in_endpoint { format!("{}:{}", self.host, self.port) } else { self.host.clone() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Logs in, so that problems show at the start and not at the first creation.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.connect().map(|_| ()).map_err(|error| format!("{self:?}: {error}"))
    }

    fn connect(&self) -> Result<Client, SqlError> {
        Client::connect(&self.host, self.port, &self.user, &self.password)
    }

    /// Applies changes.
    pub(crate) fn apply(&self, changes: &[SqlChange]) -> Result<(), String> {
        let mut client = self.connect().map_err(|error| error.to_string())?;
        let mut run = |statement: String| client.run(&statement).map_err(|error| error.to_string());
        changes.iter().flat_map(statements).try_for_each(&mut run)
    }
}

/// The system database that the service's deployments have.
const SYSTEM: &str = "cluster";

fn statements(change: &SqlChange) -> Vec<String> {
    let user = |name: &str| format!("{}@'%'", literal(name));
    let with_password = |name: &str, password: &str| {
        // Two statements that MariaDB and MySQL share.
        let (user, password) = (user(name), literal(password));
        [
            format!("CREATE USER IF NOT EXISTS {user} IDENTIFIED BY {password}"),
            format!("ALTER USER {user} IDENTIFIED BY {password}"),
        ]
    };
    match change {
        SqlChange::Admin { name, password } => {
            let mut all = with_password(name, password).to_vec();
            all.push(format!("GRANT ALL PRIVILEGES ON *.* TO {} WITH GRANT OPTION", user(name)));
            all.push(format!("CREATE DATABASE IF NOT EXISTS {}", identifier(SYSTEM)));
            all
        }
        SqlChange::Database { name } => vec![format!("CREATE DATABASE {}", identifier(name))],
        SqlChange::User { name, password, database } => {
            let mut all = with_password(name, password).to_vec();
            // Underscores and percent signs in a name are wildcards in a grant.
            let pattern = database.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%");
            all.push(format!("GRANT ALL PRIVILEGES ON {}.* TO {}", identifier(&pattern), user(name)));
            all
        }
        SqlChange::Password { name, password } => {
            vec![format!("ALTER USER {} IDENTIFIED BY {}", user(name), literal(password))]
        }
        SqlChange::NoUser { name } => vec![format!("DROP USER IF EXISTS {}", user(name))],
        SqlChange::NoDatabase { name } => vec![format!("DROP DATABASE IF EXISTS {}", identifier(name))],
    }
}
