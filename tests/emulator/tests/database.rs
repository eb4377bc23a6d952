//! The database behind the endpoints: what is created there, and what is removed again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]
#![cfg(feature = "sql")]

mod support;

use serde_json::{Value, json};
use singlestore_management_emulator::{Emulator, SqlServer};
use support::mysql::Database;
use support::{good, refusal, text};

fn start() -> (Emulator, Database) {
    let database = Database::start();
    let server = SqlServer::new(&database.endpoint, "root", "").unwrap();
    (Emulator::builder().polls_until_ready(0).sql_server(server).start().unwrap(), database)
}

/// A starter workspace with a database.
fn starter(emulator: &Emulator, name: &str, database: &str) -> String {
    let body = json!({"name": name, "databaseName": database, "provider": "AWS", "regionName": "us-east-1"});
    text(&good(emulator, "POST", "/v1/sharedtier/virtualWorkspaces", body), "virtualWorkspaceID")
}

fn user(emulator: &Emulator, starter: &str, name: &str, password: &str) {
    let target = format!("/v1/sharedtier/virtualWorkspaces/{starter}/users");
    good(emulator, "POST", &target, json!({"userName": name, "password": password}));
}

#[test]
fn a_reset_removes_what_was_created_since_and_restores_what_was_removed() {
    let (emulator, database) = start();
    let early = starter(&emulator, "early", "early_db");
    user(&emulator, &early, "keeper", "Early-Secret-Word-7");
    emulator.mark();
    database.statements();
    emulator.reset();
    assert_eq!(database.statements(), Vec::<String>::new(), "nothing was made since");

    let late = starter(&emulator, "late", "late_db");
    user(&emulator, &late, "visitor", "Late-Secret-Word-7");
    let region = good(&emulator, "GET", "/v1/regions", Value::Null)[0]["regionID"].clone();
    let group = json!({"name": "g", "adminPassword": "Admin-Secret-Word-7", "firewallRanges": [], "regionID": region});
    good(&emulator, "POST", "/v1/workspaceGroups", group);
    good(&emulator, "DELETE", &format!("/v1/sharedtier/virtualWorkspaces/{early}"), Value::Null);
    assert!(!database.statements().is_empty());
    emulator.reset();
    let back = [
        "DROP USER IF EXISTS 'admin'@'%'",
        "DROP USER IF EXISTS 'visitor'@'%'",
        "DROP DATABASE IF EXISTS `late_db`",
        "CREATE DATABASE `early_db`",
        "CREATE USER IF NOT EXISTS 'keeper'@'%' IDENTIFIED BY 'Early-Secret-Word-7'",
        "ALTER USER 'keeper'@'%' IDENTIFIED BY 'Early-Secret-Word-7'",
        "GRANT ALL PRIVILEGES ON `early\\_db`.* TO 'keeper'@'%'",
    ];
    assert_eq!(database.statements(), back);
    emulator.reset();
    assert_eq!(database.statements(), Vec::<String>::new(), "it is back already");
}

#[test]
fn databases_and_users_are_created_and_removed_with_their_owners() {
    let (emulator, database) = start();
    let region = good(&emulator, "GET", "/v1/regions", Value::Null)[0]["regionID"].clone();
    let group = |name: &str, password: &str| {
        let body = json!({"name": name, "regionID": region, "firewallRanges": [], "adminPassword": password});
        format!(
            "/v1/workspaceGroups/{}",
            text(&good(&emulator, "POST", "/v1/workspaceGroups", body), "workspaceGroupID")
        )
    };
    let first = group("first", r"It's\A-Secret-Word-7");
    let admin = |password: &str| {
        [
            format!("CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '{password}'"),
            format!("ALTER USER 'admin'@'%' IDENTIFIED BY '{password}'"),
            "GRANT ALL PRIVILEGES ON *.* TO 'admin'@'%' WITH GRANT OPTION".to_owned(),
            "CREATE DATABASE IF NOT EXISTS `cluster`".to_owned(),
        ]
    };
    assert_eq!(database.statements(), admin(r"It''s\\A-Secret-Word-7"), "quotes and backslashes are data");
    good(&emulator, "PATCH", &first, json!({"adminPassword": "Another-Secret-Word-7"}));
    assert_eq!(database.statements(), admin("Another-Secret-Word-7"));
    // A server has one admin: that of the most recent deployment.
    emulator.advance();
    let second = group("second", "Second-Secret-Word-7");
    emulator.advance();
    assert_eq!(database.statements(), admin("Second-Secret-Word-7"));
    good(&emulator, "DELETE", &first, Value::Null);
    assert_eq!(database.statements(), Vec::<String>::new());
    good(&emulator, "DELETE", &second, Value::Null);
    assert_eq!(database.statements(), ["DROP USER IF EXISTS 'admin'@'%'"]);

    let id = starter(&emulator, "s", "a`b");
    assert_eq!(database.statements(), ["CREATE DATABASE `a``b`"]);
    user(&emulator, &id, "o'neil", "Some-Secret-Word-7");
    assert_eq!(database.statements().last().unwrap(), "GRANT ALL PRIVILEGES ON `a``b`.* TO 'o''neil'@'%'");
    good(&emulator, "DELETE", &format!("/v1/sharedtier/virtualWorkspaces/{id}"), Value::Null);
    assert_eq!(database.statements(), ["DROP USER IF EXISTS 'o''neil'@'%'", "DROP DATABASE IF EXISTS `a``b`"]);
    drop(emulator);
    assert_eq!(database.statements(), Vec::<String>::new(), "nothing is left");
}

#[test]
fn a_refusal_by_the_database_server_leaves_nothing_behind() {
    let (emulator, database) = start();
    let id = starter(&emulator, "s", "db");
    database.statements();
    database.refuse(Some("GRANT ALL PRIVILEGES ON `db`"));
    let users = format!("/v1/sharedtier/virtualWorkspaces/{id}/users");
    let body = json!({"userName": "u", "password": "Some-Secret-Word-7"});
    let (status, said) = refusal(&emulator, "POST", &users, body.clone());
    assert_eq!((status, said.as_str()), (500, "database: the database server refused: no room"));
    assert_eq!(emulator.live_count("starter_user"), 0);
    assert_eq!(database.statements().last().unwrap(), "DROP USER IF EXISTS 'u'@'%'");
    // An existing database of that name belongs to another: it stays.
    database.refuse(Some("CREATE DATABASE `db`"));
    let again = json!({"name": "t", "databaseName": "db", "provider": "AWS", "regionName": "us-east-1"});
    assert_eq!(refusal(&emulator, "POST", "/v1/sharedtier/virtualWorkspaces", again).0, 500);
    assert_eq!((emulator.live_count("starter"), database.statements()), (1, vec!["CREATE DATABASE `db`".to_owned()]));
    // The control: it continues once the server does.
    database.refuse(None);
    good(&emulator, "POST", &users, body);
    assert_eq!(emulator.live_count("starter_user"), 1);
    // What cannot be removed at a reset is reported, and retried.
    database.statements();
    database.refuse(Some("DROP"));
    emulator.reset();
    assert_eq!((emulator.live_count("starter"), database.statements().len()), (0, 1));
    database.refuse(None);
    emulator.reset();
    assert_eq!(database.statements(), ["DROP USER IF EXISTS 'u'@'%'", "DROP DATABASE IF EXISTS `db`"]);
}

#[test]
fn what_was_created_is_removed_with_the_emulator() {
    let (emulator, database) = start();
    let id = starter(&emulator, "s", "db");
    user(&emulator, &id, "u", "Some-Secret-Word-7");
    assert!(!database.statements().is_empty());
    drop(emulator);
    assert_eq!(database.statements(), ["DROP USER IF EXISTS 'u'@'%'", "DROP DATABASE IF EXISTS `db`"]);
}
