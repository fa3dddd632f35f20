//! A table of the document while it is read.

use std::cell::{Cell, RefCell};

use super::Field;
use crate::config::problems::{Place, Problems};
use crate::config::tree::{Node, Step, Value, child, element, steps};

/// A table and its path.
pub(in crate::config) struct Table<'d> {
    at: usize,
    path: String,
    members: &'d [(String, Node)],
    asked: RefCell<Vec<&'static str>>,
    open: Cell<bool>,
    problems: &'d Problems,
}

/// An element of a list and its path.
pub(in crate::config) struct Item<'d> {
    pub(super) node: &'d Node,
    path: String,
    problems: &'d Problems,
}

impl<'d> Table<'d> {
    /// Reads the whole document.
    pub(in crate::config) fn read_root<T>(root: &'d Node, problems: &'d Problems, read: impl FnOnce(&Self) -> T) -> Option<T> {
        Self::read(root, String::new(), problems, read)
    }

    /// Reads a node that must be a table, then reports what it holds beside what was asked for.
    fn read<T>(node: &'d Node, path: String, problems: &'d Problems, read: impl FnOnce(&Self) -> T) -> Option<T> {
        let Value::Table(members) = &node.value else {
            if matches!(node.value, Value::Unresolved) {
                return None;
            }
            problems.add(Place { at: node.at, field: path }, "write a table: members in braces, or below a heading in brackets");
            return None;
        };
        let table = Self { at: node.at, path, members, asked: RefCell::default(), open: Cell::new(false), problems };
        let result = read(&table);
        table.report_unknown();
        Some(result)
    }

    fn report_unknown(&self) {
        if self.open.get() {
            return;
        }
        let asked = self.asked.borrow();
        for (name, node) in self.members.iter().filter(|(name, _)| !asked.contains(&name.as_str())) {
            let mut known = asked.clone();
            known.sort_unstable();
            known.dedup();
            let mend = format!("leave this out: it is no member here, where these are: {}", known.join(", "));
            self.problems.add(Place { at: node.at, field: child(&self.path, name) }, mend);
        }
    }

    /// The member's node.
    pub(super) fn node(&self, name: &'static str) -> Option<&'d Node> {
        self.asked.borrow_mut().push(name);
        member(self.members, name)
    }

    /// Whether the member is there, whatever it is.
    pub(in crate::config) fn has(&self, name: &'static str) -> bool {
        self.node(name).is_some()
    }

    /// Whether the member is there and is a table, of members that can be there in another form too.
    pub(in crate::config) fn is_table(&self, name: &'static str) -> bool {
        self.node(name).is_some_and(|node| matches!(node.value, Value::Table(_)))
    }

    /// Leaves the members of this table to somebody else's checks.
    pub(in crate::config) fn leave_open(&self) {
        self.open.set(true);
    }

    /// The path of a member below this table, `window.past`, and where it is; of a missing one the place of what should hold it.
    pub(in crate::config) fn place(&self, path: &str) -> Place {
        let field = if path.is_empty() || self.path.is_empty() { format!("{}{path}", self.path) } else { format!("{}.{path}", self.path) };
        Place { at: self.follow(path).0.map_or(self.at, |node| node.at), field }
    }

    /// Whether the member holds a text that could not be resolved, which has been reported.
    pub(in crate::config) fn is_unresolved(&self, path: &str) -> bool {
        matches!(self.follow(path), (Some(Node { value: Value::Unresolved, .. }), true))
    }

    /// The last node on a path that is there, and whether that is its end.
    fn follow(&self, path: &str) -> (Option<&'d Node>, bool) {
        let mut found: Option<&'d Node> = None;
        for step in steps(path) {
            let next = match (found, step) {
                (None, Step::Member(name)) => member(self.members, name),
                (Some(Node { value: Value::Table(members), .. }), Step::Member(name)) => member(members, name),
                (Some(Node { value: Value::Array(nodes), .. }), Step::Element(at)) => nodes.get(at),
                _ => None,
            };
            if next.is_none() {
                return (found, false);
            }
            found = next;
        }
        (found, true)
    }

    /// Reports a problem of a member, at its own place or at that of what should hold it.
    pub(in crate::config) fn problem(&self, path: &str, mend: impl Into<String>) {
        self.problems.add(self.place(path), mend);
    }

    pub(in crate::config) const fn problems(&self) -> &'d Problems {
        self.problems
    }

    /// A member that is a table.
    pub(in crate::config) fn table<T>(&self, name: &'static str, read: impl FnOnce(&Self) -> T) -> Field<'_, 'd, T> {
        let Some(node) = self.node(name) else { return Field::absent(self, name) };
        let found = Self::read(node, child(&self.path, name), self.problems, read);
        found.map_or_else(|| Field::faulty(self, name), |value| Field::given(self, name, value))
    }

    /// A member that is a list; elements that `read` gives up are left out of it.
    pub(in crate::config) fn list<T>(&self, name: &'static str, mut read: impl FnMut(&Item<'d>) -> Option<T>) -> Field<'_, 'd, Vec<T>> {
        let Some(node) = self.node(name) else { return Field::absent(self, name) };
        let Value::Array(nodes) = &node.value else {
            if !matches!(node.value, Value::Unresolved) {
                self.problem(name, "write a list in brackets");
            }
            return Field::faulty(self, name);
        };
        let path = child(&self.path, name);
        let item = |(at, node)| Item { node, path: element(&path, at), problems: self.problems };
        Field::given(self, name, nodes.iter().enumerate().filter_map(|each| read(&item(each))).collect())
    }

    /// A member that is a list of tables; elements that `read` gives up are left out of it.
    pub(in crate::config) fn tables<T>(&self, name: &'static str, mut read: impl FnMut(&Self) -> Option<T>) -> Field<'_, 'd, Vec<T>> {
        self.list(name, |item| item.table(&mut read).flatten())
    }
}

fn member<'d>(members: &'d [(String, Node)], name: &str) -> Option<&'d Node> {
    members.iter().find(|(own, _)| own == name).map(|(_, node)| node)
}

impl<'d> Item<'d> {
    /// An element that is a table.
    pub(in crate::config) fn table<T>(&self, read: impl FnOnce(&Table<'d>) -> T) -> Option<T> {
        Table::read(self.node, self.path.clone(), self.problems, read)
    }

    /// Reports a problem of this element.
    pub(in crate::config) fn problem(&self, mend: impl Into<String>) {
        self.problems.add(Place { at: self.node.at, field: self.path.clone() }, mend);
    }
}
