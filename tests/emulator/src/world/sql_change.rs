//! The changes that a request makes on the database server behind the endpoints, if there is one.

use std::collections::{BTreeMap, BTreeSet};

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

/// What exists on the database server for a world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Made {
    /// By name, with the change that creates each as it is.
    users: BTreeMap<String, SqlChange>,
    databases: BTreeSet<String>,
}

impl Made {
    pub(crate) fn note(&mut self, change: &SqlChange) {
        match change {
            SqlChange::Admin { name, .. } | SqlChange::User { name, .. } => {
                self.users.insert(name.clone(), change.clone());
            }
            SqlChange::Password { name, password } => {
                if let Some(SqlChange::Admin { password: old, .. } | SqlChange::User { password: old, .. }) =
                    self.users.get_mut(name)
                {
                    old.clone_from(password);
                }
            }
            SqlChange::Database { name } => {
                self.databases.insert(name.clone());
            }
            SqlChange::NoUser { name } => {
                self.users.remove(name);
            }
            SqlChange::NoDatabase { name } => {
                self.databases.remove(name);
            }
        }
    }

    /// The changes from here to the wanted state. Databases in both are left as they are, with their contents.
    pub(crate) fn changes_to(&self, wanted: &Made) -> Vec<SqlChange> {
        let gone = self.users.keys().filter(|name| !wanted.users.contains_key(*name));
        let mut changes: Vec<SqlChange> = gone.map(|name| SqlChange::NoUser { name: name.clone() }).collect();
        changes.extend(
            self.databases.difference(&wanted.databases).map(|name| SqlChange::NoDatabase { name: name.clone() }),
        );
        changes.extend(
            wanted.databases.difference(&self.databases).map(|name| SqlChange::Database { name: name.clone() }),
        );
        changes.extend(
            wanted
                .users
                .iter()
                .filter(|(name, user)| self.users.get(*name) != Some(*user))
                .map(|(_, user)| user.clone()),
        );
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(password: &str) -> SqlChange {
        SqlChange::User { name: "u".to_owned(), password: password.to_owned(), database: "d".to_owned() }
    }

    #[test]
    fn the_way_back_undoes_what_was_made_and_makes_what_was_undone() {
        let database = |name: &str| SqlChange::Database { name: name.to_owned() };
        let mut early = Made::default();
        for change in [database("d"), user("old")] {
            early.note(&change);
        }
        let mut late = early.clone();
        assert_eq!(late.changes_to(&early), []);
        for change in [
            SqlChange::Password { name: "u".to_owned(), password: "new".to_owned() },
            SqlChange::NoDatabase { name: "d".to_owned() },
            database("e"),
            SqlChange::Admin { name: "admin".to_owned(), password: "p".to_owned() },
        ] {
            late.note(&change);
        }
        let [no_admin, no_e] =
            [SqlChange::NoUser { name: "admin".to_owned() }, SqlChange::NoDatabase { name: "e".to_owned() }];
        assert_eq!(late.changes_to(&early), [no_admin, no_e, database("d"), user("old")]);
        let mut back = late.clone();
        late.changes_to(&early).iter().for_each(|change| back.note(change));
        assert_eq!(back.changes_to(&early), []);
    }
}
