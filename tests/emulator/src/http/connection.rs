//! One client connection, request after request.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::reader::{Head, Reader, Received};
use super::url::split_target;
use crate::faults::{Action, Next, deliver, reset};
use crate::service::Service;

/// Which of the two listeners accepted a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The API itself.
    Interface,
    /// The store that pre-signed URLs point to.
    Storage,
}

/// Serves a connection until either side closes it. Noticing connection failures is up to the client.
pub(crate) async fn serve(stream: TcpStream, service: Arc<Service>, side: Side) {
    let _ = stream.set_nodelay(true);
    if side == Side::Interface {
        service.gauges.connected();
    }
    let mut reader = Reader::new(stream);
    while let Ok(Some(head)) = reader.head().await {
        match exchange(&mut reader, &head, &service, side).await {
            Ok(Next::KeepAlive) => {}
            _ => return,
        }
    }
}

async fn exchange(reader: &mut Reader, head: &Head, service: &Service, side: Side) -> io::Result<Next> {
    let close = head.wants_close();
    if side == Side::Storage {
        let entry = service.arrived_at_storage(head);
        let received = reader.body(head, Received::whole()).await?;
        let (response, fault) = service.storage(entry, head, received);
        return deliver(&mut reader.stream, fault.as_ref().map(|fault| &fault.action), response, close).await;
    }
    let _under_way = service.gauges.begin();
    let (path, query) = split_target(&head.target);
    let prefix = service.world().config.prefix.clone();
    let path = path.strip_prefix(&prefix).filter(|path| path.starts_with('/')).unwrap_or(path);
    let entry = service.arrived(head, path, query);
    let fault = service.take_fault(head, &entry);
    if let Some(fault) = &fault
        && matches!(fault.action, Action::ResetBeforeBody)
    {
        service.record(entry, None);
        reset(&reader.stream);
        return Ok(Next::Close);
    }
    let received = reader.body(head, service.receiver(head, entry.operation.as_deref())).await?;
    if !received.complete {
        service.broken_off(entry, received);
        return Ok(Next::Close);
    }
    let response = service.response(entry, head, received, fault.as_ref());
    deliver(&mut reader.stream, fault.as_ref().map(|fault| &fault.action), response, close).await
}
