//! What is known of a creation.

/// What a creation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateOutcome {
    /// The call made it.
    Created,
    /// A live thing of that name was there before the call, or somebody else made it meanwhile.
    AlreadyExists,
    /// Nothing was made: the service refused, or saw no request.
    NotCreated,
    /// The answer got lost, and nothing certain was to be seen of it afterwards.
    Unknown,
}
