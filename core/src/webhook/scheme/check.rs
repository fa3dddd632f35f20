//! What makes a scheme unsafe or impossible, found before anything starts.

use super::{Alg, Format, Piece, Replay, Scheme, SecretForm, Unit};

/// A fault: the member it is in, and what to write.
pub(in crate::webhook) type Fault = (String, String);

impl Scheme {
    /// Everything that is wrong with it. `own_url`: the endpoint has a URL of its own, which then nobody else can choose.
    pub(in crate::webhook) fn faults(&self, own_url: bool) -> Vec<Fault> {
        let mut faults = Faults(Vec::new());
        self.algorithms(&mut faults);
        self.secret_form(&mut faults);
        self.headers(&mut faults);
        self.format(&mut faults);
        self.pieces(&mut faults);
        self.framing(own_url, &mut faults);
        if let Some(mend) = self.replay_fault(self.replay) {
            faults.add("replay", mend);
        }
        faults.0
    }

    /// What is wrong with telling replays in this way, if anything.
    pub(in crate::webhook) fn replay_fault(&self, replay: Replay) -> Option<&'static str> {
        match replay {
            Replay::Id if self.id.is_none() => Some("the scheme has no id; write signature or none"),
            Replay::Id if !self.content.contains(&Piece::Id) => Some("the id is not signed, so anyone can change it; write signature or none"),
            Replay::Nonce if self.nonce.is_none() => Some("the scheme has no nonce; write signature, or none where replays do no harm"),
            _ => None,
        }
    }

    fn algorithms(&self, faults: &mut Faults) {
        if self.algs.is_empty() {
            faults.add("algs", "name the algorithms of the signatures, as hmac_sha256");
        }
        if self.algs.iter().enumerate().any(|(at, alg)| self.algs.iter().take(at).any(|before| before == alg)) {
            faults.add("algs", "name each algorithm once");
        }
        if !matches!(self.signature.format, Format::SpaceList(_)) && self.algs.len() > 1 {
            faults.add("algs", "name one algorithm: only the versions of a space_list tell several apart");
        }
        if self.algs.contains(&Alg::Ed25519) && !matches!(self.secret, SecretForm::Base64 { .. }) {
            faults.add("secret", "keys of ed25519 are written in base64 behind whpk_ or whsk_; write base64");
        }
    }

    fn secret_form(&self, faults: &mut Faults) {
        let name = match self.secret {
            SecretForm::Base64 { .. } => "base64",
            SecretForm::Hex { .. } => "hex",
            SecretForm::Utf8 { .. } => "utf8",
        };
        let (min, max) = self.secret.lengths();
        if min == 0 || min > max {
            faults.add(&format!("secret.{name}.min_len"), &format!("write a number of bytes from 1 to {max}"));
        }
    }

    fn headers(&self, faults: &mut Faults) {
        let mut seen: Vec<String> = Vec::new();
        let time = self.timestamp.as_ref().and_then(|time| time.header.as_ref());
        let id = self.id.as_ref().map(|id| &id.header);
        let nonce = self.nonce.as_ref().map(|nonce| &nonce.header);
        let named = [("signature", Some(&self.signature.header)), ("timestamp", time), ("id", id), ("nonce", nonce)];
        for (member, name) in named.iter().filter_map(|(member, name)| Some((member, (*name)?))) {
            let member = format!("{member}.header");
            if !is_header_name(name) {
                faults.add(&member, "write the name of an HTTP header: letters, digits and - _ . only");
            }
            if seen.contains(&name.to_ascii_lowercase()) {
                faults.add(&member, "write another header: one header holds one thing");
            }
            seen.push(name.to_ascii_lowercase());
        }
        if self.alias_prefix.len() > 1 {
            faults.add("alias_prefix", "write one prefix and its alias");
        }
        for (prefix, alias) in &self.alias_prefix {
            let header = self.signature.header.to_ascii_lowercase();
            if prefix.is_empty() || !header.starts_with(&prefix.to_ascii_lowercase()) || !is_header_name(alias) || prefix.eq_ignore_ascii_case(alias)
            {
                faults.add("alias_prefix", "write how the scheme's header names begin, and how those of the other family do");
            }
        }
    }

    fn format(&self, faults: &mut Faults) {
        match &self.signature.format {
            Format::Plain => {}
            Format::Prefixed(prefix) if prefix.is_empty() => faults.add("signature.format", "write plain where there is no prefix"),
            Format::Prefixed(_) => {}
            Format::SpaceList(versions) => {
                let is_version = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
                if versions.is_empty() || !versions.keys().all(|name| is_version(name)) {
                    faults.add("signature.format.space_list", "name at least one version and its algorithm; a version holds no comma and no space");
                }
                if !versions.values().all(|alg| self.algs.contains(alg)) || !self.algs.iter().all(|alg| versions.values().any(|of| of == alg)) {
                    faults.add("signature.format.space_list", "give every algorithm of algs its version, and no other");
                }
            }
            Format::Kv { sep, sig, ts } => {
                let is_name =
                    |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                let may_occur = |byte: u8| byte.is_ascii_alphanumeric() || b" =+/-_:.".contains(&byte);
                if sep.len() != 1 || !sep.bytes().all(|byte| byte.is_ascii_graphic() && !may_occur(byte)) {
                    faults.add("signature.format.kv.sep", "write one character that occurs in no element, as a comma");
                }
                if sig.is_empty() || !sig.iter().chain(ts).all(is_name) || ts.as_ref().is_some_and(|ts| sig.contains(ts)) {
                    faults.add("signature.format.kv", "name the elements of signatures, and another for the time: letters, digits, - and _");
                }
            }
        }
        let time_in_list = matches!(&self.signature.format, Format::Kv { ts: Some(_), .. });
        match &self.timestamp {
            Some(time) if time.header.is_some() && time_in_list => {
                faults.add("timestamp.header", "leave it out: the time is in the signature header")
            }
            Some(time) if time.header.is_none() && !time_in_list => faults.add("timestamp.header", "name the header of the time"),
            None if time_in_list => faults.add("signature.format.kv.ts", "say in timestamp how the time is written, or leave ts out"),
            _ => {}
        }
    }

    fn pieces(&self, faults: &mut Faults) {
        let has = |piece: &Piece| self.content.contains(piece);
        if !has(&Piece::Body) && !has(&Piece::BodySha256Hex) {
            faults.add("content", "sign the body: add body or body_sha256_hex");
        }
        let variable: Vec<_> = self.content.iter().filter(|piece| !matches!(piece, Piece::Literal(_))).collect();
        if variable.iter().enumerate().any(|(at, piece)| variable.iter().take(at).any(|before| before == piece)) {
            faults.add("content", "name each piece once");
        }
        let declared = [
            (Piece::Timestamp, self.timestamp.is_some(), "timestamp"),
            (Piece::Id, self.id.is_some(), "id"),
            (Piece::Nonce, self.nonce.is_some(), "nonce"),
        ];
        for (piece, declared, name) in declared {
            match (has(&piece), declared) {
                (true, false) => faults.add("content", &format!("{name} is signed here: say in {name} which header holds it")),
                // An id that is not signed may still be of use in a log; `replay` may not rest on it.
                (false, true) if piece != Piece::Id => faults.add("content", &format!("sign the {name}: add {name}, or leave the member {name} out")),
                _ => {}
            }
        }
    }

    /// Whether the signed bytes can be split in one way only: pieces before the body from the left, those behind it from the
    /// right. What the delimiters leave open and the guard of every message closes counts as safe (`webhook::framing`).
    fn framing(&self, own_url: bool, faults: &mut Faults) {
        let body = self.content.iter().position(|piece| *piece == Piece::Body).unwrap_or(self.content.len());
        let mut before: Option<&Piece> = None;
        let mut delimiter = String::new();
        for (at, piece) in self.content.iter().enumerate() {
            if let Piece::Literal(text) = piece {
                delimiter.push_str(text);
                continue;
            }
            if let Some(left) = before {
                let safe = if at <= body { self.ends_before(left, &delimiter, piece, own_url) } else { self.begins_behind(&delimiter, piece) };
                if !safe {
                    let mend = "two pieces meet without a delimiter that cannot occur in them: put one between them, as a dot or a line feed";
                    faults.add(&format!("content[{at}]"), mend);
                }
            }
            before = Some(piece);
            delimiter.clear();
        }
    }

    fn ends_before(&self, piece: &Piece, delimiter: &str, next: &Piece, own_url: bool) -> bool {
        let unit = self.timestamp.as_ref().map(|time| time.unit);
        let Some(first) = delimiter.bytes().next() else {
            let digits_then_body = *piece == Piece::Timestamp && unit != Some(Unit::Iso8601) && *next == Piece::Body;
            let own_url_then_body = *piece == Piece::Url && own_url && *next == Piece::Body;
            return *piece == Piece::BodySha256Hex || digits_then_body || own_url_then_body;
        };
        let guarded = *piece == Piece::Timestamp && unit == Some(Unit::Iso8601) && first == b'.';
        *piece == Piece::BodySha256Hex || guarded || !may_hold(piece, unit, first)
    }

    fn begins_behind(&self, delimiter: &str, piece: &Piece) -> bool {
        let unit = self.timestamp.as_ref().map(|time| time.unit);
        *piece == Piece::BodySha256Hex || delimiter.bytes().last().is_some_and(|last| !may_hold(piece, unit, last))
    }
}

/// Whether a byte may occur in a piece.
const fn may_hold(piece: &Piece, unit: Option<Unit>, byte: u8) -> bool {
    match piece {
        Piece::Body | Piece::Literal(_) => true,
        Piece::BodySha256Hex => byte.is_ascii_hexdigit(),
        Piece::Id => byte.is_ascii_graphic() && byte != b'.',
        Piece::Method => byte.is_ascii_alphabetic(),
        Piece::Nonce => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
        Piece::Path => byte.is_ascii_graphic() && byte != b'?',
        Piece::Query | Piece::Url => byte.is_ascii_graphic(),
        Piece::Timestamp => match unit {
            Some(Unit::Iso8601) => byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'T' | b'Z' | b'+' | b'.'),
            _ => byte.is_ascii_digit(),
        },
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, member: &str, mend: &str) {
        self.0.push((member.to_owned(), mend.to_owned()));
    }
}
