//! A small HTTP/1.1 server, hand-written because faults need the raw socket.

pub(crate) mod connection;
pub(crate) mod range;
pub(crate) mod reader;
pub(crate) mod response;
pub(crate) mod upload;
pub(crate) mod url;
