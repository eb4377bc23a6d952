//! What a method that progenitor wrote makes a request of.

use quote::ToTokens;
use syn::punctuated::Punctuated;

/// The request that a method builds.
pub struct Building {
    /// The name of the variable that holds it: another than `request` when a parameter is called so.
    pub request: syn::Ident,
    /// The constant of the HTTP method.
    pub method: syn::Ident,
    /// The path, with a brace for each segment that is an argument.
    pub template: String,
    /// These arguments.
    pub segments: Vec<syn::Ident>,
    /// What is set, in this order.
    pub steps: Vec<Step>,
    /// The headers that are parameters, set after all else.
    pub headers: Vec<Header>,
}

/// What is set of a request.
pub enum Step {
    /// JSON is what is wanted.
    Accept,
    /// The type of the body.
    ContentType(syn::LitStr),
    /// The body as JSON.
    Json,
    /// The body as a form.
    Form,
    /// The body as it is.
    Bytes,
    /// A parameter of the query.
    Query {
        /// Its name on the wire.
        name: syn::LitStr,
        /// The argument.
        value: syn::Ident,
    },
}

/// A header that is a parameter.
pub struct Header {
    /// Its name in lower case.
    pub name: String,
    /// The argument.
    pub value: syn::Ident,
    /// Whether it must be given.
    pub required: bool,
}

impl Building {
    /// Reads the body of a method.
    ///
    /// # Errors
    /// What of it this pass does not know.
    pub fn of(block: &syn::Block) -> Result<Self, String> {
        let locals = block.stmts.iter().filter_map(|statement| match statement {
            syn::Stmt::Local(local) => local.init.as_ref().map(|init| (&local.pat, &*init.expr)),
            _ => None,
        });
        let (template, segments) =
            locals.clone().find_map(|(_, value)| path(value)).ok_or("makes no path that this pass can find")?;
        let (request, chain) = locals
            .filter_map(|(pattern, value)| match pattern {
                syn::Pat::Ident(pattern) => Some((pattern.ident.clone(), calls(value)?)),
                _ => None,
            })
            .next()
            .ok_or("builds no request that this pass can find")?;
        let mut calls = chain.into_iter().map(|call| (call.method.to_string(), &call.args));
        let method = calls.next().map(|(method, _)| method.to_uppercase()).unwrap_or_default();
        let mut steps = Vec::new();
        for (name, arguments) in calls {
            let step = step(&name, arguments)
                .ok_or_else(|| format!("calls `{name}` in a way that this pass does not know"))?;
            steps.extend(step);
        }
        let headers =
            block.stmts.iter().filter(|statement| adds_header(statement)).map(header).collect::<Result<_, _>>()?;
        Ok(Self { request, method: quote::format_ident!("{method}"), template, segments, steps, headers })
    }
}

/// The calls of `self.client.get(url).header(..)..build()?` but for the last, in their order.
fn calls(value: &syn::Expr) -> Option<Vec<&syn::ExprMethodCall>> {
    let syn::Expr::Try(tried) = value else { return None };
    let syn::Expr::MethodCall(build) = &*tried.expr else { return None };
    if build.method != "build" {
        return None;
    }
    let mut calls = Vec::new();
    let mut receiver = &*build.receiver;
    loop {
        receiver = match receiver {
            syn::Expr::MethodCall(call) => {
                calls.push(call);
                &call.receiver
            }
            // Forms are written at once, which can fail.
            syn::Expr::Try(tried) => &tried.expr,
            client => {
                calls.reverse();
                return (client.to_token_stream().to_string() == "self . client").then_some(calls);
            }
        };
    }
}

/// The step that a call is; nothing for the headers, which are found where they are made.
fn step(name: &str, arguments: &Punctuated<syn::Expr, syn::Token![,]>) -> Option<Option<Step>> {
    let first = arguments.first();
    Some(Some(match (name, first) {
        ("headers", Some(_)) => return Some(None),
        ("json", Some(_)) => Step::Json,
        ("form_urlencoded", Some(_)) => Step::Form,
        ("body", Some(_)) => Step::Bytes,
        ("query", Some(syn::Expr::Reference(parameter))) => {
            let syn::Expr::Call(new) = &*parameter.expr else { return None };
            let mut arguments = new.args.iter();
            let name = string(arguments.next()?)?;
            let syn::Expr::Reference(value) = arguments.next()? else { return None };
            Step::Query { name, value: ident(&value.expr)? }
        }
        ("header", Some(syn::Expr::Path(header))) => {
            let syn::Expr::Call(value) = arguments.get(1)? else { return None };
            let value = string(value.args.first()?)?;
            match header.path.segments.last()?.ident.to_string().as_str() {
                "ACCEPT" if value.value() == "application/json" => Step::Accept,
                "CONTENT_TYPE" => Step::ContentType(value),
                _ => return None,
            }
        }
        _ => return None,
    }))
}

/// `format!("{}/v1/x/{}", self.baseurl, encode_path(&id.to_string()))` without the base URL.
fn path(value: &syn::Expr) -> Option<(String, Vec<syn::Ident>)> {
    let syn::Expr::Macro(call) = value else { return None };
    if !call.mac.path.is_ident("format") {
        return None;
    }
    let parts = call.mac.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated).ok()?;
    let mut parts = parts.iter();
    let template = string(parts.next()?)?.value();
    let template = template.strip_prefix("{}")?;
    if parts.next()?.to_token_stream().to_string() != "self . baseurl" {
        return None;
    }
    let segments = parts.map(|part| {
        let syn::Expr::Call(encode) = part else { return None };
        let syn::Expr::Reference(text) = encode.args.first()? else { return None };
        let syn::Expr::MethodCall(text) = &*text.expr else { return None };
        ident(&text.receiver)
    });
    Some((template.to_owned(), segments.collect::<Option<_>>()?))
}

/// progenitor sends the version of the document as a header of every request; this API knows no such header.
fn adds_header(statement: &syn::Stmt) -> bool {
    let code = statement.to_token_stream().to_string();
    matches!(statement, syn::Stmt::Expr(..))
        && code.contains("header_map . append")
        && !code.contains(":: api_version ()")
}

/// `header_map.append("X-Name", value.to_string().try_into()?)`, alone or where there is a value.
fn header(statement: &syn::Stmt) -> Result<Header, String> {
    let (append, given) = match statement {
        syn::Stmt::Expr(syn::Expr::MethodCall(append), _) => (Some(append), None),
        syn::Stmt::Expr(syn::Expr::If(condition), _) => {
            let append = match condition.then_branch.stmts.first() {
                Some(syn::Stmt::Expr(syn::Expr::MethodCall(append), _)) => Some(append),
                _ => None,
            };
            let given = match &*condition.cond {
                syn::Expr::Let(given) => Some(&*given.expr),
                _ => None,
            };
            (append, given)
        }
        _ => (None, None),
    };
    let found = append.and_then(|append| {
        let value = match given {
            Some(value) => ident(value),
            None => receiver(append.args.get(1)?),
        };
        Some((string(append.args.first()?)?.value(), value?))
    });
    let (name, value) = found.ok_or("adds a header in a way that this pass does not know")?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(format!("has a header of the name {name:?}, and no header can be called so"));
    }
    Ok(Header { name: name.to_ascii_lowercase(), value, required: given.is_none() })
}

/// The innermost receiver: `value` of `value.to_string().try_into()?`.
fn receiver(expression: &syn::Expr) -> Option<syn::Ident> {
    match expression {
        syn::Expr::Try(tried) => receiver(&tried.expr),
        syn::Expr::MethodCall(call) => receiver(&call.receiver),
        other => ident(other),
    }
}

fn string(expression: &syn::Expr) -> Option<syn::LitStr> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

fn ident(expression: &syn::Expr) -> Option<syn::Ident> {
    match expression {
        syn::Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}
