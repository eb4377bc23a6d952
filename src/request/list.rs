//! What the request of a list offers to its readers: how to build it again, and what an element is.

use std::sync::Arc;

use reqwest::Request;
use serde::de::DeserializeOwned;

use super::{Built, Call, not_built};
use crate::client::Client;
use crate::operation::{CallOptions, ListInfo, OperationInfo, Pagination};
use crate::transport::core::Core;
use crate::{Error, ResumeToken};

/// What distinguishes an element of a list from the others: a hash of its id, 16 bytes whatever the id is.
pub(crate) type Key = u128;

/// The key of an element; `None` for an element without an id.
pub(crate) type KeyOf<T> = fn(&T) -> Option<Key>;

/// The request of a list, as implemented by the generated types of lists.
///
/// Not a kind of [`Operation`](super::Operation): proving that for every list costs the compiler more than the methods.
pub(crate) trait ListOperation {
    /// An element of the list.
    type Item: DeserializeOwned + Send + 'static;
    /// The key of an element; `None` if the document names no id.
    const KEY: Option<KeyOf<Self::Item>>;
    /// The operation, and the options of the call.
    fn call(&self) -> (&'static OperationInfo, &CallOptions);
    /// Builds the HTTP request; may be called any number of times.
    fn build(&self, call: &Call) -> Built;
    /// Where the list is to be resumed.
    fn resume_from(&self) -> Option<&ResumeToken>;
}

/// A list to be read.
pub(crate) struct Listing<T> {
    pub(crate) core: Arc<Core>,
    pub(crate) info: &'static OperationInfo,
    pub(crate) list: ListInfo,
    pub(crate) options: CallOptions,
    /// The request for the first page, or why there is none.
    pub(crate) request: Result<Request, Option<Error>>,
    pub(crate) key: Option<KeyOf<T>>,
    pub(crate) resume: Option<ResumeToken>,
}

impl Client {
    /// Prepares a list for reading. Nothing is sent.
    pub(crate) fn listing<L: ListOperation>(&self, operation: &L) -> Listing<L::Item> {
        let (info, options) = operation.call();
        let call = self.prepare(info, options);
        let built = operation.build(&call);
        let request = match call.state.take_error() {
            Some(error) => Err(Some(error)),
            None => built.map(|request| *request).map_err(|failed| Some(call.state.complete(not_built(failed)))),
        };
        let whole = ListInfo { items: None, item_id: None, pagination: Pagination::None };
        let list = info.list.unwrap_or(whole);
        let resume = operation.resume_from().cloned();
        Listing { core: call.core, info, list, options: options.clone(), request, key: L::KEY, resume }
    }
}

/// The key for an id: 128-bit FNV-1a of its string.
pub(crate) fn key(id: &impl std::fmt::Display) -> Key {
    struct Hash(u128);
    impl std::fmt::Write for Hash {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 = hash(self.0, text.as_bytes());
            Ok(())
        }
    }
    let mut written = Hash(OFFSET);
    // Writing into a number cannot fail.
    let _ = std::fmt::Write::write_fmt(&mut written, format_args!("{id}"));
    written.0
}

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// FNV-1a, which is the same in every process and version.
pub(crate) fn hash(start: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

/// The hash of some bytes.
pub(crate) fn hash_of(bytes: &[u8]) -> u128 {
    hash(OFFSET, bytes)
}
