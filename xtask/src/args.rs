//! Command lines: flags, values and names.

use std::collections::{BTreeMap, BTreeSet};

/// What a command understands.
#[derive(Debug)]
pub struct Syntax {
    /// How to call it, for the message about a wrong call.
    pub usage: &'static str,
    pub flags: &'static [&'static str],
    /// Options that take a value.
    pub values: &'static [&'static str],
    /// The minimum and maximum number of names.
    pub names: (usize, usize),
}

/// What was given.
#[derive(Debug)]
pub struct Args {
    flags: BTreeSet<String>,
    values: BTreeMap<String, String>,
    pub names: Vec<String>,
}

impl Args {
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    pub fn value(&self, option: &str) -> Option<&str> {
        self.values.get(option).map(String::as_str)
    }
}

impl Syntax {
    pub fn parse(&self, arguments: &[String]) -> Result<Args, String> {
        let mut args = Args { flags: BTreeSet::new(), values: BTreeMap::new(), names: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            if self.flags.contains(&name) && inline.is_none() {
                args.flags.insert(name.to_owned());
            } else if self.values.contains(&name) {
                let value = inline.or_else(|| rest.next().cloned());
                let value = value.ok_or_else(|| self.complain(&format!("`{name}` needs a value")))?;
                args.values.insert(name.to_owned(), value);
            } else if argument.starts_with('-') {
                return Err(self.complain(&format!("`{argument}` is not an option of it")));
            } else {
                args.names.push(argument.clone());
            }
        }
        let (least, most) = self.names;
        if args.names.len() < least || args.names.len() > most {
            return Err(self.complain(&format!("{} names were given", args.names.len())));
        }
        Ok(args)
    }

    fn complain(&self, what: &str) -> String {
        format!("{what}. Call it as: cargo xtask {} (`--help` says more).", self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNTAX: Syntax =
        Syntax { usage: "demo [--check] [--from FILE] [OLD]", flags: &["--check"], values: &["--from"], names: (0, 1) };

    fn parse(text: &str) -> Result<Args, String> {
        SYNTAX.parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn values_come_after_a_space_or_an_equals_sign() {
        for text in ["--from a.yaml --check x", "--check x --from=a.yaml"] {
            let args = parse(text).unwrap();
            assert_eq!((args.value("--from"), args.has("--check"), args.names.len()), (Some("a.yaml"), true, 1));
        }
    }

    #[test]
    fn a_wrong_call_says_how_to_call_it() {
        for text in ["--chekc", "--from", "a b", "--check=1"] {
            assert!(parse(text).err().unwrap().contains("cargo xtask demo [--check]"), "{text}");
        }
    }
}
