//! The password policy and generated passwords.

use crate::world::{Reply, refuse};

const SPECIAL: &str = "-_$!@#%*";

/// Refuses a password in the service's way.
pub(crate) fn check(password: &str) -> Reply<()> {
    let count = |fits: fn(char) -> bool| password.chars().filter(|character| fits(*character)).count();
    let problem = if password.chars().count() < 14 {
        "at least 14 characters"
    } else if count(|character| character.is_ascii_uppercase()) == 0 {
        "at least 1 uppercase characters"
    } else if count(|character| character.is_ascii_lowercase()) == 0 {
        "at least 1 lowercase characters"
    } else if count(|character| character.is_ascii_digit()) == 0 {
        "at least 1 digits"
    } else if count(|character| SPECIAL.contains(character)) == 0 {
        "at least 1 special characters"
    } else if has_run(password, 4, |first, second| first == second) {
        "at most 3 consecutive identical characters"
    } else if has_run(password, 3, |first, second| first.checked_add(1) == Some(second)) {
        "at most 2 consecutive sequential characters"
    } else {
        return Ok(());
    };
    refuse(400, format!("password must contain {problem}"))
}

/// Whether a run of this length consists of related neighbors.
fn has_run(text: &str, length: usize, related: fn(u8, u8) -> bool) -> bool {
    text.as_bytes()
        .windows(length)
        .any(|window| window.windows(2).all(|pair| matches!(pair, [first, second] if related(*first, *second))))
}

/// Generates a password that satisfies the policy; the number makes it unique.
pub(crate) fn generate(number: u64) -> String {
    format!("Generated-Pw-{number}-x7Q")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_what_is_missing() {
        let text = |password: &str| check(password).map_err(|response| String::from_utf8(response.body).unwrap());
        assert_eq!(text(""), Err("password must contain at least 14 characters".to_owned()));
        assert_eq!(text("Abdgkmpsvxza72"), Err("password must contain at least 1 special characters".to_owned()));
        assert!(text("Abdgkmpsvxz-123").is_err() && text("Abdgkmpsvxz-7777").is_err());
        assert_eq!((text("Abdgkmpsvxz-72"), text(&generate(20_005))), (Ok(()), Ok(())));
    }
}
