//! The page in a real browser; skipped, with a word, where there is none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use singlestore_management_emulator::{Control, Emulator};
use support::call;

fn browser() -> Option<&'static str> {
    let runs = |name: &&str| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs)
}

/// The page as the browser has it once its scripts ran.
fn rendered(browser: &str, url: &str, width: u32) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--virtual-time-budget=4000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},900"))
        .arg(url)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_shows_deployments_files_and_violations_as_text() {
    let Some(browser) = browser() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let emulator = Arc::new(Emulator::start().unwrap());
    let control = Control::builder().start(emulator.clone()).unwrap();
    let name = "<img src=x onerror=\"document.title='owned'\">";
    emulator.insert_workspace_group(json!({"name": name, "state": "SUSPENDED"})).unwrap();
    emulator.insert_file("files/shared", "<b>bold.txt", b"x").unwrap();
    call(&emulator, "GET", "/v1/regions?typo=1", Value::Null);
    for width in [1280, 390] {
        let page = rendered(browser, control.url(), width);
        assert!(page.contains("&lt;img src=x onerror="), "the name of the group is not shown: {page}");
        assert!(!page.contains("<img") && !page.contains("<b>bold") && !page.contains("<title>owned"));
        assert!(page.contains("SUSPENDED") && page.contains("&lt;b&gt;bold.txt"));
        assert!(page.contains("class=\"violation\"") && page.contains("query parameter typo is unknown"));
        assert!(page.contains("1 violations") && page.matches("<button type=\"button\">").count() == 12);
    }
    assert_eq!(emulator.request_count(), 1, "the page itself must not be in the log");
}
