//! Compiler messages for a request that is used as a future, or awaited without a client.

/// Stands in for the client in a request that has none: such a request is constructed directly, and sent with
/// [`Client::send`](crate::Client::send) or bound with `with_client`.
///
/// ```
/// use singlestore_management::requests::ListRegions;
/// use singlestore_management::{Client, NoClient};
///
/// let request: ListRegions<NoClient> = ListRegions::new();
/// # fn bind(client: &Client, request: ListRegions<NoClient>) -> ListRegions<Client> {
/// request.with_client(client)
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoClient;

/// What a request needs to be awaited; only a [`Client`](crate::Client) qualifies.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this request has no client that could send it",
    label = "no client",
    note = "bind it with `request.with_client(&client).await`, or send it with `client.send(request).await`",
    note = "the handles of a client, such as `client.workspaces()`, make requests that have one"
)]
pub trait HasClient {
    /// What is missing besides the client.
    type Lacks;
}

impl HasClient for crate::Client {
    type Lacks = Unstarted;
}

/// A request before it is awaited.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Unstarted;

/// Never implemented. The `Future` implementations below are bounded by it, so that the compiler prints this hint where a
/// request is used as a future before it is awaited.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a request is not a future before it is awaited",
    label = "not a future yet",
    note = "where a future is expected, as by `join_all` and `spawn`, pass `request.into_future()`; alone, `request.await`"
)]
pub trait IsFuture {}

/// Makes the compiler say that a type is not yet a future, but becomes one.
macro_rules! not_a_future {
    ($name:ident $(<$($parameter:ident),+>)?) => {
        // The bound never holds, but is accepted because it could depend on the lifetime.
        #[doc(hidden)]
        impl$(<$($parameter),+>)? ::std::future::Future for $name$(<$($parameter),+>)?
        where
            for<'never> crate::request::not_a_future::Unstarted: crate::request::not_a_future::IsFuture,
        {
            type Output = ();

            fn poll(
                self: ::std::pin::Pin<&mut Self>,
                _: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Self::Output> {
                ::std::task::Poll::Pending
            }
        }
    };
}

pub(crate) use not_a_future;
