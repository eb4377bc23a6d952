//! The interface document, parsed into what the emulator needs: operations, routes, schemas, samples.

mod operation;
mod request;
mod route;
mod sample;
mod schema;
mod validate;

use std::sync::OnceLock;

use serde_json::Value;

pub use operation::{Body, Operation, Parameter, Response};
pub use request::SampleRequest;
pub use route::{Match, RouteError};
pub use validate::{Issue, IssueKind};

/// Returns the text of the interface document that the emulator is driven by.
///
/// ```
/// let text = singlestore_management_emulator::spec::document();
/// assert!(text.contains("\"openapi\""));
/// ```
pub fn document() -> &'static str {
    include_str!("../../spec/openapi.json")
}

/// The interface document with its operations, ready for matching, validation and sampling.
///
/// ```
/// let spec = singlestore_management_emulator::Spec::load()?;
/// let operation = spec.operation("list_workspaces").ok_or("no such operation")?;
/// assert_eq!(operation.template, "/v1/workspaces");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Spec {
    document: Value,
    operations: Vec<Operation>,
}

impl Spec {
    /// Returns the document of this crate, parsed once for the process.
    ///
    /// ```
    /// let spec = singlestore_management_emulator::Spec::load()?;
    /// assert!(!spec.operations().is_empty());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// A message naming the place in the document that could not be read.
    pub fn load() -> Result<&'static Spec, String> {
        static LOADED: OnceLock<Result<Spec, String>> = OnceLock::new();
        match LOADED.get_or_init(|| Spec::parse(document())) {
            Ok(spec) => Ok(spec),
            Err(message) => Err(message.clone()),
        }
    }

    /// Reads another interface document.
    ///
    /// ```
    /// let spec = singlestore_management_emulator::Spec::parse(r#"{"paths": {}}"#)?;
    /// assert!(spec.operations().is_empty());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// A message naming the place in the document that could not be read.
    pub fn parse(text: &str) -> Result<Spec, String> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| format!("the interface document is not JSON: {error}; write it again with update-spec"))?;
        let operations = operation::read_all(&document)?;
        Ok(Spec { document, operations })
    }

    /// Lists all operations; those with literal segments come before those with parameters.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Finds an operation by its id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Finds the operation for a request path; the path is as sent, still percent-encoded.
    ///
    /// # Errors
    /// [`RouteError`] if no path matches, or one matches only with other methods.
    pub fn route(&self, method: &str, path: &str) -> Result<Match<'_>, RouteError> {
        route::find(&self.operations, method, path)
    }

    /// Compares a value with a schema of this document and lists all differences.
    ///
    /// ```
    /// let spec = singlestore_management_emulator::Spec::load()?;
    /// let schema = serde_json::json!({"type": "object", "required": ["name"]});
    /// assert_eq!(spec.validate(&schema, &serde_json::json!({})).len(), 1);
    /// # Ok::<(), String>(())
    /// ```
    pub fn validate(&self, schema: &Value, value: &Value) -> Vec<Issue> {
        validate::validate(&self.document, schema, value)
    }

    /// Compares the response of an operation with what the document promises for that status.
    ///
    /// Responses that the live service wraps in an envelope (`x-envelope`) are accepted in both forms.
    pub fn validate_response(&self, operation: &Operation, status: u16, body: &[u8]) -> Vec<String> {
        validate::response(self, operation, status, body)
    }

    /// Makes a value that fits a schema, with every property filled; equal calls give equal values.
    ///
    /// ```
    /// let spec = singlestore_management_emulator::Spec::load()?;
    /// let schema = serde_json::json!({"type": "string", "enum": ["AWS", "GCP"]});
    /// assert_eq!(spec.sample(&schema), "AWS");
    /// # Ok::<(), String>(())
    /// ```
    pub fn sample(&self, schema: &Value) -> Value {
        sample::sample(&self.document, schema, sample::Fill::All)
    }

    /// Makes a value that fits a schema, with only its required properties.
    pub fn minimal_sample(&self, schema: &Value) -> Value {
        sample::sample(&self.document, schema, sample::Fill::Required)
    }

    /// Builds a valid request of an operation, with all parameters (`full`) or only the required ones.
    ///
    /// ```
    /// let spec = singlestore_management_emulator::Spec::load()?;
    /// let operation = spec.operation("list_workspaces").ok_or("no such operation")?;
    /// let request = spec.sample_request(operation, false);
    /// assert_eq!(request.query[0].0, "workspaceGroupID");
    /// # Ok::<(), String>(())
    /// ```
    pub fn sample_request(&self, operation: &Operation, full: bool) -> SampleRequest {
        request::build(self, operation, full)
    }

    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> std::borrow::Cow<'a, Value> {
        schema::resolve(&self.document, schema)
    }
}

/// Returns the version of the interface document.
///
/// ```
/// assert!(!singlestore_management_emulator::spec::version().is_empty());
/// ```
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let version = Spec::load().ok().and_then(|spec| spec.document.pointer("/info/version")?.as_str());
        version.unwrap_or("unknown").to_owned()
    })
}

/// Whether the document has an operation.
pub(crate) fn is_known(id: &str) -> bool {
    Spec::load().is_ok_and(|spec| spec.operation(id).is_some())
}

/// Panics if the document has no such operation.
#[allow(clippy::panic)]
pub(crate) fn assert_known(id: &str) {
    if let Ok(spec) = Spec::load()
        && spec.operation(id).is_none()
    {
        let near: Vec<&str> = spec
            .operations()
            .iter()
            .map(|operation| operation.id.as_str())
            .filter(|known| is_near(known, id))
            .collect();
        panic!("there is no operation {id:?} in the interface document{}", suggestion(&near));
    }
}

fn is_near(known: &str, given: &str) -> bool {
    let words = |text: &str| text.split('_').map(|word| word.trim_end_matches('s').to_owned()).collect::<Vec<_>>();
    let (known, given) = (words(known), words(given));
    given.iter().filter(|word| known.contains(word)).count() * 2 >= known.len().max(given.len())
}

fn suggestion(near: &[&str]) -> String {
    match near {
        [] => String::new(),
        near => format!("; did you mean one of {}?", near.join(", ")),
    }
}
