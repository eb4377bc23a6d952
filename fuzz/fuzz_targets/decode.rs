//! Arbitrary bytes as the body of a response, and as a timestamp: decoded or rejected with a position, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| singlestore_management::fuzzing::decode(bytes));
