//! How a value is written in a query or a form: a scalar beside its name, a list as many of them, the properties of an object
//! under their own names.

mod fraction;

use std::fmt::{self, Display, Write};

use fraction::fraction;
use reqwest::Url;

use crate::json::KEEPS_DIGITS;
use crate::ser::{Elements, Entries, Out, Scalar, Writable};

/// Adds a value to the query of a URL, under this name unless it has names of its own.
pub(super) fn parameter(name: &str, value: &dyn Writable, url: &mut Url) -> Result<(), Unwritable> {
    write(value, Place::Parameter(name), url)
}

/// Writes the body of a form as the query of a URL.
pub(super) fn form(body: &dyn Writable, url: &mut Url) -> Result<(), Unwritable> {
    write(body, Place::Form, url)
}

fn write(value: &dyn Writable, place: Place<'_>, url: &mut Url) -> Result<(), Unwritable> {
    let mut target = Target { place, url, written: Ok(()) };
    value.write(&mut target);
    target.written
}

/// What has no place in a query or a form.
#[derive(Debug)]
pub(crate) struct Unwritable(Box<str>);

impl Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

/// Where a value stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// A parameter of this name.
    Parameter(&'a str),
    /// A form, which has no name and so must have names in it.
    Form,
    /// An element of a list in its place.
    Nameless,
    /// The value beside this name.
    Value(&'a str),
}

struct Target<'a> {
    place: Place<'a>,
    url: &'a mut Url,
    written: Result<(), Unwritable>,
}

impl Target<'_> {
    #[cold]
    fn refuse(&mut self, what: &str) {
        let place = match self.place {
            Place::Parameter(_) => "a parameter of a query",
            Place::Form => "a form",
            Place::Nameless => "a pair of a name and a value",
            Place::Value(_) => "the value beside a name",
        };
        self.written = Err(Unwritable(format!("{what} cannot be {place}").into()));
    }

    fn text(&mut self, text: &str) {
        match self.place {
            Place::Parameter(name) | Place::Value(name) => {
                self.url.query_pairs_mut().append_pair(name, text);
            }
            Place::Form | Place::Nameless => self.refuse("a scalar"),
        }
    }

    fn display(&mut self, value: &dyn Display) {
        self.text(&text(value));
    }

    fn part(&mut self, value: &dyn Writable, place: Place<'_>) {
        if self.written.is_ok() {
            self.written = write(value, place, self.url);
        }
    }

    fn float(&mut self, value: f64) {
        match fraction(&format!("{value:e}"), 16, -5) {
            Some(text) => self.text(&text),
            None => self.display(&value),
        }
    }
}

impl Out for Target<'_> {
    fn scalar(&mut self, value: Scalar<'_>) {
        match value {
            Scalar::Text(text) => self.text(text),
            Scalar::Bool(value) => self.display(&value),
            Scalar::I32(number) => self.display(&number),
            Scalar::I64(number) => self.display(&number),
            Scalar::U32(number) => self.display(&number),
            Scalar::U64(number) => self.display(&number),
            Scalar::F32(number) => match fraction(&format!("{number:e}"), 13, -6) {
                Some(text) => self.text(&text),
                None => self.display(&number),
            },
            Scalar::F64(number) => self.float(number),
            Scalar::Number(number) => match number.as_f64().filter(|_| number.is_f64() && !KEEPS_DIGITS) {
                Some(number) => self.float(number),
                None => self.display(number),
            },
            Scalar::None => {}
            Scalar::Null => match self.place {
                Place::Parameter(_) | Place::Form => {}
                Place::Nameless | Place::Value(_) => self.refuse("nothing"),
            },
        }
    }

    fn some(&mut self, value: &dyn Writable) {
        self.part(value, self.place);
    }

    fn list(&mut self, _: usize, elements: Elements<'_>) {
        let place = match self.place {
            Place::Parameter(name) => Place::Value(name),
            Place::Form => Place::Nameless,
            Place::Nameless | Place::Value(_) => return self.refuse("a list"),
        };
        elements(&mut |element| self.part(element, place));
    }

    fn map(&mut self, _: Option<usize>, entries: Entries<'_>) {
        match self.place {
            Place::Parameter(_) | Place::Form => {
                entries(&mut |name, value| self.part(value, Place::Value(name)));
            }
            Place::Nameless | Place::Value(_) => self.refuse("an object"),
        }
    }

    fn object(&mut self, _: &'static str, names: &'static [&'static str], values: &[&dyn Writable]) {
        self.map(None, &mut |entry| {
            for (name, value) in names.iter().zip(values).filter(|(_, value)| !value.is_absent()) {
                entry(name, *value);
            }
        });
    }
}

/// Not `to_string`, which panics where a value fails to show itself.
pub(super) fn text(value: &dyn Display) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value}");
    text
}
