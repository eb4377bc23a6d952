//! How severe each kind of change is. `spec/README.md` shows this table, and a test compares the two and tries every
//! row.

use crate::codegen::uses::Use;

/// What a change requires of users of the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No code changes.
    Documentation,
    /// Something was added; existing code still compiles and works.
    Additive,
    /// Existing code may stop compiling or working.
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
pub struct Row {
    pub id: &'static str,
    pub what: &'static str,
    pub in_request: Severity,
    pub in_response: Severity,
    pub why: &'static str,
}

impl Row {
    /// The more severe of the directions in which something is used. Even something unused still makes a type.
    pub fn severity(&self, used: Use) -> Severity {
        match (used.request, used.response) {
            (true, false) => self.in_request,
            (false, true) => self.in_response,
            _ => self.in_request.max(self.in_response),
        }
    }
}

const B: Severity = Severity::Breaking;
const A: Severity = Severity::Additive;
const D: Severity = Severity::Documentation;

/// Declares the rules and their rows together, so that a rule without a row does not compile.
macro_rules! rules {
    ($($name:ident $id:literal $sent:ident $read:ident $what:literal $why:literal)*) => {
        /// The kinds of change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $what] $name),*
        }

        impl Rule {
            /// The table's row for it.
            pub fn row(self) -> &'static Row {
                &RULES[self as usize]
            }
        }

        /// Every row of the table.
        pub static RULES: &[Row] =
            &[$(Row { id: $id, in_request: $sent, in_response: $read, what: $what, why: $why }),*];
    };
}

rules! {
    OperationAdded "operation-added" A A "a new operation" "a new request type"
    OperationRemoved "operation-removed" B B "an operation is gone" "its request type is gone"
    OperationRenamed "operation-renamed" B B "a different operationId" "the request type has a different name"
    OperationMoved "operation-moved" A A "same operationId, different method or path" "the same request is sent to the new location"
    DeprecatedChanged "deprecated-changed" D D "marked or no longer marked as deprecated" "said in the docs"
    TagChanged "tag-changed" D D "a different family" "said in the docs"
    TextChanged "text-changed" D D "a description, summary, example, default, server or security note" "not part of the types"
    FailureChanged "failure-changed" D D "a documented failure response" "all failures are one error type"
    PaginationChanged "pagination-changed" B B "a different `x-pagination`" "its items or pages are read differently"
    ExtensionChanged "extension-changed" D D "an `x-` key that does not affect types" "read by the tools and the docs"
    OtherChanged "other-changed" D D "something that does not affect types" "listed so that nothing is lost"
    ParameterAdded "parameter-added" A A "a new optional parameter" "a new setter"
    ParameterAddedRequired "parameter-added-required" B B "a new required parameter" "`new` takes one more argument"
    ParametersReordered "parameters-reordered" B B "required parameters in a different order" "the arguments of `new` change places"
    ParameterRemoved "parameter-removed" B B "a parameter is gone" "its setter or argument is gone"
    ParameterNowRequired "parameter-now-required" B B "an optional parameter became required" "the setter became an argument of `new`"
    ParameterNowOptional "parameter-now-optional" B B "a required parameter became optional" "the argument of `new` became a setter"
    PathParameterRenamed "path-parameter-renamed" D D "a different name in the path" "the arguments of `new` are positional"
    BodyAdded "body-added" A A "a new optional request body" "a new setter"
    BodyAddedRequired "body-added-required" B B "a new required request body" "`new` takes one more argument"
    BodyRemoved "body-removed" B B "the request body is gone" "its setter or argument is gone"
    BodyNowRequired "body-now-required" B B "an optional body became required" "the setter became an argument of `new`"
    BodyNowOptional "body-now-optional" B B "a required body became optional" "the argument of `new` became a setter"
    MediaTypeChanged "media-type-changed" B B "a different media type of a body or a response" "a different type carries it"
    ResponseAdded "response-added" B B "a success response got a body" "the call returns a value instead of nothing"
    ResponseRemoved "response-removed" B B "a success response lost its body" "the call returns nothing instead of a value"
    StatusChanged "status-changed" D D "a different success status" "every 2xx is accepted"
    SchemaAdded "schema-added" A A "a new component schema" "a new type"
    SchemaRemoved "schema-removed" B B "a component schema is gone" "its type is gone"
    SchemaRenamed "schema-renamed" B B "a component schema has a different name and nothing else changed" "its type has a different name"
    SchemaUseAdded "schema-use-added" A A "a schema is now also sent" "its type gets `new` and setters"
    SchemaUseRemoved "schema-use-removed" B B "a schema is no longer sent" "its type loses `new` and setters"
    SchemaPatchChanged "schema-patch-changed" B B "a schema became part of a PATCH or is no longer part of one" "fields change between `Option` and `Patch`"
    PropertyAdded "property-added" A A "a new optional property" "a new field and setter; structs are non-exhaustive"
    PropertyAddedRequired "property-added-required" B A "a new required property" "sent: `new` takes one more argument; read: a new field"
    PropertyRemoved "property-removed" B B "a property is gone" "its field is gone"
    PropertyNowRequired "property-now-required" B B "an optional property became required" "sent: `new` takes it; read: the field is not an `Option`"
    PropertyNowOptional "property-now-optional" B B "a required property became optional" "sent: `new` does not take it; read: the field is an `Option`"
    NullableChanged "nullable-changed" B B "a required value or a list item became nullable or is no longer nullable" "the type becomes an `Option` or stops being one"
    NullableOptionalChanged "nullable-optional-changed" A A "an optional property became nullable or is no longer nullable" "the field is an `Option` either way"
    TypeChanged "type-changed" B B "a different type, narrower or wider, or a different reference" "the Rust type is different"
    FormatChanged "format-changed" B B "a different format that leads to a different Rust type" "the Rust type is different"
    FormatNoted "format-noted" D D "a different format that leads to the same Rust type" "said in the docs"
    IdTypeChanged "id-type-changed" B B "a different identifier type for a name" "the Rust type is different"
    TitleChanged "title-changed" B B "a different title of an inline schema" "the title is the name of its type"
    EnumValueAdded "enum-value-added" A A "a new enum value" "enums are open: a new variant breaks no `match`"
    EnumValueRemoved "enum-value-removed" B B "an enum value is gone" "its variant is gone"
    EnumAdded "enum-added" B B "a string became an enum" "the Rust type is an enum"
    EnumRemoved "enum-removed" B B "an enum became a string" "the Rust type is `String`"
    VariantAdded "variant-added" A A "a new branch of a union" "a new variant of a non-exhaustive enum"
    VariantRemoved "variant-removed" B B "a branch of a union is gone" "its variant is gone"
    VariantRenamed "variant-renamed" B B "the variants of a union have different names" "found by comparing the interfaces"
    LimitChanged "limit-changed" D D "a minimum, maximum, length or pattern" "the service checks it, the client does not"
    InterfaceBroken "interface-broken" B B "generated Rust is different, and no other change accounts for it" "found by comparing the interfaces"
    InterfaceAdded "interface-added" A A "there is more generated Rust, and no other change accounts for it" "found by comparing the interfaces"
}
