//! Arbitrary text as an overlay and as a document: applied, linted and generated, or rejected with messages, never a
//! panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::document::read_openapi;

fuzz_target!(|input: (&str, &str)| {
    let (overlay, document) = input;
    let overlay = xtask::overlay::parse("overlay.yaml", overlay);
    let Ok(mut document) = read_openapi("published.yaml", document.as_bytes()) else { return };
    if let Ok(overlay) = overlay {
        let _ = xtask::overlay::apply(&overlay, &mut document);
    }
    let _ = xtask::lint::lint(&document);
});
