//! Calls every operation of the document through its request type, and compares what reached the wire with the document.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use singlestore_management_emulator::spec::SampleRequest;
use singlestore_management_emulator::{Emulator, Spec};

use crate::{Client, OPERATIONS};

/// A call of every operation, generated alongside the raw layer.
#[allow(unused_mut)]
pub(super) mod samples {
    include!(concat!(env!("OUT_DIR"), "/samples.rs"));
}

/// Sample arguments of one operation, made from the document by the emulator, which knows none of our types.
pub(crate) struct Arguments(SampleRequest);

impl Arguments {
    fn text(&self, name: &str) -> &str {
        let all = self.0.parameters.iter().chain(&self.0.query);
        all.filter(|(have, _)| have == name).map(|(_, value)| value.as_str()).next().expect("a sample of the parameter")
    }

    pub(crate) fn parameter<T: DeserializeOwned>(&self, name: &str) -> T {
        let text = self.text(name);
        let value = serde_json::from_value(Value::from(text));
        value.or_else(|_| serde_json::from_str(text)).expect("the sample fits the type")
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(self.0.body.as_deref().expect("a sample of the body")).expect("the sample fits the type")
    }

    pub(crate) fn bytes(&self) -> reqwest::Body {
        Bytes::from(self.0.body.clone().unwrap_or_default()).into()
    }

    pub(crate) fn content_type(&self) -> String {
        self.0.content_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned())
    }
}

async fn every_operation(full: bool) {
    let emulator = Emulator::builder().stateless().start().unwrap();
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build().unwrap();
    let spec = Spec::load().unwrap();
    assert_eq!(spec.operations().len(), OPERATIONS.len());
    let mut wrong = Vec::new();
    for operation in OPERATIONS {
        let sample = spec.sample_request(spec.operation(operation.id).unwrap(), full);
        let arguments = Arguments(sample.clone());
        let call = samples::call(operation.id, &client, &arguments, full).expect("a request type");
        emulator.clear_requests();
        if let Err(error) = call.await {
            wrong.push(format!("{}: {error}", operation.id));
        }
        let sent = emulator.requests();
        let Some(request) = sent.first() else {
            wrong.push(format!("{}: nothing was sent", operation.id));
            continue;
        };
        let mut check = |what: &str, want: &str, have: &str| {
            if want != have {
                wrong.push(format!("{}: {what} is {have}, should be {want}", operation.id));
            }
        };
        check("the operation", operation.id, request.operation.as_deref().unwrap_or("none"));
        check("the method", &sample.method, &request.method);
        check("the path", &sample.path, &request.path);
        let sorted = |pairs: &[(String, String)]| {
            let mut pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            pairs.sort();
            pairs.join("&")
        };
        check("the query", &sorted(&sample.query), &sorted(&request.query));
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        match (&sample.body, request.raw_body_with_secrets()) {
            (None, []) => {}
            (Some(want), have) if json(want).is_some() => {
                check(
                    "the body",
                    &json(want).unwrap_or_default().to_string(),
                    &json(have).unwrap_or_default().to_string(),
                );
            }
            (want, have) => check(
                "the body",
                &String::from_utf8_lossy(want.as_deref().unwrap_or_default()),
                &String::from_utf8_lossy(have),
            ),
        }
        // An upload without its optional part still names its type.
        let content_type = request.header("content-type").unwrap_or("none");
        let upload = content_type == "application/octet-stream";
        if !upload {
            check("the content type", sample.content_type.as_deref().unwrap_or("none"), content_type);
        }
        if !upload {
            wrong.extend(request.violations.iter().map(|violation| format!("{}: {violation}", operation.id)));
        }
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn every_list_of_the_document_is_read_element_by_element() {
    let emulator = Emulator::builder().stateless().start().unwrap();
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build().unwrap();
    let spec = Spec::load().unwrap();
    let (mut wrong, mut lists) = (Vec::new(), 0);
    for operation in OPERATIONS {
        let arguments = Arguments(spec.sample_request(spec.operation(operation.id).unwrap(), false));
        let items = samples::items(operation.id, &client, &arguments);
        assert_eq!(items.is_some(), operation.list.is_some(), "{}", operation.id);
        let Some(items) = items else { continue };
        emulator.clear_requests();
        let (count, errors) = items.await;
        lists += 1;
        // Without state the emulator repeats the same page forever, which is detected.
        let errors = errors.iter().filter(|error| error.kind() != crate::ErrorKind::Pagination);
        wrong.extend(errors.map(|error| format!("{}: {error}", operation.id)));
        if count == 0 {
            wrong.push(format!("{}: nothing came", operation.id));
        }
        let sent = emulator.requests();
        wrong.extend(
            sent.iter().flat_map(|request| &request.violations).map(|text| format!("{}: {text}", operation.id)),
        );
        if sent.first().and_then(|request| request.operation.as_deref()) != Some(operation.id) {
            wrong.push(format!("{}: another operation was asked for", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(lists > 40, "{lists}");
}

#[tokio::test]
async fn every_operation_is_sent_as_the_document_says_with_minimal_arguments() {
    every_operation(false).await;
}

#[tokio::test]
async fn every_operation_is_sent_as_the_document_says_with_all_arguments() {
    every_operation(true).await;
}

#[tokio::test]
async fn no_path_argument_leads_to_another_path() {
    let emulator = Emulator::builder().stateless().start().unwrap();
    let client = Client::builder().base_url(emulator.url()).api_key(emulator.api_key()).build().unwrap();
    let spec = Spec::load().unwrap();
    let (mut checked, mut wrong) = (0, Vec::new());
    for operation in OPERATIONS {
        let sample = spec.sample_request(spec.operation(operation.id).unwrap(), false);
        for (position, (name, value)) in sample.parameters.iter().enumerate() {
            if uuid::Uuid::try_parse(value).is_ok() || !operation.path.contains(&format!("{{{name}}}")) {
                continue;
            }
            checked += 1;
            for bad in ["", ".", "..", "..\\..\\workspaceGroups", "a\nb", "a\rb", "..%2fx", "%2e%2e", "a/../b"] {
                let mut sample = sample.clone();
                bad.clone_into(&mut sample.parameters[position].1);
                emulator.clear_requests();
                let arguments = Arguments(sample);
                let call = samples::call(operation.id, &client, &arguments, false).expect("a request type");
                let refused = call.await.is_err_and(|error| error.kind() == crate::ErrorKind::InvalidRequest);
                if !refused || !emulator.requests().is_empty() {
                    wrong.push(format!("{}: {name} = {bad:?} was sent", operation.id));
                }
            }
        }
    }
    assert!(checked > 20, "{checked} parameters");
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
