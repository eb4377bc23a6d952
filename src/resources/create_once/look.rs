//! What a list says of a creation whose answer got lost: a pure judgement.

use std::time::SystemTime;

/// A live thing of the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<I> {
    pub id: I,
    /// When it was created, if it says so.
    pub created: Option<SystemTime>,
}

/// What is to be seen.
#[derive(Debug, PartialEq)]
pub(super) enum Candidates<I> {
    /// Nothing of that name, so far.
    Nothing,
    /// One that came into being since the call began.
    New(I),
    /// One that was there before.
    Old(I),
    /// One that does not say how old it is.
    Undated(I),
    /// More than one that came into being since.
    Several(Vec<I>),
}

/// Judges the live things of a name: by their time of creation if `since` is given, else by whether they were there before.
pub(super) fn judge<I: Copy + PartialEq>(seen: &[Seen<I>], since: Option<SystemTime>, before: &[I]) -> Candidates<I> {
    // New: some(true), old: some(false), and none when it cannot be told.
    let is_new = |one: &Seen<I>| match since {
        Some(since) => one.created.map(|at| at >= since),
        None => Some(!before.contains(&one.id)),
    };
    let new: Vec<I> = seen.iter().filter(|one| is_new(one) == Some(true)).map(|one| one.id).collect();
    if let [id] = new[..] {
        return Candidates::New(id);
    }
    if !new.is_empty() {
        return Candidates::Several(new);
    }
    if let Some(one) = seen.iter().find(|one| is_new(one).is_none()) {
        return Candidates::Undated(one.id);
    }
    seen.first().map_or(Candidates::Nothing, |one| Candidates::Old(one.id))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn dated(id: u8, seconds: u64) -> Seen<u8> {
        Seen { id, created: Some(at(seconds)) }
    }

    #[test]
    fn new_and_old_are_told_apart_by_the_time_of_creation() {
        let since = Some(at(100));
        let undated = Seen { id: 9, created: None };
        for (seen, want) in [
            (vec![], Candidates::Nothing),
            (vec![dated(1, 100)], Candidates::New(1)),
            (vec![dated(1, 99)], Candidates::Old(1)),
            (vec![dated(1, 99), dated(2, 101)], Candidates::New(2)),
            (vec![dated(1, 200), dated(2, 101)], Candidates::Several(vec![1, 2])),
            (vec![undated], Candidates::Undated(9)),
            (vec![dated(1, 99), undated], Candidates::Undated(9)),
            (vec![undated, dated(1, 101)], Candidates::New(1)),
        ] {
            assert_eq!(judge(&seen, since, &[]), want, "{seen:?}");
        }
    }

    #[test]
    fn without_times_what_was_there_before_is_old() {
        let seen = [Seen { id: 1, created: None }, Seen { id: 2, created: None }];
        assert_eq!(judge(&seen, None, &[1]), Candidates::New(2));
        assert_eq!(judge(&seen, None, &[1, 2]), Candidates::Old(1));
        assert_eq!(judge(&seen, None, &[]), Candidates::Several(vec![1, 2]));
        assert_eq!(judge::<u8>(&[], None, &[1]), Candidates::Nothing);
    }
}
