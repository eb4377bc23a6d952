//! What is known of a creation.

/// What a creation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateOutcome {
    /// The call created it.
    Created,
    /// A live resource has the name, and no attempt of this call can have created it: the service refused the name, or a list
    /// from before showed it where names are not known to be unique.
    AlreadyExists,
    /// Nothing was created: the service refused, or saw no request.
    NotCreated,
    /// The response got lost, and nothing certain was to be seen of it afterwards.
    Unknown,
}
