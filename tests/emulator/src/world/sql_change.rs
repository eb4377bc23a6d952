//! What a request changes on the database server behind the endpoints, if there is one.

/// One change.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SqlChange {
    Admin { name: String, password: String },
    Database { name: String },
    User { name: String, password: String, database: String },
    Password { name: String, password: String },
    NoUser { name: String },
    NoDatabase { name: String },
}

impl std::fmt::Debug for SqlChange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, name) = match self {
            SqlChange::Admin { name, .. } => ("Admin", name),
            SqlChange::Database { name } => ("Database", name),
            SqlChange::User { name, .. } => ("User", name),
            SqlChange::Password { name, .. } => ("Password", name),
            SqlChange::NoUser { name } => ("NoUser", name),
            SqlChange::NoDatabase { name } => ("NoDatabase", name),
        };
        write!(formatter, "{what}({name:?})")
    }
}
