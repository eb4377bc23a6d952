//! Firewall changes with scripted readings, on a paused clock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{FirewallChange, View};
use crate::request::Operation;
use crate::{Client, Error, ErrorKind, WaitState};

type Deployment = (Vec<String>, Option<bool>);
type Written = Arc<Mutex<Vec<Vec<String>>>>;

/// A firewall that reads like this, poll after poll, and stays like the last one; and what was written.
fn firewall(before: &[&[&str]], after: &[&[&str]]) -> (FirewallChange<Deployment>, Written) {
    let owned = |script: &[&[&str]]| -> VecDeque<Vec<String>> {
        script.iter().map(|ranges| ranges.iter().map(|range| (*range).to_owned()).collect()).collect()
    };
    let script = Arc::new(Mutex::new(owned(before)));
    let (then, written) = (owned(after), Arc::new(Mutex::new(Vec::new())));
    let (reads, writes) = (script.clone(), written.clone());
    let fetch = move |_| -> crate::BoxFuture<Result<Deployment, Error>> {
        let mut script = reads.lock().unwrap();
        let ranges = if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() };
        Box::pin(async move { Ok((ranges, None)) })
    };
    let write = move |ranges: Vec<String>, _| -> crate::BoxFuture<Result<(), Error>> {
        writes.lock().unwrap().push(ranges);
        *script.lock().unwrap() = then;
        Box::pin(async { Ok(()) })
    };
    let view: fn(&Deployment) -> View<'_> =
        |(ranges, allow_all)| View { state: WaitState::reached("ACTIVE"), ranges: Some(ranges), allow_all: *allow_all };
    let client = Client::builder().base_url("http://127.0.0.1:9").api_key("k").build().unwrap();
    let info = <crate::requests::UpdateCluster as Operation>::INFO;
    (FirewallChange::new(&client, "cluster", 1, info, fetch, write, view), written)
}

#[tokio::test(start_paused = true)]
async fn a_range_is_added_to_the_existing_ones() {
    let (change, written) = firewall(&[&["a"]], &[&["a"], &["a"], &["a", "b"]]);
    let (ranges, _) = change.add(" b ").await.unwrap();
    assert_eq!(ranges, ["a", "b"]);
    assert_eq!(*written.lock().unwrap(), [["a", "b"]]);
}

#[tokio::test(start_paused = true)]
async fn an_existing_range_is_not_written_again() {
    for change in [
        firewall(&[&["a", "b"]], &[]).0.add("b").remove("c"),
        firewall(&[&["a", "b"]], &[]).0.set(["b", "a", "b"]),
        firewall(&[&["0.0.0.0/0"]], &[]).0.add("a"),
        firewall(&[&[]], &[]).0.set([] as [&str; 0]),
        firewall(&[&["a"]], &[]).0,
    ] {
        change.await.unwrap();
    }
    let (change, written) = firewall(&[&["a"]], &[&["b"]]);
    change.set(["b"]).await.unwrap();
    assert_eq!(written.lock().unwrap().len(), 1, "the script does write");
}

/// A stale reading, or one from before the firewall has landed, would remove ranges that are really there.
#[tokio::test(start_paused = true)]
async fn no_change_is_built_on_a_firewall_that_has_not_landed() {
    let (change, written) = firewall(&[&[], &[], &[], &[], &[], &["a"]], &[&["a", "b"]]);
    change.add("b").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["a", "b"]]);

    let (change, written) = firewall(&[&["a"], &["a", "c"], &["a"], &["a", "c"]], &[&["a", "b", "c"]]);
    change.add("b").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["a", "b", "c"]]);

    // One that stays empty is believed eventually.
    let started = tokio::time::Instant::now();
    let (change, written) = firewall(&[&[]], &[&["b"]]);
    change.add("b").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["b"]]);
    assert!(started.elapsed() >= Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lost_change_is_an_error_that_says_so() {
    // Ours landed, and was overwritten before it could be believed.
    let (change, _) = firewall(&[&["a"]], &[&["a"], &["a", "b"], &["a", "x"]]);
    let error = change.add("b").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostUpdate);
    assert!(error.to_string().contains("it is a, x instead of a, b"), "{error}");
    assert!(error.is_retryable() && error.last_value::<Deployment>().is_some());
    assert_eq!(error.operation(), Some("update_cluster"));
    // Ours never appeared.
    let (change, _) = firewall(&[&["a"]], &[&["x"]]);
    let error = change.set(["b"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostUpdate, "{error}");
    // It did not land: that is not a lost update.
    let (change, _) = firewall(&[&["a"]], &[&["a"]]);
    let error = change.add("b").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitTimedOut, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_overwrote_another_says_which() {
    let (change, _) = firewall(&[&["a", "c"]], &[&["a", "x"], &["a", "b", "c"]]);
    let error = change.add("b").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostUpdate);
    let text = error.to_string();
    assert!(
        text.contains("x was added in the meantime and is gone, c was removed in the meantime and is back"),
        "{text}"
    );
    assert!(!error.is_retryable());
    // Changes of others without a loss are not an error.
    let (change, _) = firewall(&[&["a"]], &[&["a", "b"], &["a", "b", "x"]]);
    assert_eq!(change.add("b").await.unwrap().0, ["a", "b", "x"]);
    // Neither is what the service shows while the firewall is set up.
    let (change, _) = firewall(&[&["a"]], &[&[], &["a"], &["a", "b"]]);
    assert_eq!(change.add("b").await.unwrap().0, ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_range_cannot_be_removed_from_a_firewall_that_admits_everything() {
    let (change, written) = firewall(&[&["0.0.0.0/0"]], &[]);
    let error = change.remove("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(written.lock().unwrap().is_empty());
    let (change, written) = firewall(&[&["0.0.0.0/0"]], &[&["b"]]);
    change.remove("0.0.0.0/0").add("b").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["b"]]);
}

/// The loser of two concurrent changes learns of it within minutes, not at its deadline.
#[tokio::test(start_paused = true)]
async fn a_firewall_set_by_somebody_else_is_a_lost_update_after_a_minute() {
    let started = tokio::time::Instant::now();
    let (change, _) = firewall(&[&["a"]], &[&["a"], &["a", "x"]]);
    let error = change.add("b").with_deadline(Duration::from_secs(86_400)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostUpdate, "{error}");
    assert!(error.to_string().contains("it is a, x instead of a, b, and was a before"), "{error}");
    assert_eq!(error.last_value::<Deployment>().unwrap().0, ["a", "x"]);
    let took = started.elapsed();
    assert!((Duration::from_secs(60)..Duration::from_secs(180)).contains(&took), "{took:?}");

    // However long the poll interval, three polls are required.
    let started = tokio::time::Instant::now();
    let (change, _) = firewall(&[&["a"]], &[&["x"], &["x"], &["b"]]);
    let change = change.set(["b"]).with_poll_interval(Duration::from_secs(100), Duration::from_secs(100));
    let error = change.with_deadline(Duration::from_secs(86_400)).await.unwrap_err();
    assert!(error.to_string().contains("this change has landed"), "{error}");
    assert!(started.elapsed() > Duration::from_secs(300), "{:?}", started.elapsed());

    // However short the poll interval, a minute is required.
    let (mut after, ours) = (vec![&["x"][..]; 500], ["b"]);
    after.push(&ours);
    let (change, _) = firewall(&[&["a"]], &after);
    let change = change.set(["b"]).with_poll_interval(Duration::from_millis(100), Duration::from_millis(100));
    let error = change.await.unwrap_err();
    assert!(error.to_string().contains("this change has landed"), "{error}");

    // Successive ones are changes under way, not a stable one.
    let after: Vec<&[&str]> =
        (0..100).map(|n| if n % 2 == 0 { &["x"][..] } else { &["y"] }).chain([&["b"][..]]).collect();
    let (change, _) = firewall(&[&["a"]], &after);
    let error = change.set(["b"]).await.unwrap_err();
    assert!(error.to_string().contains("this change has landed"), "{error}");
}

/// A revocation that revokes nothing must not look like one that does.
#[tokio::test(start_paused = true)]
async fn a_range_still_admitted_in_another_spelling_is_not_removed_silently() {
    for (there, removed) in [
        ("198.51.100.0/24", "198.51.100.9/24"),
        ("198.51.100.7/32", "198.51.100.7"),
        ("198.51.100.0/24", "198.51.100.7/32"),
        ("198.51.100.7/32", "198.51.100.0/24"),
        ("2001:db8::/32", "2001:DB8::1/32"),
    ] {
        let (change, written) = firewall(&[&[there, "192.0.2.0/24"]], &[&["192.0.2.0/24"]]);
        let error = change.remove(removed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{removed}: {error}");
        let text = error.to_string();
        assert!(text.contains(there) && text.contains(removed) && !text.contains("192.0.2.0"), "{text}");
        assert!(text.contains("(PATCH /v2/clusters/1)"), "{text}");
        assert!(written.lock().unwrap().is_empty());
    }
    // A range that is not there at all, or was removed before, is already removed.
    for removed in ["192.0.2.0/24", "no range", "0.0.0.0/0", "::/0"] {
        let (change, written) = firewall(&[&["198.51.100.0/24"]], &[]);
        change.remove(removed).await.unwrap();
        assert!(written.lock().unwrap().is_empty(), "{removed}");
    }
    let (change, written) = firewall(&[&["198.51.100.7/32"]], &[]);
    change.remove("198.51.100.0/24").add("198.51.100.7/32").await.unwrap();
    assert!(written.lock().unwrap().is_empty());
    // The control: spelled as in the firewall, it is removed.
    let (change, written) = firewall(&[&["198.51.100.0/24", "a"]], &[&["a"]]);
    change.remove("198.51.100.0/24").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["a"]]);
}

#[tokio::test(start_paused = true)]
async fn all_of_ipv6_is_a_range_beside_that_of_everything() {
    let (change, written) =
        firewall(&[&["198.51.100.0/24", "2001:db8::/32", "::/0"]], &[&["198.51.100.0/24", "2001:db8::/32"]]);
    change.remove("::/0").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["198.51.100.0/24", "2001:db8::/32"]]);
    // The service shows no other range beside that of everything.
    let (change, written) = firewall(&[&["0.0.0.0/0", "::/0"]], &[&["a"]]);
    let error = change.remove("::/0").await.unwrap_err();
    assert!(error.to_string().contains("::/0 cannot be removed from a firewall that admits everything"), "{error}");
    assert!(written.lock().unwrap().is_empty());
    let (change, written) = firewall(&[&["0.0.0.0/0", "::/0"]], &[&["a"]]);
    change.remove("::/0").remove("0.0.0.0/0").add("a").await.unwrap();
    assert_eq!(*written.lock().unwrap(), [["a"]]);
}

/// Whether a change took effect is unknown until it is seen; a read that fails before the change leaves nothing unknown.
#[tokio::test(start_paused = true)]
async fn only_a_change_that_was_sent_leaves_its_outcome_unknown() {
    use crate::operation::OperationInfo;
    let failing = |sent: bool| {
        let read = <crate::requests::GetCluster as Operation>::INFO;
        let broken = |info: &'static OperationInfo| {
            let mut error = Error::new(ErrorKind::Transport, "reset").with_operation(info);
            error.inner_mut().open_before = true;
            error
        };
        let (mut change, _) = firewall(&[&["a"]], &[]);
        let write = <crate::requests::UpdateCluster as Operation>::INFO;
        change.write = Box::new(move |_, _| Box::pin(async move { Err(broken(write)) }));
        if !sent {
            change.fetch = Arc::new(move |_| Box::pin(async move { Err(broken(read)) }));
        }
        change.add("b").with_deadline(Duration::from_secs(120))
    };
    let error = failing(true).await.unwrap_err();
    assert!(error.kind() == ErrorKind::WaitTimedOut && error.is_outcome_unknown(), "{error}");
    let error = failing(false).await.unwrap_err();
    assert!(!error.is_outcome_unknown() && !error.to_string().contains("unknown"), "{error}");
}
