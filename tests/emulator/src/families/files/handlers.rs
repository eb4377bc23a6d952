//! The operations on trees; Stage and file spaces differ in where the tree is rooted and in what they allow.

use serde_json::{Value, json};

use super::storage::{part_of, sign};
use crate::http::response::Response;
use crate::http::url::encode;
use crate::world::tree::Tree;
use crate::world::{Call, Handler, Reply, World, clock, kinds, refuse};

pub(crate) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "list_stage_files" | "list_cluster_stage_files" | "list_files" | "list_files_v2" => list,
        "get_stage_file" | "get_cluster_stage_file" | "get_file" | "get_file_v2" => get,
        "upload_stage_file" | "upload_cluster_stage_file" | "upload_file" | "upload_file_v2" => upload,
        "move_stage_file" | "move_cluster_stage_file" | "move_file" | "move_file_v2" => rename,
        "delete_stage_file" | "delete_cluster_stage_file" | "delete_file" | "delete_file_v2" => delete,
        _ => return None,
    })
}

/// Finds the tree that a request works on; both API versions see the same trees.
fn tree<'a>(world: &'a mut World, call: &Call<'_>) -> Reply<(String, &'a mut Tree)> {
    let space = match (call.path("location"), call.path("deploymentID"), call.path("clusterID")) {
        ("", "", cluster) => {
            world.find_live(&kinds::CLUSTER, cluster)?;
            format!("stage/{cluster}")
        }
        ("", deployment, _) => {
            let hosts = [&kinds::WORKSPACE_GROUP, &kinds::STARTER, &kinds::CLUSTER];
            if !hosts.iter().any(|kind| world.find_live(kind, deployment).is_ok()) {
                return refuse(404, "deployment not found");
            }
            format!("stage/{deployment}")
        }
        (location, _, _) => format!("files/{location}"),
    };
    let tree = world.files.entry(space.clone()).or_default();
    Ok((space, tree))
}

/// The path of a request, in the tree's form. The personal and shared spaces have no folders, and refuse them with a 400.
fn path(call: &Call<'_>) -> Reply<String> {
    let path = call.path("path").trim_start_matches('/').to_owned();
    if path.split('/').any(|segment| segment == "." || segment == "..") {
        return refuse(400, "path must not contain . or .. segments");
    }
    let flat = ["personal", "shared"].contains(&call.path("location"));
    if flat && path.ends_with('/') { refuse(400, "folders are not supported in this space") } else { Ok(path) }
}

fn list(world: &mut World, call: &Call<'_>) -> Reply {
    let (_, tree) = tree(world, call)?;
    Ok(Response::json(&tree.describe("")?))
}

fn get(world: &mut World, call: &Call<'_>) -> Reply {
    let path = path(call)?;
    let number = world.next();
    let storage = world.config.storage_url.clone();
    let lifetime = world.config.url_lifetime.as_secs();
    let (stage_direct, files_redirected) = (world.config.stage_direct, world.config.files_redirected);
    let (space, tree) = tree(world, call)?;
    if path.is_empty() || path.ends_with('/') || call.flag("metadata") {
        return Ok(Response::json(&tree.describe(&path)?));
    }
    let direct = if space.starts_with("stage/") { stage_direct } else { !files_redirected };
    let Some(content) = tree.get(&path).and_then(|node| node.content.clone()) else {
        return refuse(404, "path not found");
    };
    if direct {
        return Ok(part_of(&content, "application/octet-stream", &call.range));
    }
    let date = clock::compact(clock::system());
    let signed = sign(&space, &path, &date, number);
    let url = format!(
        "{storage}/{}/{}?X-Amz-Date={date}&X-Amz-Expires={lifetime}&X-Amz-Number={number}&X-Amz-Signature={signed}",
        encode(&space),
        encode(&path)
    );
    Ok(Response::redirect(307, &url))
}

fn upload(world: &mut World, call: &Call<'_>) -> Reply {
    let mut path = path(call)?;
    let content = match call.part {
        None => {
            // Without content, the flag says what to create, as does a slash at the end.
            match call.query("isFile") {
                Some("false") if !path.ends_with('/') => path.push('/'),
                Some("true") | Some("false") => {}
                _ if path.ends_with('/') => {}
                _ => return refuse(400, "http: no such file"),
            }
            world.disk.keep(b"").map_err(|error| Response::text(500, format!("cannot store the file: {error}")))?
        }
        Some(Ok(part)) => part.content.clone(),
        Some(Err(problem)) => return refuse(400, problem),
    };
    let (replaces, models) = (world.config.uploads_replace, has_prefixes(call));
    let (_, tree) = tree(world, call)?;
    if !replaces && tree.get(&path).is_some_and(|node| node.content.is_some()) {
        return refuse(409, format!("{path} already exists"));
    }
    let content = (!path.ends_with('/')).then_some(content);
    change(tree, models, &path, |tree| tree.put(&path, content))?;
    Ok(named(&path))
}

fn rename(world: &mut World, call: &Call<'_>) -> Reply {
    let path = path(call)?;
    let Some(to) = call.text("newPath") else { return refuse(400, "newPath is required") };
    let to = to.trim_start_matches('/').to_owned();
    let (_, tree) = tree(world, call)?;
    change(tree, has_prefixes(call), &to, |tree| tree.rename(&path, &to))?;
    Ok(named(&to))
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let path = path(call)?;
    let (_, tree) = tree(world, call)?;
    change(tree, has_prefixes(call), "", |tree| tree.remove(&path))?;
    Ok(named(&path))
}

/// Whether names with slashes are prefixes, and folders exist only implicitly.
fn has_prefixes(call: &Call<'_>) -> bool {
    call.path("location") == "models"
}

fn change(tree: &mut Tree, prefixes: bool, path: &str, change: impl FnOnce(&mut Tree) -> Reply<()>) -> Reply<()> {
    if prefixes { tree.with_prefixes(path, change) } else { change(tree) }
}

/// Changes respond with only the name and path.
fn named(path: &str) -> Response {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let value: Value = json!({"name": name, "path": path});
    Response::json(&value)
}
