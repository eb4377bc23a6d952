//! How severe each kind of change is. `spec/README.md` shows this table, and a test compares the two and tries every
//! row.

use super::uses::Use;

/// What a change asks of users of the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No code changes.
    Documentation,
    /// There is more than before; existing code compiles and works.
    Additive,
    /// Existing code can stop to compile or to work.
    Breaking,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Additive => "additive",
            Self::Documentation => "documentation",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub what: &'static str,
    pub in_request: Severity,
    pub in_answer: Severity,
    pub why: &'static str,
}

impl Rule {
    /// The worse of the directions that something is used in. What is used in none is a type all the same.
    pub fn severity(&self, used: Use) -> Severity {
        match (used.request, used.answer) {
            (true, false) => self.in_request,
            (false, true) => self.in_answer,
            _ => self.in_request.max(self.in_answer),
        }
    }
}

pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

const B: Severity = Severity::Breaking;
const A: Severity = Severity::Additive;
const D: Severity = Severity::Documentation;

const fn rule(
    id: &'static str,
    in_request: Severity,
    in_answer: Severity,
    what: &'static str,
    why: &'static str,
) -> Rule {
    Rule { id, what, in_request, in_answer, why }
}

/// Every kind of change that is told apart.
pub const RULES: &[Rule] = &[
    rule("operation-added", A, A, "a new operation", "a new request type"),
    rule("operation-removed", B, B, "an operation is gone", "its request type is gone"),
    rule("operation-renamed", B, B, "another operationId", "the request type has another name"),
    rule(
        "operation-moved",
        A,
        A,
        "same operationId, other method or path",
        "the same request is sent to the new place",
    ),
    rule("deprecated-changed", D, D, "marked or no longer marked as deprecated", "said in the docs"),
    rule("tag-changed", D, D, "another family", "said in the docs"),
    rule(
        "text-changed",
        D,
        D,
        "a description, summary, example, default, server or security note",
        "not part of the types",
    ),
    rule("failure-changed", D, D, "a documented failure answer", "all failures are one error type"),
    rule("extension-changed", D, D, "an `x-` key that makes no type", "read by the tools and the docs"),
    rule("other-changed", D, D, "something that makes no type", "listed so that nothing is lost"),
    rule("parameter-added", A, A, "a new optional parameter", "a new setter"),
    rule("parameter-added-required", B, B, "a new required parameter", "`new` takes one more argument"),
    rule("parameters-reordered", B, B, "required parameters in another order", "arguments of `new` change places"),
    rule("parameter-removed", B, B, "a parameter is gone", "its setter or argument is gone"),
    rule(
        "parameter-now-required",
        B,
        B,
        "an optional parameter became required",
        "the setter became an argument of `new`",
    ),
    rule(
        "parameter-now-optional",
        B,
        B,
        "a required parameter became optional",
        "the argument of `new` became a setter",
    ),
    rule("path-parameter-renamed", D, D, "another name in the path", "arguments of `new` go by position"),
    rule("body-added", A, A, "a new optional request body", "a new setter"),
    rule("body-added-required", B, B, "a new required request body", "`new` takes one more argument"),
    rule("body-removed", B, B, "the request body is gone", "its setter or argument is gone"),
    rule("body-now-required", B, B, "an optional body became required", "the setter became an argument of `new`"),
    rule("body-now-optional", B, B, "a required body became optional", "the argument of `new` became a setter"),
    rule("media-type-changed", B, B, "another media type of a body or an answer", "another type carries it"),
    rule("answer-added", B, B, "a success answer got a body", "the call returns a value in place of nothing"),
    rule("answer-removed", B, B, "a success answer lost its body", "the call returns nothing in place of a value"),
    rule("status-changed", D, D, "another success status", "every 2xx is taken"),
    rule("schema-added", A, A, "a new component schema", "a new type"),
    rule("schema-removed", B, B, "a component schema is gone", "its type is gone"),
    rule(
        "schema-renamed",
        B,
        B,
        "a component schema has another name and nothing else changed",
        "its type has another name",
    ),
    rule("schema-use-added", A, A, "a schema is now also sent", "its type gets `new` and setters"),
    rule("schema-use-removed", B, B, "a schema is no longer sent", "its type loses `new` and setters"),
    rule(
        "schema-patch-changed",
        B,
        B,
        "a schema became or is no longer part of a PATCH",
        "fields change between `Option` and `Patch`",
    ),
    rule("property-added", A, A, "a new optional property", "a new field and setter; structs are non-exhaustive"),
    rule(
        "property-added-required",
        B,
        A,
        "a new required property",
        "sent: `new` takes one more argument; read: a new field",
    ),
    rule("property-removed", B, B, "a property is gone", "its field is gone"),
    rule(
        "property-now-required",
        B,
        B,
        "an optional property became required",
        "sent: `new` takes it; read: the field is no `Option`",
    ),
    rule(
        "property-now-optional",
        B,
        B,
        "a required property became optional",
        "sent: `new` does not take it; read: the field is an `Option`",
    ),
    rule(
        "nullable-changed",
        B,
        B,
        "a required value or a list item became or is no longer nullable",
        "the type is or is no `Option`",
    ),
    rule(
        "nullable-optional-changed",
        A,
        A,
        "an optional property became or is no longer nullable",
        "the field is an `Option` either way",
    ),
    rule("type-changed", B, B, "another type, narrower or wider, or another reference", "the Rust type is another one"),
    rule("format-changed", B, B, "another format that makes another Rust type", "the Rust type is another one"),
    rule("format-noted", D, D, "another format that makes the same Rust type", "said in the docs"),
    rule("id-type-changed", B, B, "another identifier type for a name", "the Rust type is another one"),
    rule("title-changed", B, B, "another title of an inline schema", "the title is the name of its type"),
    rule("enum-value-added", A, A, "a new enum value", "enums are open: a new variant breaks no `match`"),
    rule("enum-value-removed", B, B, "an enum value is gone", "its variant is gone"),
    rule("enum-added", B, B, "a text became an enum", "the Rust type is an enum"),
    rule("enum-removed", B, B, "an enum became a text", "the Rust type is `String`"),
    rule("variant-added", A, A, "a new branch of a union", "a new variant of a non-exhaustive enum"),
    rule("variant-removed", B, B, "a branch of a union is gone", "its variant is gone"),
    rule("limit-changed", D, D, "a minimum, maximum, length or pattern", "the service checks it, the client does not"),
];
