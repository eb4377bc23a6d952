//! The decoder compared with serde_json, over random documents and random cuts.

use serde_json::Value;

use super::*;

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Thing {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// The outcome of reading a document in pieces.
#[derive(Debug, PartialEq)]
enum Outcome<T> {
    Complete(Vec<T>),
    Syntax,
    Cut,
    TooLarge,
}

fn read_with<T: DeserializeOwned>(decoder: &mut ArrayDecoder, pieces: &[&[u8]]) -> (Vec<Result<T, Bad>>, Outcome<()>) {
    let mut items = Vec::new();
    let mut pieces = pieces.iter();
    loop {
        match decoder.next::<T>() {
            Ok(Step::Item(item)) => items.push(item),
            Ok(Step::End) => return (items, Outcome::Complete(Vec::new())),
            Ok(Step::NeedMore) => match pieces.next() {
                Some(piece) => decoder.feed(Bytes::copy_from_slice(piece)),
                None => decoder.finish(),
            },
            Err(Stop::Syntax(_)) => return (items, Outcome::Syntax),
            Err(Stop::Cut(_)) => return (items, Outcome::Cut),
            Err(Stop::TooLarge(_)) => return (items, Outcome::TooLarge),
        }
    }
}

fn read<T: DeserializeOwned>(text: &str, cuts: &[usize]) -> Outcome<T> {
    let mut decoder = ArrayDecoder::new(Some("things"), vec!["next"], MAX_ITEM_BYTES);
    let (items, end) = read_with::<T>(&mut decoder, &pieces(text.as_bytes(), cuts));
    match end {
        Outcome::Complete(_) => Outcome::Complete(items.into_iter().map(|item| item.expect("an element")).collect()),
        Outcome::Syntax => Outcome::Syntax,
        Outcome::Cut => Outcome::Cut,
        Outcome::TooLarge => Outcome::TooLarge,
    }
}

fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let mut pieces = Vec::new();
    let mut start = 0;
    for cut in cuts.into_iter().chain([bytes.len()]) {
        pieces.push(&bytes[start..cut]);
        start = cut;
    }
    pieces
}

fn value(random: &mut fastrand::Rng, depth: u32) -> Value {
    match random.u32(..if depth > 3 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => Value::from(random.bool()),
        2 => Value::from(random.i64(-100..100)),
        3 => Value::from(random.i64(..)),
        4 => Value::from(random.f64() * 1e9 - 5e8),
        5 => {
            let letters = ["a", "\"", "\\", "]", "}", "{", "[", ",", ":", "\u{e9}", "\u{1f600}", "\n", "\u{1}", " "];
            Value::from((0..random.usize(..6)).map(|_| letters[random.usize(..letters.len())]).collect::<String>())
        }
        6 => (0..random.usize(..4)).map(|_| value(random, depth + 1)).collect(),
        _ => Value::Object((0..random.usize(..4)).map(|n| (format!("k{n}\""), value(random, depth + 1))).collect()),
    }
}

/// The document with random white space between its tokens.
fn spaced(random: &mut fastrand::Rng, text: &str) -> String {
    let (mut out, mut in_string, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        let space = |random: &mut fastrand::Rng| ["", "", " ", "\n\t", "\r\n "][random.usize(..5)];
        if !in_string && "[]{},:".contains(c) {
            out.push_str(space(random));
            out.push(c);
            out.push_str(space(random));
            continue;
        }
        out.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    out
}

#[test]
fn random_documents_cut_anywhere_read_as_serde_json_reads_them() {
    let mut random = fastrand::Rng::with_seed(42);
    for round in 0..4_000 {
        let items: Vec<Value> = (0..random.usize(..8)).map(|_| value(&mut random, 0)).collect();
        let array = Value::from(items).to_string();
        let items: Vec<Value> = serde_json::from_str(&array).unwrap();
        let text = match random.u32(..4) {
            0 => format!(r#"{{"next":{},"things":{array},"other":{{"a":[1,"]"]}}}}"#, value(&mut random, 2)),
            1 => format!(r#"{{"things":{array}}}"#),
            _ => array,
        };
        let text = spaced(&mut random, &text);
        let cuts: Vec<usize> = (0..random.usize(..12)).map(|_| random.usize(..10_000)).collect();
        assert_eq!(read::<Value>(&text, &cuts), Outcome::Complete(items), "round {round}: {text} at {cuts:?}");
        // Less of it is a broken connection, whatever was yielded before; nothing is known about a bare scalar.
        let whole = text.trim_end();
        let mut shorter = random.usize(..whole.len());
        while !whole.is_char_boundary(shorter) {
            shorter -= 1;
        }
        assert_eq!(read::<Value>(&whole[..shorter], &cuts), Outcome::Cut, "round {round}: {}", &whole[..shorter]);
    }
}

#[test]
fn damaged_documents_end_as_they_do_for_serde_json() {
    let mut random = fastrand::Rng::with_seed(43);
    let (mut bad, mut good) = (0, 0);
    for round in 0..6_000 {
        let items: Vec<Value> = (0..random.usize(1..5)).map(|_| value(&mut random, 1)).collect();
        let mut bytes = Value::from(items).to_string().into_bytes();
        let at = random.usize(..bytes.len());
        match random.u32(..3) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, b"[]{},:\"x0 "[random.usize(..10)]),
            _ => bytes[at] = b"[]{},:\"x0\xff"[random.usize(..10)],
        }
        let cuts: Vec<usize> = (0..random.usize(..6)).map(|_| random.usize(..10_000)).collect();
        let mut decoder = ArrayDecoder::new(None, vec![], MAX_ITEM_BYTES);
        let (items, end) = read_with::<Value>(&mut decoder, &pieces(&bytes, &cuts));
        let have = matches!(end, Outcome::Complete(_)).then(|| items.into_iter().map(Result::unwrap).collect());
        let want = serde_json::from_slice::<Option<Vec<Value>>>(&bytes).map(Option::unwrap_or_default).ok();
        if want.is_some() {
            good += 1
        } else {
            bad += 1
        }
        assert_eq!(have, want, "round {round}: {} at {cuts:?}", String::from_utf8_lossy(&bytes));
    }
    assert!(bad > 1_000 && good > 100, "{bad} damaged and {good} harmless");
}

#[test]
fn an_element_of_the_wrong_type_is_an_error_with_its_place_and_the_next_follows() {
    let text = r#"{"things":[{"name":"a"},{"name":5},"x",{"name":"b","tags":["c",7]},{"name":"d"}]}"#;
    for cut in 0..text.len() {
        let mut decoder = ArrayDecoder::new(Some("things"), vec![], MAX_ITEM_BYTES);
        let (items, end) = read_with::<Thing>(&mut decoder, &pieces(text.as_bytes(), &[cut]));
        assert_eq!(end, Outcome::Complete(Vec::new()));
        let shown: Vec<String> = (items.iter())
            .map(|item| match item {
                Ok(thing) => thing.name.clone(),
                Err(bad) => {
                    assert_eq!(bad.error.body(), bad.raw);
                    format!("{} {:?}", bad.error.json_path().unwrap_or_default(), bad.error.item_index())
                }
            })
            .collect();
        let want = ["a", "$.things[1].name Some(1)", "$.things[2] Some(2)", "$.things[3].tags[1] Some(3)", "d"];
        assert_eq!(shown, want, "cut at {cut}");
    }
}

#[test]
fn the_five_thousandth_of_twenty_thousand() {
    let element = |n: usize| if n == 5_000 { r#"{"name":5}"#.to_owned() } else { format!(r#"{{"name":"n{n}"}}"#) };
    let text = format!("[{}]", (0..20_000).map(element).collect::<Vec<_>>().join(","));
    let mut decoder = ArrayDecoder::new(None, vec![], MAX_ITEM_BYTES);
    let (items, _) = read_with::<Thing>(&mut decoder, &text.as_bytes().chunks(8_000).collect::<Vec<_>>());
    let bad: Vec<&Bad> = items.iter().filter_map(|item| item.as_ref().err()).collect();
    assert_eq!((items.len(), bad.len()), (20_000, 1));
    assert_eq!(bad[0].error.json_path(), Some("$[5000].name"));
    assert!(decoder.work() < 3 * text.len() as u64);
}

#[test]
fn a_large_element_in_small_pieces_takes_linear_work() {
    let mut work = Vec::new();
    for size in [1 << 20, (4 << 20) - 20] {
        let text = format!(r#"[{{"name":"{}"}}]"#, "x".repeat(size));
        let mut decoder = ArrayDecoder::new(None, vec![], MAX_ITEM_BYTES);
        let (items, end) = read_with::<Thing>(&mut decoder, &text.as_bytes().chunks(1_024).collect::<Vec<_>>());
        assert_eq!((items.len(), end), (1, Outcome::Complete(Vec::new())));
        assert!(decoder.work() <= 2 * text.len() as u64 + 4_096, "{} for {}", decoder.work(), text.len());
        work.push(decoder.work());
    }
    println!("bytes looked at: {work:?}");
}

#[test]
fn an_element_that_is_too_large_is_final_wherever_it_is_cut() {
    let text = r#"[{"name":"a"},{"name":"0123456789012345678901234567890123456789"},{"name":"b"}]"#;
    for cut in 0..text.len() {
        let mut decoder = ArrayDecoder::new(None, vec![], 30);
        let (items, end) = read_with::<Thing>(&mut decoder, &pieces(text.as_bytes(), &[cut]));
        assert_eq!((items.len(), end), (1, Outcome::TooLarge), "{cut}");
    }
}

#[test]
fn a_list_ends_only_at_its_end() {
    for (text, want) in [
        ("null", Outcome::Complete(vec![])),
        ("[]", Outcome::Complete(vec![])),
        (r#" { "things" : null } "#, Outcome::Complete(vec![])),
        (r#"{}"#, Outcome::Complete(vec![])),
        (r#"{"next":"t"}"#, Outcome::Complete(vec![])),
        (r#"{"things":[1],"":2}"#, Outcome::Complete(vec![Value::from(1)])),
        ("[1]<html>", Outcome::Syntax),
        ("[1] [2]", Outcome::Syntax),
        ("[1,]", Outcome::Syntax),
        ("[,1]", Outcome::Syntax),
        ("[1 2]", Outcome::Syntax),
        ("<html>", Outcome::Syntax),
        (r#""text""#, Outcome::Syntax),
        ("nul", Outcome::Cut),
        ("[tru", Outcome::Cut),
        ("[12", Outcome::Cut),
        ("nulll ", Outcome::Syntax),
        ("nulll", Outcome::Cut),
        (r#"{"error":"x"}"#, Outcome::Syntax),
        (r#"{"things":{"a":1}}"#, Outcome::Syntax),
        (r#"{"things":[1],"things":[2]}"#, Outcome::Syntax),
        (r#"{"things":[1]}}"#, Outcome::Syntax),
        (r#"{"things":[1],}"#, Outcome::Syntax),
        (r#"{"things" [1]}"#, Outcome::Syntax),
        ("", Outcome::Cut),
        ("  ", Outcome::Cut),
        ("[", Outcome::Cut),
        ("[1", Outcome::Cut),
        ("[1,", Outcome::Cut),
        (r#"{"things":[1]"#, Outcome::Cut),
        (r#"{"things":"#, Outcome::Cut),
    ] {
        for cut in 0..=text.len() {
            assert_eq!(read::<Value>(text, &[cut]), want, "{text} at {cut}");
        }
    }
}

#[test]
fn members_next_to_the_list_are_kept_if_wanted() {
    let text = r#"{"more":[1],"next":"t\"1","things":[]}"#;
    for cut in 0..text.len() {
        let mut decoder = ArrayDecoder::new(Some("things"), vec!["next"], MAX_ITEM_BYTES);
        let _ = read_with::<Value>(&mut decoder, &pieces(text.as_bytes(), &[cut]));
        assert_eq!(decoder.member("next"), Some(br#""t\"1""#.as_slice()));
        assert_eq!(decoder.member("more"), None);
    }
}
