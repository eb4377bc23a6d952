//! How a number with a fraction is written.

/// A number in its shortest form: of its digits and exponent, as plain digits where these are few.
pub(super) fn fraction(scientific: &str, most: i32, least: i32) -> Option<String> {
    let (digits, exponent) = scientific.split_once('e')?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    // Where the point stands, counted from the first digit.
    let point = exponent.parse::<i32>().ok()?.checked_add(1)?;
    let count = i32::try_from(digits.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(if count <= point && point <= most {
        format!("{sign}{digits}{}.0", zeros(point - count))
    } else if 0 < point && point <= most {
        let (whole, part) = digits.split_at_checked(usize::try_from(point).ok()?)?;
        format!("{sign}{whole}.{part}")
    } else if least < point && point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at_checked(1)?;
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{dot}{rest}e{}", point - 1)
    })
}
