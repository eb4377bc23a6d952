//! What the document says about each operation: for the transport, the requests and the tools.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::lists::{List, Style};
use super::openapi::{items, operations, resolve};
use super::parameters::{is_own_header, may_be_secret};

/// One operation of the document.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operationId, in snake case.
    pub id: String,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The first tag: the family.
    pub tag: String,
    /// One line of documentation.
    pub summary: String,
    /// The rest of the documentation.
    pub description: String,
    /// Whether repeating a request has the same effect as sending it once.
    pub idempotent: bool,
    /// Whether a refusal because of the organization's lock proves that nothing was created.
    pub lock_conflict: bool,
    /// The key that the live service may wrap the response in.
    pub envelope: Option<String>,
    /// What an empty response body means.
    pub empty_body_as: Option<String>,
    /// `sdk` or `live-verified` for an operation that the vendor does not publish.
    pub confidence: Option<String>,
    /// How it is read, if it is a list; an error for an invalid extension.
    pub list: Option<Result<List, String>>,
    /// The parameters of path, query and header.
    pub parameters: Vec<Parameter>,
    /// Whether a body must be sent.
    pub body_required: bool,
}

impl Operation {
    /// Whether it is a paged list.
    pub fn is_paged(&self) -> bool {
        matches!(&self.list, Some(Ok(list)) if !matches!(list.style, Style::None))
    }

    /// Whether a generated method belongs to this operation: a keyword gets a trailing underscore, which no id has.
    pub fn is_method(&self, name: &str) -> bool {
        name.strip_suffix('_').unwrap_or(name) == self.id
    }
}

/// One parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Its description.
    pub description: String,
    /// Whether it is always sent, with the value `true`: without it the operation does something else (`x-always`).
    pub always: bool,
    /// Whether its value is a secret.
    pub secret: bool,
}

/// Reads the operations, sorted by id. Those without an id are left out: the lint reports them.
pub fn table(document: &Value) -> Vec<Operation> {
    let mut table: Vec<Operation> = operations(document)
        .filter_map(|(path, item, method, operation)| {
            let id = operation.get("operationId").and_then(Value::as_str)?;
            Some(read(document, path, item, method, operation, id))
        })
        .collect();
    table.sort_by(|a, b| a.id.cmp(&b.id));
    table
}

fn read(document: &Value, path: &str, item: &Value, method: &str, operation: &Value, id: &str) -> Operation {
    let text = |key: &str| operation.get(key).and_then(Value::as_str).map(str::to_owned);
    let flag = |key: &str| operation.get(key).and_then(Value::as_bool);
    let listed = items(item, "parameters").iter().chain(items(operation, "parameters"));
    let parameters = listed.filter_map(|listed| parameter(document, listed));
    Operation {
        id: id.to_owned(),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default().to_owned(),
        summary: text("summary").unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        idempotent: flag("x-idempotent").unwrap_or(matches!(method, "get" | "head" | "put" | "delete" | "options")),
        lock_conflict: flag("x-lock-conflict").unwrap_or(false),
        envelope: text("x-envelope"),
        empty_body_as: text("x-empty-body-as").or_else(|| is_empty(operation).then(|| "null".to_owned())),
        confidence: text("x-confidence"),
        list: operation.get("x-pagination").map(List::read),
        parameters: parameters.collect(),
        body_required: operation.pointer("/requestBody/required").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// Whether no success has a body worth reading.
fn is_empty(operation: &Value) -> bool {
    let responses = operation.get("responses").and_then(Value::as_object).into_iter().flatten();
    let mut successes = responses.filter(|(status, _)| status.starts_with('2'));
    operation.get("x-ignore-content") == Some(&Value::Bool(true))
        || successes.all(|(_, response)| response.get("content").is_none() && response.get("$ref").is_none())
}

fn parameter(document: &Value, parameter: &Value) -> Option<Parameter> {
    let parameter = resolve(document, parameter).filter(|parameter| !is_own_header(parameter))?;
    let text = |key: &str| parameter.get(key).and_then(Value::as_str);
    Some(Parameter {
        name: text("name")?.to_owned(),
        place: text("in")?.to_owned(),
        description: text("description").unwrap_or_default().to_owned(),
        always: parameter.get("x-always").and_then(Value::as_bool).unwrap_or(false),
        secret: parameter.get("schema").is_some_and(|schema| may_be_secret(document, schema)),
    })
}

/// The constant with the crate's information about an operation. Each has its own: a program contains those of the
/// operations it uses, and the table of all only if it asks for it.
pub fn constant(operation: &Operation) -> syn::Ident {
    format_ident!("{}", operation.id.to_uppercase())
}

fn info(operation: &Operation) -> TokenStream {
    let Operation { id, method, path, tag, summary, idempotent, lock_conflict, .. } = operation;
    let optional = |value: &Option<String>| match value {
        Some(text) => quote!(::std::option::Option::Some(#text)),
        None => quote!(::std::option::Option::None),
    };
    let envelope = optional(&operation.envelope);
    let empty_body_as = optional(&operation.empty_body_as);
    let confidence = match operation.confidence.as_deref() {
        Some("live-verified") => {
            quote!(::std::option::Option::Some(crate::operation::Confidence::LiveVerified))
        }
        Some(_) => quote!(::std::option::Option::Some(crate::operation::Confidence::Sdk)),
        None => quote!(::std::option::Option::None),
    };
    let list = match &operation.list {
        Some(Ok(list)) => {
            let info = list.info();
            quote!(::std::option::Option::Some(#info))
        }
        _ => quote!(::std::option::Option::None),
    };
    quote!(crate::operation::OperationInfo {
        id: #id, method: #method, path: #path, tag: #tag, summary: #summary, idempotent: #idempotent,
        lock_conflict: #lock_conflict, envelope: #envelope, empty_body_as: #empty_body_as, confidence: #confidence,
        list: #list,
    })
}

/// Adds the table of all operations, and the beginnings of their paths.
pub fn add_table(file: &mut syn::File, operations: &[Operation]) {
    let names: Vec<syn::Ident> = operations.iter().map(constant).collect();
    let infos = operations.iter().map(info);
    file.items.push(syn::parse_quote! {
        pub(crate) mod operations {
            #(pub(crate) const #names: crate::operation::OperationInfo = #infos;)*
        }
    });
    file.items.push(syn::parse_quote! {
        /// Every operation, in the order of the ids.
        pub static OPERATIONS: &[crate::operation::OperationInfo] = &[#(operations::#names),*];
    });
    let resources: BTreeSet<&str> =
        operations.iter().filter_map(|operation| operation.path.split('/').nth(2)).collect();
    file.items.push(syn::parse_quote! {
        /// The path segment after the version.
        pub(crate) static RESOURCES: &[&str] = &[#(#resources),*];
    });
}
