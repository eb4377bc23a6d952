//! Runs the emulator until standard input ends, so that any program can be pointed at it, and then prints what it was asked.
//!
//! ```text
//! cargo run -p singlestore-management-emulator --example serve -- --groups 20000 --shared-mib 256
//! ```

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use singlestore_management_emulator::Emulator;

fn main() -> Result<(), Box<dyn Error>> {
    // Bodies are not remembered whole: a program may upload more than this one should hold.
    let builder = Emulator::builder().ready_after(Duration::from_millis(1)).keep_bodies_up_to(64 * 1024);
    let emulator = builder.start()?;
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse::<usize>().ok());
        let number = number.ok_or_else(|| format!("{name} needs a number after it"))?;
        fill(&emulator, &name, number)?;
    }
    println!("export SINGLESTOREDB_MANAGEMENT_BASE_URL={}", emulator.url());
    println!("export SINGLESTOREDB_MANAGEMENT_TOKEN={}", emulator.api_key());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for request in emulator.requests() {
        let status = request.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        eprintln!("{status} {} {} {}", request.method, request.path, request.violations.join("; "));
    }
    Ok(())
}

/// Puts in what an argument asks for.
fn fill(emulator: &Emulator, name: &str, number: usize) -> Result<(), Box<dyn Error>> {
    match name {
        "--groups" => emulator.seed_workspace_groups(number),
        "--audit-logs" => emulator.seed_audit_logs(number),
        "--shared-mib" => emulator.insert_file("files/shared", "large.bin", vec![b'x'; number << 20])?,
        other => {
            let known = "--groups, --audit-logs and --shared-mib";
            return Err(format!("there is no argument {other}; {known} take a number").into());
        }
    }
    Ok(())
}
