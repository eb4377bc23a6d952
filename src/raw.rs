//! What is generated from `spec/openapi.json`: by `build.rs` with the feature `codegen`, in `spec/raw.rs` without it. Types and requests are re-exported; the rest stays inside.

#![allow(unused_mut, unused_imports, dead_code, clippy::all, rustdoc::all, unreachable_pub)]

// These need the emulator, which a package of the crate does not have.
#[cfg(test)]
#[cfg(repository)]
#[cfg(feature = "codegen")]
mod every_operation;
#[cfg(test)]
#[cfg(repository)]
#[cfg(feature = "codegen")]
mod every_response;

include!(concat!(env!("OUT_DIR"), "/raw.rs"));

#[cfg(test)]
mod tests {
    /// Run with `codegen` this holds `spec/raw.rs` against the generator, and without it against what is compiled.
    #[test]
    fn the_committed_file_is_what_the_build_generates() {
        let (committed, compiled) = (include_str!("../spec/raw.rs"), include_str!(concat!(env!("OUT_DIR"), "/raw.rs")));
        let differs = committed.lines().zip(compiled.lines()).position(|(committed, compiled)| committed != compiled);
        assert_eq!(differs, None, "spec/raw.rs is old from this line on: run `cargo xtask update-spec`");
        assert!(committed == compiled, "spec/raw.rs is old: run `cargo xtask update-spec`");
    }
}
