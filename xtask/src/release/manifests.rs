//! Sets the version number everywhere it occurs.

/// `version` under `[package]`.
pub fn set_package(manifest: &str, version: &str) -> String {
    let mut inside = false;
    each_line(manifest, |line| {
        if line.starts_with('[') {
            inside = line.trim_end() == "[package]";
        }
        let is_version = line.strip_prefix("version").is_some_and(|rest| rest.trim_start().starts_with('='));
        (inside && is_version).then(|| format!("version = \"{version}\""))
    })
}

/// The entries of our packages in `Cargo.lock`.
pub fn set_lock(lock: &str, packages: &[&str], version: &str) -> String {
    let mut ours = false;
    each_line(lock, |line| {
        if let Some(name) = line.strip_prefix("name = ") {
            ours = packages.contains(&name.trim_matches('"'));
        }
        (ours && line.starts_with("version = ")).then(|| format!("version = \"{version}\""))
    })
}

/// The version requirement that the documentation tells users to write.
pub fn set_requirement(text: &str, packages: &[&str], version: &str) -> String {
    let requirement = version.rsplit_once('.').map_or(version, |(short, _)| short);
    each_line(text, |line| {
        packages.iter().find_map(|package| {
            let rest = line.strip_prefix(package)?.strip_prefix(" = ")?;
            let start = if rest.starts_with('"') { 0 } else { rest.find("version = ")? + "version = ".len() };
            let (before, from) = rest.split_at(start);
            let (_, after) = from.strip_prefix('"')?.split_once('"')?;
            Some(format!("{package} = {before}\"{requirement}\"{after}"))
        })
    })
}

fn each_line(text: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut changed = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\r', '\n']);
        match change(bare) {
            Some(new) => {
                changed.push_str(&new);
                changed.push_str(&line[bare.len()..]);
            }
            None => changed.push_str(line),
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_numbers_change() {
        let manifest = "[workspace.package]\nversion = \"9\"\n[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nversion = \"1\"\n";
        assert_eq!(set_package(manifest, "0.2.0"), manifest.replace("0.1.0", "0.2.0"));
        let lock =
            "[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"0.1.1\"\n";
        assert_eq!(set_lock(lock, &["a"], "0.2.0"), lock.replace("0.1.0", "0.2.0"));
        let text = "a = \"0.1\"\nab = \"0.1\"\na = { version = \"0.1\", default-features = false }\nelse 0.1\n";
        assert_eq!(
            set_requirement(text, &["a"], "0.2.3"),
            "a = \"0.2\"\nab = \"0.1\"\na = { version = \"0.2\", default-features = false }\nelse 0.1\n"
        );
    }
}
