//! Files that are not valid documents: each is refused with a message, in bounded time, and nothing is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod support;

use std::time::{Duration, Instant};
use support::{Fake, fixture};
use xtask::Outcome;

fn published() -> String {
    fixture("fixtures/published.yaml")
}

/// The name, the document and a part of the message that refuses it.
fn damaged() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = published();
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1).into_bytes()
    };
    let schema = |definition: &str| with("  schemas:\n", &format!("  schemas:\n{definition}"));
    let bomb = {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{}]\n", before.trim_end_matches(", ")));
        }
        text + &good
    };
    let wide_bomb = format!("big: &big {:?}\nmany: [{}]\n{good}", "x".repeat(100_000), "*big, ".repeat(9_000));
    vec![
        (
            "cut in the middle of a value",
            good.as_bytes()[..good.find("Creates a thing").unwrap() + 4].to_vec(),
            "matches nothing",
        ),
        ("cut before the paths", good.as_bytes()[..good.find("paths:").unwrap()].to_vec(), "no `paths` object"),
        ("cut inside of a quoted text", with("'200'", "'20"), "not readable as YAML"),
        ("empty", Vec::new(), "is empty"),
        ("only blanks", b" \n\n  ".to_vec(), "is empty"),
        ("not YAML", b"{]: @@@\n\t- x".to_vec(), "not valid JSON"),
        ("tabs for indentation", b"openapi: 3.0.3\n\tinfo: x\n  - y: [".to_vec(), "not readable as YAML"),
        (
            "an HTML error page",
            b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>".to_vec(),
            "HTML or XML page",
        ),
        (
            "a text",
            b"upstream connect error or disconnect/reset before headers".to_vec(),
            "top level must be a mapping",
        ),
        ("a list", b"- openapi: 3.0.3\n".to_vec(), "top level must be a mapping"),
        ("a JSON error", br#"{"error": "rate limited"}"#.to_vec(), "no `openapi` key"),
        ("JSON cut in the middle", br#"{"openapi": "3.0.3", "paths": {"#.to_vec(), "not valid JSON"),
        (
            "JSON with a key twice",
            br#"{"openapi": "3.0.3", "info": {}, "paths": {"/v1/a": {"get": {}}, "/v1/a": {"post": {}}}}"#.to_vec(),
            "the key `/v1/a` comes twice in one object",
        ),
        ("OpenAPI 3.1", with("3.0.3", "3.1.0"), "only 3.0.x is understood"),
        ("Swagger 2", with("openapi: 3.0.3", "swagger: '2.0'"), "is Swagger 2"),
        ("a version that is a number", with("openapi: 3.0.3", "openapi: 3.0"), "only 3.0.x is understood"),
        ("no UTF-8", [b"openapi: 3.0.3\nx: ".as_slice(), &[0xff, 0xfe, 0x00]].concat(), "not UTF-8"),
        ("binary", vec![0; 4096], "not readable as YAML"),
        ("50 MB", vec![b'x'; 50 * 1024 * 1024], "more than 16777216 bytes"),
        ("an alias bomb", bomb.into_bytes(), "not readable as YAML"),
        ("an alias bomb of long texts", wide_bomb.into_bytes(), "not readable as YAML"),
        ("an alias of itself", with("openapi:", "loop: &loop [*loop]\nopenapi:"), "not readable as YAML"),
        ("an unknown alias", with("openapi:", "x: *nowhere\nopenapi:"), "not readable as YAML"),
        (
            "10,000 levels",
            format!("x: {}{}\n{good}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
            "not readable as YAML",
        ),
        ("10,000 levels of JSON", "{\"x\":".repeat(10_000).into_bytes(), "not valid JSON"),
        ("a key twice", with("openapi:", "openapi: 3.0.2\nopenapi:"), "not readable as YAML"),
        ("two documents", format!("{good}---\n{good}").into_bytes(), "not readable as YAML"),
        ("garbage after the document", format!("{good}...\n@@@ [").into_bytes(), "not readable as YAML"),
        (
            "a reference to a file",
            with("#/components/schemas/Thing'", "../../../etc/passwd'"),
            "points outside the document",
        ),
        (
            "a reference to an address",
            with("#/components/schemas/Thing'", "https://example.test/a.yaml'"),
            "points outside the document",
        ),
        ("a reference to nothing", with("schemas/Thing'", "schemas/Gone'"), "leads nowhere"),
        ("a schema made of itself", schema("    Loop: {$ref: '#/components/schemas/Loop'}\n"), "is made of itself"),
        (
            "a circle of schemas",
            schema(
                "    A: {allOf: [{$ref: '#/components/schemas/B'}]}\n    B: {allOf: [{$ref: '#/components/schemas/A'}]}\n",
            ),
            "is made of itself",
        ),
        (
            "a circle that branches",
            schema(&format!("    A: {{allOf: [{}]}}\n", ["{$ref: '#/components/schemas/A'}"; 12].join(", "))),
            "is made of itself",
        ),
        ("a path that is no path", with("/v1/things:", "v1/../things:"), "must start with a slash"),
        ("paths that are a list", with("paths:\n", "paths: []\nother:\n"), "no `paths` object"),
        (
            "types of 3.1 under a version of 3.0",
            schema("    New: {type: [string, 'null']}\n"),
            "belongs to OpenAPI 3.1",
        ),
        (
            "an operation that is a text",
            with("    get:\n      description: Lists the things.", "    put: gone\n    get:\n      description: x"),
            "an operation must be a mapping",
        ),
    ]
}

/// Longer than anything takes on the busiest machine: exceeding it is a hang.
const HANG: Duration = Duration::from_secs(180);

#[test]
fn every_damaged_document_is_refused_with_an_explanation_and_nothing_is_written() {
    let mut fake = Fake::with_spec(&published(), &fixture("fixtures/overlay.yaml"));
    fake.done("update-spec --from spec/published.yaml");
    let mut complaints = Vec::new();
    for (name, document, wanted) in damaged() {
        fake.files.insert("new.yaml".into(), document.clone());
        fake.pages.insert("https://example.test/spec".to_owned(), Ok(document));
        let before = fake.files.clone();
        for line in ["update-spec --from new.yaml", "update-spec --from https://example.test/spec"] {
            let start = Instant::now();
            let outcome = fake.run(line);
            let sentence = fake.stderr.trim_end();
            let short = sentence.len() < 4_000 && sentence.ends_with(['.', '?']);
            let said = format!("{}{sentence}", fake.stdout).contains(wanted);
            if outcome != Outcome::Failed || !said || !short || start.elapsed() > HANG {
                complaints.push(format!(
                    "{name}: {outcome:?} after {:?}: {}\n{sentence}",
                    start.elapsed(),
                    fake.stdout
                ));
            }
        }
        if fake.files != before {
            complaints.push(format!("{name} changed a file"));
            fake.files = before;
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn a_path_that_leaves_spec_is_refused_before_anything_is_read() {
    for extends in ["../published.yaml", "/etc/passwd", "..", "a/../../b.yaml"] {
        let overlay =
            fixture("fixtures/overlay.yaml").replace("extends: published.yaml", &format!("extends: {extends}"));
        let mut fake = Fake::with_spec(&published(), &overlay);
        assert_eq!(fake.run("update-spec --from spec/published.yaml"), Outcome::Failed);
        assert!(fake.stderr.contains("nothing outside of it is read or written"), "{}", fake.stderr);
    }
}

#[test]
fn an_overlay_for_another_document_is_refused() {
    let overlay = fixture("fixtures/overlay.yaml").replace("extends: published.yaml", "extends: other.yaml");
    let mut fake = Fake::with_spec(&published(), &overlay);
    assert_eq!(fake.run("update-spec --from spec/published.yaml"), Outcome::Failed);
    assert!(fake.stderr.contains("extends other.yaml, but it is applied to published.yaml"), "{}", fake.stderr);
}

#[test]
fn comparing_circular_references_terminates() {
    let circle = ["{$ref: '#/components/schemas/A'}"; 12].join(", ");
    let mut fake = Fake::with_spec("", "");
    for (name, more) in [("old.yaml", ""), ("new.yaml", ", description: x")] {
        let schemas = format!("  schemas:\n    A: {{allOf: [{circle}]{more}}}\n");
        fake.put(name, &published().replacen("  schemas:\n", &schemas, 1));
    }
    let start = Instant::now();
    fake.done("spec-diff old.yaml new.yaml");
    assert!(start.elapsed() < HANG, "{:?}", start.elapsed());
}

#[test]
fn reading_a_document_takes_linear_time() {
    let large = |bytes: usize| {
        let mut schemas = String::new();
        while schemas.len() < bytes {
            let number = schemas.len();
            schemas.push_str(&format!("    S{number}:\n      type: object\n      properties:\n        a: {{type: string, description: Some words on it.}}\n"));
        }
        published().replacen("info:", &format!("{schemas}info:"), 1)
    };
    let (small, large) = (large(64 << 10), large(1 << 20));
    let time = |text: &str| {
        let start = Instant::now();
        xtask::document::read_openapi("big", text.as_bytes()).unwrap();
        start.elapsed()
    };
    // The shortest of each: other load on the machine only makes them longer.
    let (mut least_small, mut least_large) = (HANG, HANG);
    for _ in 0..3 {
        least_small = least_small.min(time(&small));
        least_large = least_large.min(time(&large));
    }
    let ratio = least_large.as_secs_f64() / least_small.as_secs_f64();
    println!("16 times the size takes {ratio:.1} times as long");
    assert!(ratio < 80.0, "16 times the size took {ratio:.1} times as long: {least_small:?}, {least_large:?}");
}
