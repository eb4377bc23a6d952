//! Canned pages.

use super::*;

const TOKEN: Pagination = Pagination::Token { send: "t", receive: "t", follow_refuses: &[] };
const KEYSET: Pagination = Pagination::Keyset { send: "o", more: "m" };
const RANGE: Pagination = Pagination::Range { first: "f", last: "l", number: "n" };

fn token(count: usize, token: Option<&str>) -> PageFacts {
    PageFacts { count, token: token.map(str::to_owned), ..PageFacts::default() }
}

fn keyset(count: usize, last_id: Option<&str>, more: Option<bool>) -> PageFacts {
    PageFacts { count, last_id: last_id.map(str::to_owned), more, ..PageFacts::default() }
}

/// What follows each of the pages in turn, abbreviated.
fn follow(mut walk: Walk, pages: &[PageFacts]) -> Vec<String> {
    let shown = |next: Next| match next {
        Next::Ask(Cursor::Token(token)) => token,
        Next::Ask(Cursor::After(id)) => format!("after {id}"),
        Next::Ask(Cursor::Range(first, last)) => format!("{first}..{last}"),
        Next::Ask(Cursor::Start) => "start".to_owned(),
        Next::End => "end".to_owned(),
        Next::Repeated => "repeated".to_owned(),
        Next::Stuck { repeated, .. } => if repeated { "stuck again" } else { "stuck" }.to_owned(),
    };
    pages.iter().map(|page| shown(walk.next(page))).collect()
}

#[test]
fn tokens_end_when_they_are_absent_empty_or_the_same() {
    let walk = || Walk::new(TOKEN, None);
    for (pages, want) in [
        (vec![token(2, Some("a")), token(1, None)], vec!["a", "end"]),
        (vec![token(2, Some("a")), token(1, Some(""))], vec!["a", "end"]),
        (vec![token(2, Some("a")), token(1, Some("a"))], vec!["a", "end"]),
        (vec![token(2, Some("a")), token(0, Some("b")), token(1, None)], vec!["a", "b", "end"]),
        (vec![token(2, Some("a")), token(1, Some("b")), token(1, Some("a"))], vec!["a", "b", "stuck"]),
        (vec![token(0, None)], vec!["end"]),
    ] {
        assert_eq!(follow(walk(), &pages), want);
    }
    let empty: Vec<PageFacts> = (0..12).map(|n| token(0, Some(&n.to_string()))).collect();
    assert_eq!(follow(walk(), &empty).iter().position(|next| next == "stuck"), Some(10), "ten are passed over");
    let mixed: Vec<PageFacts> = (0..40).map(|n| token(usize::from(n % 8 == 0), Some(&n.to_string()))).collect();
    assert!(follow(walk(), &mixed).iter().all(|next| next != "stuck"), "a page with elements begins the count anew");
}

#[test]
fn ids_continue_while_the_service_says_so() {
    let walk = || Walk::new(KEYSET, None);
    for (pages, want) in [
        (vec![keyset(2, Some("a"), Some(true)), keyset(1, Some("b"), Some(false))], vec!["after a", "end"]),
        (vec![keyset(2, Some("a"), Some(true)), keyset(2, Some("a"), Some(true))], vec!["after a", "stuck again"]),
        (vec![keyset(2, Some("a"), Some(true)), keyset(0, None, Some(true))], vec!["after a", "stuck"]),
        (vec![keyset(2, Some("a"), None), keyset(2, Some("a"), None)], vec!["after a", "repeated"]),
        (vec![keyset(2, Some("a"), None), keyset(0, None, None)], vec!["after a", "end"]),
        (vec![keyset(2, None, Some(true))], vec!["stuck"]),
        (vec![keyset(2, None, Some(false))], vec!["end"]),
    ] {
        assert_eq!(follow(walk(), &pages), want);
    }
}

#[test]
fn numbers_are_walked_in_both_directions() {
    let page = |count, numbers| PageFacts { count, numbers, ..PageFacts::default() };
    let walk = |first, last, backwards| Walk::new(RANGE, Some(Bounds { first, last, backwards }));
    assert_eq!(*walk(1, 250, false).at(), Cursor::Range(1, 100));
    assert_eq!(*walk(1, 20, false).at(), Cursor::Range(1, 20));
    assert_eq!(*walk(1, 250, true).at(), Cursor::Range(151, 250));
    assert!(walk(5, 4, false).is_empty());
    let ascending = [page(100, Some((1, 100))), page(20, Some((101, 120))), page(100, Some((121, 220))), page(0, None)];
    assert_eq!(follow(walk(1, 250, false), &ascending), ["101..200", "121..220", "221..250", "end"]);
    let backwards = [page(100, Some((151, 250))), page(60, Some((91, 150))), page(90, Some((1, 90)))];
    assert_eq!(follow(walk(1, 250, true), &backwards), ["51..150", "1..90", "end"]);
    assert_eq!(follow(walk(1, 90, false), &[page(3, Some((500, 502)))]), ["stuck again"]);
    let missing: Vec<PageFacts> = (0..12).map(|_| page(0, None)).collect();
    let steps = follow(walk(1, i64::MAX, false), &missing);
    assert_eq!(steps[..2], ["101..300", "301..700"]);
    assert_eq!(steps.iter().position(|step| step == "end"), Some(10));
    assert_eq!(follow(walk(i64::MAX - 3, i64::MAX, false), &[page(4, Some((i64::MAX - 3, i64::MAX)))]), ["end"]);
}
