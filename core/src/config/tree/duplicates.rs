//! Members that are there twice. Both parsers stop at the second; it is given another name of the same length and the text
//! read again, so that its path is known and the rest of the document can be checked as well.

use zeroize::Zeroizing;

use super::{Fault, Node, Stop, Value, child, element};

pub(super) const MEND: &str = "leave this out, or give it another name: it is there twice";

/// So many second members are told; the next one ends the reading.
const MAX: usize = 8;

/// Names of one character that may be free.
const FILLERS: &[u8] = b"_xyz0123456789abcdefgh-";

pub(super) fn read_around(text: &str, parse: fn(&str) -> Result<Node, Stop>) -> (Option<Node>, Vec<Fault>) {
    let mut found: Vec<(usize, String)> = Vec::new();
    // The text may hold secrets.
    let mut renamed: Option<Zeroizing<String>> = None;
    loop {
        let current = renamed.as_deref().map_or(text, String::as_str);
        let stop = match parse(current) {
            Ok(mut root) => {
                let faults = found.into_iter().map(|(at, name)| Fault { at, field: remove(&mut root, "", at, &name), mend: MEND.to_owned() });
                let faults = faults.collect();
                return (Some(root), faults);
            }
            Err(stop) => stop,
        };
        let next = stop.duplicate.as_ref().filter(|_| found.len() < MAX).and_then(|range| {
            let name = text.get(range.clone())?.trim_matches(['"', '\'']).to_owned();
            Some((name, rename(current, range, parse)?))
        });
        let Some((name, next)) = next else {
            let faults = found.into_iter().map(|(at, _)| Fault { at, field: String::new(), mend: MEND.to_owned() });
            return (None, faults.chain([stop.fault]).collect());
        };
        found.push((stop.fault.at, name));
        renamed = Some(next);
    }
}

/// The text with the name in `range` replaced by one that gets past it.
fn rename(text: &str, range: &std::ops::Range<usize>, parse: fn(&str) -> Result<Node, Stop>) -> Option<Zeroizing<String>> {
    FILLERS.iter().find_map(|filler| {
        let filler = char::from(*filler).to_string().repeat(range.len());
        let candidate = Zeroizing::new([text.get(..range.start)?, &filler, text.get(range.end..)?].concat());
        let gets_past = parse(&candidate).map_or_else(|stop| stop.fault.at > range.end, |_| true);
        gets_past.then_some(candidate)
    })
}

/// Takes the member that stands there out of the tree and gives its path, under the name that it had.
fn remove(node: &mut Node, path: &str, at: usize, name: &str) -> String {
    match &mut node.value {
        Value::Table(members) => {
            if let Some(index) = members.iter().position(|(_, member)| member.at == at) {
                members.swap_remove(index);
                return child(path, name);
            }
            members.iter_mut().map(|(own, member)| remove(member, &child(path, own), at, name)).find(|found| !found.is_empty()).unwrap_or_default()
        }
        Value::Array(nodes) => {
            let mut nodes = nodes.iter_mut().enumerate();
            nodes.find_map(|(index, node)| Some(remove(node, &element(path, index), at, name)).filter(|found| !found.is_empty())).unwrap_or_default()
        }
        _ => String::new(),
    }
}
