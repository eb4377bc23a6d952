//! Removes the body of the function that contains an error, so that the compiler gets to the next one. Line numbers do not
//! change. Our code is formatted by `cargo fmt`: a function ends with the first brace at the indentation at which it began.

use super::diagnostics::Diagnostic;
use std::collections::BTreeSet;

/// What was removed from a copy.
#[derive(Debug, Default)]
pub struct Blanked {
    /// File and line of functions whose body was removed.
    empty: BTreeSet<(String, usize)>,
    /// Names of functions that were removed entirely.
    gone: BTreeSet<String>,
    /// What was removed since the compiler was last run.
    now: BTreeSet<(String, usize)>,
}

impl Blanked {
    /// Called when the compiler is run again.
    pub fn next_round(&mut self) {
        self.now.clear();
    }

    /// Whether an error is caused by something we removed.
    pub fn causes(&self, error: &Diagnostic) -> bool {
        self.gone.iter().any(|name| error.message.contains(&format!("`{name}`")))
    }
}

/// The source without the body of the function at this line; without the function itself if that was not enough. `None` if the
/// line is not in a function.
pub fn blank(source: &str, error: &Diagnostic, blanked: &mut Blanked) -> Option<String> {
    let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
    let at = error.line.checked_sub(1)?;
    // The innermost one.
    let function = (0..=at.min(lines.len().checked_sub(1)?)).rev().find_map(|start| function(&lines, start, at))?;
    let key = (error.file.clone(), function.start);
    if !blanked.now.insert(key.clone()) {
        return None;
    }
    if blanked.empty.insert(key) {
        function.empty(&mut lines);
    } else {
        function.remove(&mut lines);
        blanked.gone.insert(function.name);
    }
    Some(lines.join("\n") + "\n")
}

/// Replaces the body of a function.
const NOTHING: &str = " ::core::unreachable!() ";

struct Function {
    name: String,
    start: usize,
    /// The line with the brace that opens the body.
    open: usize,
    end: usize,
}

/// The function that begins at a line, if it has a body and extends to another line.
fn function(lines: &[String], start: usize, at: usize) -> Option<Function> {
    let line = &lines[start];
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let (before, after) = text.split_once("fn ")?;
    let is_modifier = |word: &str| word.starts_with("pub") || ["async", "const", "unsafe", "extern"].contains(&word);
    if !before.split_whitespace().all(is_modifier) {
        return None;
    }
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if text.ends_with('}') {
        return (start == at).then_some(Function { name, start, open: start, end: start });
    }
    let closing = format!("{indent}}}");
    let end = (start + 1..lines.len()).find(|number| lines[*number] == closing).filter(|end| *end >= at)?;
    // Its body may already be removed.
    let before_inside = |number: usize| lines[number].strip_suffix(NOTHING).unwrap_or(&lines[number]);
    let open = (start..end)
        .find(|number| before_inside(*number).ends_with(['{', ';']))
        .filter(|open| before_inside(*open).ends_with('{'))?;
    Some(Function { name, start, open, end })
}

impl Function {
    fn empty(&self, lines: &mut [String]) {
        if self.open == self.end {
            let line = &mut lines[self.open];
            if let Some(brace) = line.find('{') {
                *line = format!("{}{NOTHING}}}", &line[..=brace]);
            }
            return;
        }
        lines[self.open].push_str(NOTHING);
        lines[self.open + 1..self.end].iter_mut().for_each(String::clear);
    }

    /// Together with its attributes, which would otherwise apply to what follows.
    fn remove(&self, lines: &mut [String]) {
        let is_other = |line: &String| line.trim().is_empty() || line.ends_with(['{', '}', ';']);
        let first = (0..self.start).rev().find(|number| is_other(&lines[*number])).map_or(0, |other| other + 1);
        lines[first..=self.end].iter_mut().for_each(String::clear);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: usize) -> Diagnostic {
        Diagnostic { file: "a.rs".to_owned(), line, level: "error".to_owned(), message: "`x`".to_owned() }
    }

    #[test]
    fn the_inside_goes_first_and_then_the_function_and_lines_stay() {
        let source = "use a::b;\nfn one(\n    a: u8,\n) -> u8\nwhere\n    u8: Copy,\n{\n    fn inner() {}\n    \"ä\"; two(\n    )\n}\n\nstruct S;\nimpl S {\n    /// Words.\n    #[must_use]\n    pub(crate) fn x(&self) -> impl Iterator { gone }\n\n    fn y();\n}\n";
        let mut blanked = Blanked::default();
        let text = blank(source, &error(9), &mut blanked).unwrap();
        assert_eq!(
            text,
            source.replace("{\n    fn inner() {}\n    \"ä\"; two(\n    )\n}", "{ ::core::unreachable!() \n\n\n\n}")
        );
        let text = blank(&text, &error(17), &mut blanked).unwrap();
        assert!(text.contains("impl Iterator { ::core::unreachable!() }"), "{text}");
        assert!(!blanked.causes(&error(1)));
        assert!(blank(&text, &error(17), &mut blanked).is_none(), "asked once a round");
        blanked.next_round();
        let text = blank(&text, &error(17), &mut blanked).unwrap();
        assert!(!text.contains("fn x") && !text.contains("must_use") && text.contains("fn y"), "{text}");
        assert_eq!(text.lines().count(), source.lines().count());
        assert!(blanked.causes(&error(1)));
        assert!(blank(source, &error(13), &mut blanked).is_none());
        assert!(blank(source, &error(99), &mut blanked).is_none());
    }

    #[test]
    fn a_function_of_several_lines_goes_in_the_second_round() {
        for source in [
            "use a::b;\n#[must_use]\nfn one(\n    a: Gone,\n) -> u8\nwhere\n    u8: Copy,\n{\n    two(\n    )\n}\nstruct S;\n",
            "use a::b;\n#[must_use]\nfn one(a: Gone) {\n    if a {\n        two()\n    }\n}\nstruct S;\n",
        ] {
            let mut blanked = Blanked::default();
            let text = blank(source, &error(3), &mut blanked).unwrap();
            assert!(text.contains("fn one") && !text.contains("two") && !blanked.causes(&about("one")), "{text}");
            blanked.next_round();
            let text = blank(&text, &error(3), &mut blanked).expect("a second round");
            assert!(text.starts_with("use a::b;\n\n") && text.ends_with("\nstruct S;\n"), "{text}");
            assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), "use a::b; struct S;");
            assert_eq!(text.lines().count(), source.lines().count());
            assert!(blanked.causes(&about("one")));
        }
    }

    fn about(name: &str) -> Diagnostic {
        Diagnostic { message: format!("cannot find function `{name}`"), ..error(1) }
    }
}
