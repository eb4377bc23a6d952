//! Runs the emulator until standard input ends, so that any program can be pointed at it.
//!
//! ```text
//! cargo run -p singlestore-management-emulator --example serve
//! ```

use std::io::Read;
use std::time::Duration;

use singlestore_management_emulator::Emulator;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::builder().polls_until_ready(2).ready_after(Duration::from_millis(1)).start()?;
    println!("export SINGLESTOREDB_MANAGEMENT_BASE_URL={}", emulator.url());
    println!("export SINGLESTOREDB_MANAGEMENT_TOKEN={}", emulator.api_key());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for request in emulator.requests() {
        let status = request.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        eprintln!("{status} {} {} {}", request.method, request.path, request.violations.join("; "));
    }
    Ok(())
}
