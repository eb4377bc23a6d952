//! One operation of the document: its path, its parameters, its responses.

use serde_json::Value;

use super::schema::dereference;

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

/// One operation of the interface document.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Operation {
    /// Operation id, such as `list_workspaces`.
    pub id: String,
    /// Method in capitals.
    pub method: String,
    /// Path with `{name}` for each parameter.
    pub template: String,
    /// First tag: the family of the operation.
    pub tag: String,
    /// Parameters in the path, in the order of the template.
    pub path: Vec<Parameter>,
    /// Parameters in the query.
    pub query: Vec<Parameter>,
    /// The request body, if the operation takes one.
    pub body: Option<Body>,
    /// Documented successful responses by status.
    pub responses: Vec<Response>,
    /// The key of the envelope that the live service uses, in addition to what the document says.
    pub envelope: Option<String>,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parameter {
    /// Name on the wire.
    pub name: String,
    /// Whether it must be present.
    pub required: bool,
    /// Whether clients always send it, although the service does not require it.
    pub always: bool,
    /// Whether the value may span several path segments.
    pub multi_segment: bool,
    /// Schema of the value.
    pub schema: Value,
}

/// The request body that an operation takes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Body {
    /// Media type, such as `application/json`.
    pub media: String,
    /// Whether a request without a body is refused.
    pub required: bool,
    /// Schema of the body.
    pub schema: Value,
}

/// A documented successful response.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The media type and schema; `None` for a response without a body.
    pub content: Option<(String, Value)>,
}

impl Operation {
    /// Whether the operation belongs to v2, which refuses unknown fields.
    pub fn is_v2(&self) -> bool {
        self.template.starts_with("/v2/")
    }

    /// Whether the body of the operation is a file, sent as multipart form data.
    pub fn is_upload(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.media != "application/json")
    }

    /// Returns the first documented success, which samples follow.
    pub fn success(&self) -> Option<&Response> {
        self.responses.iter().find(|response| (200..300).contains(&response.status))
    }
}

/// Reads all operations, sorted so that literal segments come before parameters.
pub(super) fn read_all(document: &Value) -> Result<Vec<Operation>, String> {
    let paths =
        document.get("paths").and_then(Value::as_object).ok_or("the interface document has no `paths` object")?;
    let mut operations = Vec::new();
    for (template, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push(read(document, template, item, method, operation)?);
            }
        }
    }
    operations.sort_by_key(|operation| {
        let kinds: Vec<bool> = operation.template.split('/').map(|segment| segment.starts_with('{')).collect();
        (kinds, operation.template.clone(), operation.method.clone())
    });
    Ok(operations)
}

fn read(document: &Value, template: &str, item: &Value, method: &str, value: &Value) -> Result<Operation, String> {
    let place = format!("{} {template}", method.to_uppercase());
    let id = value.get("operationId").and_then(Value::as_str);
    let id = id.ok_or_else(|| format!("{place} has no operationId; name it in the overlay"))?;
    let mut path = Vec::new();
    let mut query = Vec::new();
    let lists = [item.get("parameters"), value.get("parameters")];
    for parameter in lists.into_iter().flatten().filter_map(Value::as_array).flatten() {
        let parameter = dereference(document, parameter);
        let read = read_parameter(parameter).ok_or_else(|| format!("{place} has a parameter without a name"))?;
        match parameter.get("in").and_then(Value::as_str) {
            Some("path") => path.push(read),
            Some("query") => query.push(read),
            _ => {}
        }
    }
    path.sort_by_key(|parameter| template.find(&format!("{{{}}}", parameter.name)));
    Ok(Operation {
        id: id.to_owned(),
        method: method.to_uppercase(),
        template: template.to_owned(),
        tag: value.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default().to_owned(),
        path,
        query,
        body: value.get("requestBody").and_then(|body| read_body(dereference(document, body))),
        responses: read_responses(document, value),
        envelope: value.get("x-envelope").and_then(Value::as_str).map(str::to_owned),
    })
}

fn read_parameter(parameter: &Value) -> Option<Parameter> {
    let name = parameter.get("name")?.as_str()?.to_owned();
    Some(Parameter {
        required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
        always: parameter.get("x-always").and_then(Value::as_bool).unwrap_or(false),
        // Only paths inside a file space may contain slashes; the document marks some of them and names them all alike.
        multi_segment: name == "path" || parameter.get("x-multi-segment").and_then(Value::as_bool).unwrap_or(false),
        schema: parameter.get("schema").cloned().unwrap_or_default(),
        name,
    })
}

fn read_body(body: &Value) -> Option<Body> {
    let (media, content) = body.get("content")?.as_object()?.iter().next()?;
    Some(Body {
        media: media.clone(),
        required: body.get("required").and_then(Value::as_bool).unwrap_or(false),
        schema: content.get("schema").cloned().unwrap_or_default(),
    })
}

fn read_responses(document: &Value, operation: &Value) -> Vec<Response> {
    let Some(declared) = operation.get("responses").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut responses = Vec::new();
    for (status, response) in declared {
        let Ok(status) = status.parse::<u16>() else {
            continue;
        };
        if !(200..400).contains(&status) {
            continue;
        }
        let content = dereference(document, response).get("content").and_then(Value::as_object);
        // JSON first: a file has JSON or bytes under one status, and the sample is the JSON.
        let content = content.and_then(|all| all.get_key_value("application/json").or_else(|| all.iter().next()));
        let content = content.map(|(media, of)| (media.clone(), of.get("schema").cloned().unwrap_or_default()));
        responses.push(Response { status, content });
    }
    responses
}
