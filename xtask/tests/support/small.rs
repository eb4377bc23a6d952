//! Small documents, each with one kind of defect.

use serde_json::{Map, Value, json};

/// A document and whether it may be refused.
pub struct Case {
    pub name: String,
    pub document: Value,
    pub may_be_refused: bool,
}

fn case(name: impl Into<String>, document: Value) -> Case {
    Case { name: name.into(), document, may_be_refused: false }
}

fn refusable(name: impl Into<String>, document: Value) -> Case {
    Case { may_be_refused: true, ..case(name, document) }
}

/// Components that the schemas below refer to.
fn shared() -> Map<String, Value> {
    let shared = json!({
        "Obj": {"type": "object", "properties": {"s": {"type": "string"}}},
        "Needs": {"type": "object", "required": ["s"], "properties": {"s": {"type": "string"}}},
        "Kind": {"type": "string", "enum": ["A", "B"]},
        "Alias": {"type": "string"},
        "Key": {"type": "string", "format": "password"},
        "Union": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "Maybe": {"type": "object", "nullable": true, "title": "Maybe", "properties": {"s": {"type": "string"}}},
        "Names": {"type": "array", "items": {"type": "string"}},
        "Within": {"type": "object", "required": ["s", "within"], "properties": {
            "s": {"type": "string"}, "within": {"$ref": "#/components/schemas/Within"}}},
        "Hen": {"type": "object", "required": ["egg"], "properties": {"egg": {"$ref": "#/components/schemas/Egg"}}},
        "Egg": {"type": "object", "required": ["hen"], "properties": {"hen": {"$ref": "#/components/schemas/Hen"}}},
        "Tree": {"type": "object", "required": ["leaves"], "properties": {
            "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "root": {"$ref": "#/components/schemas/Tree"}}},
        "Both": {"allOf": [{"$ref": "#/components/schemas/Obj"}, {"type": "object", "properties": {"t": {"type": "integer"}}}]},
    });
    shared.as_object().unwrap().clone()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// One schema of every kind.
fn kinds() -> Vec<(&'static str, Value)> {
    let mut kinds = vec![
        ("string", json!({"type": "string"})),
        ("integer", json!({"type": "integer"})),
        ("int32", json!({"type": "integer", "format": "int32"})),
        ("uint64", json!({"type": "integer", "format": "uint64"})),
        ("number", json!({"type": "number"})),
        ("float", json!({"type": "number", "format": "float"})),
        ("boolean", json!({"type": "boolean"})),
        ("date_time", json!({"type": "string", "format": "date-time"})),
        ("date", json!({"type": "string", "format": "date"})),
        ("uuid", json!({"type": "string", "format": "uuid"})),
        ("password", json!({"type": "string", "format": "password"})),
        ("binary", json!({"type": "string", "format": "binary"})),
        ("choice", json!({"type": "string", "enum": ["A", "B"]})),
        ("number_choice", json!({"type": "integer", "format": "int32", "enum": [1, 2]})),
        // With keywords of other types, which have no effect here.
        ("date_time_and", json!({"type": "string", "format": "date-time", "additionalProperties": true})),
        (
            "uuid_and",
            json!({"type": "string", "format": "uuid", "properties": {"s": {"type": "string"}}, "required": ["s"]}),
        ),
        (
            "integer_and",
            json!({"type": "integer", "items": {"type": "string"}, "discriminator": {"propertyName": "s"}}),
        ),
        ("anything", json!({})),
        ("object", json!({"type": "object", "properties": {"s": {"type": "string"}}})),
        ("needy", json!({"type": "object", "required": ["s"], "properties": {"s": {"type": "integer"}}})),
        ("free", json!({"type": "object"})),
        ("free_too", json!({"type": "object", "additionalProperties": true})),
        ("either", json!({"oneOf": [{"type": "string"}, {"type": "integer"}]})),
        ("any_of", json!({"anyOf": [{"$ref": "#/components/schemas/Obj"}, {"type": "integer"}]})),
        ("all_of", json!({"allOf": [{"$ref": "#/components/schemas/Obj"}]})),
        (
            "composed",
            json!({"allOf": [{"$ref": "#/components/schemas/Obj"}, {"type": "object", "properties": {"u": {"type": "boolean"}}}]}),
        ),
    ];
    kinds.push(("list_in_all_of", json!({"allOf": [{"type": "array", "items": {"type": "string"}}]})));
    kinds.push(("map_in_all_of", json!({"allOf": [{"type": "object", "additionalProperties": {"type": "string"}}]})));
    kinds.push(("twice_in_all_of", json!({"allOf": [{"allOf": [{"type": "integer"}]}], "description": "Words."})));
    let simple = ["string", "integer", "date_time", "password", "uuid", "choice", "anything", "either"];
    let inner: Vec<(&str, Value)> = kinds.iter().filter(|(name, _)| simple.contains(name)).cloned().collect();
    for (name, schema) in inner {
        let list: &str = format!("list_of_{name}").leak();
        kinds.push((list, json!({"type": "array", "items": schema})));
        kinds.push((format!("map_of_{name}").leak(), json!({"type": "object", "additionalProperties": schema})));
        let mut nullable = schema.clone();
        nullable["nullable"] = true.into();
        kinds.push((format!("list_of_nullable_{name}").leak(), json!({"type": "array", "items": nullable})));
        kinds.push((format!("deep_{name}").leak(), json!({"type": "array", "items": {"type": "object", "additionalProperties": {"type": "array", "items": schema}}})));
    }
    for name in shared().keys() {
        kinds.push((format!("ref_{name}").leak(), reference(name)));
        kinds.push((format!("list_of_ref_{name}").leak(), json!({"type": "array", "items": reference(name)})));
    }
    kinds
}

fn document(paths: Value, more: Value) -> Value {
    let mut schemas = more.as_object().cloned().unwrap_or_default();
    let mut text = format!("{paths}{more}");
    for _ in 0..3 {
        for (name, schema) in shared() {
            if text.contains(&format!("schemas/{name}\"")) && !schemas.contains_key(&name) {
                text.push_str(&schema.to_string());
                schemas.insert(name, schema);
            }
        }
    }
    json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths,
        "x-id-types": {"thingID": "ThingId", "uuid": "UuidId"},
        "components": {"schemas": schemas},
    })
}

fn response(schema: Value) -> Value {
    json!({"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}})
}

fn done() -> Value {
    json!({"200": {"description": "ok"}})
}

fn body(schema: Value, required: Option<bool>) -> Value {
    let mut body = json!({"content": {"application/json": {"schema": schema}}});
    if let Some(required) = required {
        body["required"] = required.into();
    }
    body
}

/// A component that is read, sent and patched, and nothing else.
fn everywhere(schema: Value) -> Value {
    let all = json!({
        "get": {"operationId": "get_a", "responses": response(reference("X"))},
        "post": {"operationId": "post_a", "requestBody": body(reference("X"), Some(true)), "responses": done()},
        "patch": {"operationId": "patch_a", "requestBody": body(reference("X"), Some(true)), "responses": done()},
    });
    document(json!({"/a": all}), json!({"X": schema}))
}

fn used(method: &str, schema: Value) -> Value {
    let operation = match method {
        "get" => json!({"operationId": "do_a", "responses": response(reference("X"))}),
        _ => json!({"operationId": "do_a", "requestBody": body(reference("X"), Some(true)), "responses": done()}),
    };
    document(json!({"/a": {method: operation}}), json!({"X": schema}))
}

/// Everything that is tested.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    properties(&mut cases);
    bodies(&mut cases);
    parameters(&mut cases);
    names(&mut cases);
    methods(&mut cases);
    texts(&mut cases);
    cases
}

/// Every kind of property, required or not, nullable or not, wherever it is used.
fn properties(cases: &mut Vec<Case>) {
    for required in [false, true] {
        for nullable in [false, true] {
            let mut properties = Map::new();
            for (name, mut schema) in kinds() {
                if nullable {
                    match schema.get("$ref").is_some() {
                        true => schema = json!({"allOf": [schema], "nullable": true}),
                        false => schema["nullable"] = true.into(),
                    }
                }
                properties.insert(name.to_owned(), schema);
            }
            let names: Vec<String> = properties.keys().cloned().collect();
            let mut object = json!({"type": "object", "properties": properties});
            if required {
                object["required"] = json!(names);
            }
            let name = format!("properties, required {required}, nullable {nullable}");
            for method in ["get", "post", "patch"] {
                cases.push(case(format!("{name}, {method}"), used(method, object.clone())));
            }
            cases.push(case(name, everywhere(object)));
        }
    }
}

/// Every kind of body, required or not, in every media type, by value and by reference; and as a response.
fn bodies(cases: &mut Vec<Case>) {
    let mut paths = Map::new();
    for (name, schema) in kinds().into_iter().filter(|(name, _)| *name != "binary") {
        for (suffix, required) in [("", None), ("_needed", Some(true))] {
            let id = format!("send_{name}{suffix}").to_lowercase();
            paths.insert(format!("/{id}"), json!({
                "post": {"operationId": id, "requestBody": body(schema.clone(), required), "responses": response(schema.clone())},
                "patch": {"operationId": format!("patch_{id}"), "requestBody": body(schema.clone(), required), "responses": done()},
            }));
        }
    }
    cases.push(case("bodies of JSON", document(Value::Object(paths), json!({}))));
    for (name, schema) in [
        ("object", reference("Obj")),
        ("needy", reference("Needs")),
        (
            "inline",
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "p": {"type": "string", "format": "password"}}}),
        ),
    ] {
        let form = json!({"content": {"application/x-www-form-urlencoded": {"schema": schema}}});
        cases.push(case(
            format!("optional form: {name}"),
            document(
                json!({"/f": {"post": {"operationId": "f", "requestBody": form, "responses": done()}}}),
                json!({}),
            ),
        ));
    }
    for (media, schema) in [
        ("text/plain", json!({"type": "string"})),
        ("application/octet-stream", json!({"type": "string", "format": "binary"})),
        (
            "multipart/form-data",
            json!({"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}),
        ),
    ] {
        for required in [false, true] {
            let raw = json!({"required": required, "content": {media: {"schema": schema}}});
            cases.push(case(
                format!("{media}, required {required}"),
                document(
                    json!({"/f": {"put": {"operationId": "f", "requestBody": raw, "responses": done()}}}),
                    json!({}),
                ),
            ));
        }
    }
    let parts = json!({"type": "object", "properties": {"kind": reference("Kind"), "kinds": {"type": "array", "items": reference("Kind")}, "inner": reference("Obj")}});
    for (name, schema) in [("enums", parts), ("a list of objects", json!({"type": "array", "items": reference("Obj")}))]
    {
        let operation = json!({"operationId": "f", "requestBody": body(schema, None), "responses": done()});
        cases.push(case(
            format!("an optional body with {name}"),
            document(json!({"/f": {"post": operation}}), json!({})),
        ));
    }
    let mut shared_body = document(
        json!({"/f": {"post": {"operationId": "f", "requestBody": {"$ref": "#/components/requestBodies/B"}, "responses": done()}}}),
        json!({}),
    );
    shared_body["components"]["requestBodies"] = json!({"B": body(reference("Needs"), None)});
    shared_body["components"]["schemas"]["Needs"] = shared()["Needs"].clone();
    cases.push(case("an optional body by reference", shared_body));
}

/// Every kind of schema as a parameter in every place. What is accepted alone is compiled as one document.
fn parameters(cases: &mut Vec<Case>) {
    let mut accepted = Map::new();
    for (name, schema) in kinds() {
        for place in ["path", "query", "header"] {
            for (required, nullable) in [(true, false), (false, false), (true, true)] {
                let mut schema = schema.clone();
                if place == "path" && !required || nullable && schema.get("$ref").is_some() {
                    continue;
                }
                if nullable {
                    schema["nullable"] = true.into();
                }
                let id = format!("get_{place}_{name}_{required}_{nullable}").to_lowercase();
                let path = if place == "path" { format!("/{id}/{{x}}") } else { format!("/{id}") };
                let operation = json!({"get": {"operationId": id, "responses": done(),
                    "parameters": [{"in": place, "name": "x", "required": required, "schema": schema}]}});
                let alone = document(json!({path.clone(): operation.clone()}), json!({}));
                if xtask::lint::lint(&alone).iter().any(|finding| finding.fatal) {
                    cases.push(refusable(id, alone));
                } else {
                    accepted.insert(path, operation);
                }
            }
        }
    }
    for (name, schema) in [
        ("secret", json!({"type": "string", "format": "password"})),
        ("secret_choice", json!({"type": "string", "format": "password", "enum": ["a", "b"]})),
        ("flagged", json!({"type": "boolean"})),
        ("not_flagged", json!({"type": "string"})),
    ] {
        for place in ["path", "query", "header"] {
            let path = if place == "path" { "/p/{x}" } else { "/p" };
            let mut parameter =
                json!({"in": place, "name": "x", "required": place == "path", "schema": reference("S")});
            if name.ends_with("flagged") {
                parameter["x-always"] = true.into();
            }
            let operation = json!({"get": {"operationId": "get_p", "responses": done(), "parameters": [parameter]}});
            cases.push(refusable(
                format!("{name} in {place}"),
                document(json!({path: operation}), json!({"S": schema})),
            ));
        }
    }
    let choice = json!({"oneOf": [
        {"title": "id", "allOf": [{"type": "string", "format": "uuid"}]},
        {"title": "name", "allOf": [{"oneOf": [{"$ref": "#/components/schemas/Alias"}, {"type": "integer"}]}]},
    ]});
    for (place, path) in [("path", "/p/{x}"), ("query", "/p"), ("header", "/p")] {
        let parameter = json!({"in": place, "name": "x", "required": place == "path", "schema": reference("S")});
        let operation = json!({"get": {"operationId": "get_p", "responses": done(), "parameters": [parameter]}});
        cases.push(case(
            format!("choice behind others in {place}"),
            document(json!({path: operation}), json!({"S": choice})),
        ));
    }
    assert!(accepted.len() > 150, "only {} kinds of parameters are accepted", accepted.len());
    cases.push(case("parameters", document(Value::Object(accepted), json!({}))));
}

/// Names that collide with ours, with each other and with the language.
fn names(cases: &mut Vec<Case>) {
    let object = |names: &[&str]| {
        let all: Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        json!({"type": "object", "properties": all})
    };
    for names in [
        &["new", "default", "clone", "builder", "from", "into", "eq", "fmt"][..],
        &["name", "clear_name", "clearName2"],
        &["a'b", "ab"],
        &["a-b", "a_b"],
        &["teamIDs", "team_ids"],
        &["self", "Self", "crate", "super", "type", "async", "gen", "try", "union", "dyn"],
        &["1st", "2nd", "_"],
        &["ü", "u"],
        &["extra", "value", "body", "client", "options", "raw"],
        &["type", "type_", "type-"],
        &["x", "maybe_x", "maybe_maybe_x", "maybe_x_if_some", "clear_x", "clear_x_to_null"],
        &["new", "set_new", "maybe_new", "sample", "maybe_sample"],
        &["send", "call", "items", "pages", "follow", "resume", "with_deadline", "with_client", "set_send"],
    ] {
        cases.push(refusable(format!("properties {names:?}"), everywhere(object(names))));
        let optional = json!({"operationId": "put_a", "requestBody": body(reference("X"), None), "responses": done(),
            "parameters": [{"in": "query", "name": names[0], "schema": {"type": "string"}}]});
        let optional = document(json!({"/a": {"put": optional}}), json!({"X": object(names)}));
        cases.push(refusable(format!("properties {names:?} of an optional body"), optional));
        let listed: Vec<Value> =
            names.iter().map(|name| json!({"in": "query", "name": name, "schema": {"type": "string"}})).collect();
        let operation = json!({"operationId": "get_a", "responses": done(), "parameters": listed});
        cases.push(refusable(format!("parameters {names:?}"), document(json!({"/a": {"get": operation}}), json!({}))));
        let mut closed = everywhere(json!({"type": "string", "enum": names}));
        closed["paths"]["/a"].as_object_mut().unwrap().remove("patch");
        cases.push(refusable(format!("enum {names:?}"), closed));
    }
    for values in [
        &["Unrecognized", "a"][..],
        &["unrecognized"],
        &["KNOWN", "as_str"],
        &["Self", "self"],
        &["+1", "-1"],
        &["<", ">"],
        &["a", "A"],
        &["", "x"],
        &["1", "2"],
    ] {
        cases.push(refusable(format!("enum {values:?}"), used("get", json!({"type": "string", "enum": values}))));
    }
    for parameter in [
        "request",
        "body",
        "url",
        "call",
        "client",
        "self",
        "value",
        "result",
        "response",
        "header_map",
        "core",
        "state",
        "with_client",
        "send",
        "new",
        "new_with_client",
        "baseurl",
        "C",
    ] {
        for place in ["path", "query", "header"] {
            let path = if place == "path" { format!("/a/{{{parameter}}}") } else { "/a".to_owned() };
            let operation = json!({"operationId": "post_a", "responses": done(), "requestBody": body(reference("Obj"), Some(true)),
                "parameters": [{"in": place, "name": parameter, "required": place == "path", "schema": {"type": "string"}}]});
            cases.push(refusable(
                format!("{place} parameter called {parameter}"),
                document(json!({path: {"post": operation}}), json!({})),
            ));
        }
    }
    for id in [
        "options",
        "new",
        "type",
        "self",
        "crate",
        "async",
        "move",
        "client",
        "baseurl",
        "new_with_client",
        "default",
        "clone",
        "of",
        "string",
        "option",
        "vec",
        "box",
        "send",
        "operation",
        "result",
        "error",
        "gen",
        "into",
        "try_into",
        "into_future",
        "drop",
    ] {
        cases.push(refusable(
            format!("operation called {id}"),
            document(json!({"/a": {"get": {"operationId": id, "responses": response(reference("Obj"))}}}), json!({})),
        ));
    }
    for schema in [
        "String",
        "Option",
        "Vec",
        "Box",
        "Result",
        "Error",
        "Self",
        "Client",
        "Patch",
        "Secret",
        "Timestamp",
        "Default",
        "From",
        "Other",
        "Value",
        "new",
        "error",
        "Map",
        "BTreeMap",
        "Response",
        "type",
    ] {
        let object = json!({"type": "object", "required": ["s"], "properties": {"s": {"type": "string"}, "at": {"type": "string", "format": "date-time"}, "l": {"type": "array", "items": {"type": "string"}}, "m": {"type": "object", "additionalProperties": {"type": "integer"}}, "k": {"type": "string", "format": "password"}, "n": {}}});
        let operation = json!({"get": {"operationId": "get_a", "responses": response(reference(schema))}, "patch": {"operationId": "patch_a", "requestBody": body(reference(schema), Some(true)), "responses": done()}});
        cases.push(refusable(
            format!("schema called {schema}"),
            document(json!({"/a": operation}), json!({schema: object})),
        ));
    }
    let titled = |title: &str| json!({"title": title, "type": "object", "properties": {"s": {"type": "string"}}});
    // A union whose branches are alike, or carry our own names.
    for branches in [
        json!([{"title": "Other", "type": "string"}, {"type": "integer"}]),
        json!([{"type": "string"}, {"type": "string"}]),
        json!([{"title": "Self", "type": "string"}, {"title": "self", "type": "integer"}]),
        json!([reference("Obj"), reference("Needs"), {"type": "array", "items": reference("Obj")}]),
        json!([{"type": "string", "nullable": true}, {"type": "integer"}]),
        json!([{"type": "string", "format": "password"}, {"type": "integer"}]),
        json!([{"type": "array", "items": {"type": "string", "format": "password"}}, {"type": "integer"}]),
        json!([{"type": "object", "properties": {"p": {"type": "string", "format": "password"}}}, reference("Key")]),
        json!([titled("Aa"), titled("aA"), titled("aa")]),
    ] {
        cases.push(refusable(format!("union {branches}"), everywhere(json!({"oneOf": branches}))));
        cases.push(refusable(format!("any of {branches}"), everywhere(json!({"anyOf": branches}))));
    }
    for name in ["extra", "new", "clear_extra", "value"] {
        let open = json!({"type": "object", "properties": {name: {"type": "string"}}, "additionalProperties": {"type": "string"}});
        cases.push(refusable(format!("catch-all map beside {name}"), everywhere(open)));
    }
    let holder = |title| json!({"type": "object", "properties": {"a": titled(title)}});
    cases.push(refusable("an inline schema with the title of its holder", everywhere(holder("X"))));
    for title in ["***", "1 + 1", "ü", "", " "] {
        cases.push(case(format!("an inline schema with the title {title:?}"), everywhere(holder(title))));
    }
    cases.push(case(
        "a nullable component with its own title",
        everywhere(json!({"type": "object", "nullable": true, "title": "X", "properties": {"a": {"type": "string"}}})),
    ));
    for ty in ["ThingId", "String", "Self", "type", "a b", "InvalidId", "Thing"] {
        let mut document =
            used("get", json!({"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}}));
        document["x-id-types"] = json!({"id": ty});
        cases.push(refusable(format!("identifier type {ty}"), document));
    }
}

fn methods(cases: &mut Vec<Case>) {
    for method in ["get", "put", "post", "delete", "patch", "head", "options", "trace"] {
        let operation = json!({"operationId": "do_a", "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}], "responses": done()});
        cases.push(refusable(format!("method {method}"), document(json!({"/a": {method: operation}}), json!({}))));
    }
}

/// Texts that end a comment, a string or the compiler's patience.
fn texts(cases: &mut Vec<Case>) {
    for text in [
        "\u{202e}reversed",
        "*/ /* \"quoted\" \\ ",
        "```\nlet x = 1;",
        "line\rreturn",
        "\u{0}nul",
        "tab\tand {brace}",
        "\u{2066}isolate\u{2069}",
    ] {
        let mut one = everywhere(
            json!({"type": "object", "description": text, "properties": {"a": {"type": "string", "description": text}, "e": {"type": "string", "enum": ["A", text]}}}),
        );
        for method in ["get", "post", "patch"] {
            one["paths"]["/a"][method]["summary"] = text.into();
            one["paths"]["/a"][method]["description"] = text.into();
        }
        one["info"]["title"] = text.into();
        one["info"]["version"] = text.into();
        cases.push(refusable(format!("text {text:?}"), one));
        let operation = json!({"operationId": "get_a", "responses": done()});
        cases.push(refusable(
            format!("path with {text:?}"),
            document(json!({format!("/a{text}"): {"get": operation}}), json!({})),
        ));
        let mut named = everywhere(json!({"type": "object", "properties": {format!("a{text}"): {"type": "string"}}}));
        named["paths"]["/a"]["get"]["parameters"] =
            json!([{"in": "query", "name": format!("q{text}"), "description": text, "schema": {"type": "string"}}]);
        cases.push(refusable(format!("name with {text:?}"), named));
    }
}
