//! Paths of members, as `tokens.signing_keys[1].secret`.

/// The path of a member.
pub(in crate::config) fn child(path: &str, name: &str) -> String {
    let bare = !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let shown = if bare { name.to_owned() } else { quoted(name) };
    if path.is_empty() { shown } else { format!("{path}.{shown}") }
}

/// The path of an element.
pub(in crate::config) fn element(path: &str, at: usize) -> String {
    format!("{path}[{at}]")
}

/// A step of a path.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::config) enum Step<'p> {
    Member(&'p str),
    Element(usize),
}

/// The steps of a path of plain names.
pub(in crate::config) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        let number = part.strip_suffix(']').and_then(|digits| digits.parse().ok());
        number.map_or(Step::Member(part), Step::Element)
    })
}

/// A name that no file of ours has, cut to a length that can be read.
fn quoted(name: &str) -> String {
    let shown: String = name.chars().take(MAX_NAME).flat_map(char::escape_debug).collect();
    let more = if name.chars().nth(MAX_NAME).is_some() { "…" } else { "" };
    format!("\"{shown}{more}\"")
}

const MAX_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_taken_for_something_else_are_quoted() {
        assert_eq!(child("", "tokens"), "tokens");
        assert_eq!(child(&element("tokens.signing_keys", 1), "secret"), "tokens.signing_keys[1].secret");
        assert_eq!(child("tokens", "a.b\n"), "tokens.\"a.b\\n\"");
        assert_eq!(child("", ""), "\"\"");
        assert_eq!(child("", &"x".repeat(100)).chars().count(), 67);
    }

    #[test]
    fn steps_follow_a_path() {
        let found: Vec<_> = steps("secrets[12].not_after").collect();
        assert_eq!(found, [Step::Member("secrets"), Step::Element(12), Step::Member("not_after")]);
    }
}
