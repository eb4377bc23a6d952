//! The behavior of the crate through its public interface, on the emulator: one file per behavior, one binary, so that it is
//! linked once. Tests that need a separate process (a global logger, trace subscribers, a printed table) are next to this folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod blocking;
mod configuration;
mod conveniences;
mod create_matrix;
mod credentials;
mod decoding;
mod download_faults;
mod emulated_storage;
mod errors;
mod exactly_once;
mod facade;
mod file_misses;
mod file_names;
mod files;
mod find_by_name;
mod folders;
mod full_disk;
mod hostile;
mod killed_folders;
mod layers;
mod list_server;
mod lists;
mod lists_table;
mod negotiation;
mod network;
mod odd_limits;
mod outcomes;
mod pages;
mod patch;
mod reads;
mod retry;
mod sockets;
mod storage_server;
mod support;
mod sweeps;
mod telling;
mod tls;
mod upload_faults;
mod values;
mod vocabulary;
mod waiters;
