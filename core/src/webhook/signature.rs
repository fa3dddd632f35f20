//! The signature header: the candidates in it, and how one is written.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use smallvec::SmallVec;

use super::scheme::{Alg, Encoding, Format, Scheme};
use crate::encode;
use crate::error::WebhookError;

/// How many signatures one header may hold.
const MAX_SIGNATURES: usize = 16;

/// A signature that the scheme may have made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) alg: Alg,
    /// The signature in front, zeros behind it.
    bytes: [u8; BUFFER],
}

impl Candidate {
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.alg.signature_len()).unwrap_or_default()
    }
}

/// What is in a signature header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signatures<'a> {
    /// At least one.
    pub(super) candidates: SmallVec<[Candidate; 2]>,
    /// The time, where the list holds it.
    pub(super) timestamp: Option<&'a [u8]>,
}

/// Reads a signature header. Entries of a list that cannot be a signature of the scheme are skipped, so that a sender may add
/// a version that we do not know.
///
/// # Errors
/// `too_many_signatures`, `header_malformed`.
pub(super) fn read<'a>(scheme: &Scheme, header: &str, value: &'a [u8]) -> Result<Signatures<'a>, WebhookError> {
    let malformed = || WebhookError::HeaderMalformed(header.to_owned());
    let encoding = scheme.signature.encoding;
    let alg = scheme.algs.first().copied().ok_or_else(malformed)?;
    let mut found = Signatures { candidates: SmallVec::new(), timestamp: None };
    match &scheme.signature.format {
        Format::Plain => found.candidates.extend(decode(encoding, alg, value)),
        Format::Prefixed(prefix) => {
            let signature = value.strip_prefix(prefix.as_bytes());
            found.candidates.extend(signature.and_then(|text| decode(encoding, alg, text)));
        }
        Format::SpaceList(versions) => {
            for (at, entry) in entries(value, b' ').enumerate() {
                ensure_not_too_many(at + 1)?;
                let Some((version, text)) = split_at(entry, b',') else { continue };
                let alg = versions.iter().find(|(name, _)| name.as_bytes() == version).map(|(_, alg)| *alg);
                found.candidates.extend(alg.and_then(|alg| decode(encoding, alg, text)));
            }
        }
        Format::Kv { sep, sig, ts } => {
            let sep = sep.bytes().next().ok_or_else(malformed)?;
            let (mut signatures, mut times) = (0, 0);
            for entry in entries(value, sep) {
                let named = split_at(entry, b'=');
                let value_of = |name: &String| named.filter(|(of, _)| *of == name.as_bytes()).map(|(_, value)| value);
                if let Some(time) = ts.as_ref().and_then(value_of) {
                    found.timestamp = Some(time);
                    times += 1;
                    continue;
                }
                signatures += 1;
                ensure_not_too_many(signatures)?;
                found.candidates.extend(sig.iter().find_map(value_of).and_then(|text| decode(encoding, alg, text)));
            }
            if times != usize::from(ts.is_some()) {
                return Err(malformed());
            }
        }
    }
    if found.candidates.is_empty() { Err(malformed()) } else { Ok(found) }
}

const fn ensure_not_too_many(signatures: usize) -> Result<(), WebhookError> {
    if signatures > MAX_SIGNATURES { Err(WebhookError::TooManySignatures) } else { Ok(()) }
}

/// Writes a signature header.
pub(super) fn write(scheme: &Scheme, timestamp: Option<&str>, signatures: &[(Alg, Vec<u8>)]) -> String {
    let text = |bytes: &[u8]| match scheme.signature.encoding {
        Encoding::Base64 => encode::base64(bytes),
        Encoding::Hex => encode::hex(bytes),
    };
    let each = || signatures.iter().map(|(alg, bytes)| (alg, text(bytes)));
    match &scheme.signature.format {
        Format::Plain => each().map(|(_, text)| text).collect(),
        Format::Prefixed(prefix) => each().map(|(_, text)| format!("{prefix}{text}")).collect(),
        Format::SpaceList(versions) => {
            let version = |alg: &Alg| versions.iter().find(|(_, of)| *of == alg).map_or("", |(version, _)| version.as_str());
            each().map(|(alg, text)| format!("{},{text}", version(alg))).collect::<Vec<_>>().join(" ")
        }
        Format::Kv { sep, sig, ts } => {
            let time = ts.as_ref().map(|ts| format!("{ts}={}", timestamp.unwrap_or_default()));
            let name = sig.first().map_or("", String::as_str);
            time.into_iter().chain(each().map(|(_, text)| format!("{name}={text}"))).collect::<Vec<_>>().join(sep)
        }
    }
}

/// The elements of a list, spaces around them and empty ones dropped.
fn entries(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    // Most lists hold one element, and `contains` is much quicker over them than a split is.
    let split = value.contains(&separator).then(|| value.split(move |byte| *byte == separator));
    let single = if split.is_none() { Some(value) } else { None };
    single.into_iter().chain(split.into_iter().flatten()).map(trim_spaces).filter(|entry| !entry.is_empty())
}

fn trim_spaces(mut entry: &[u8]) -> &[u8] {
    while let Some(rest) = entry.strip_prefix(b" ").or_else(|| entry.strip_suffix(b" ")) {
        entry = rest;
    }
    entry
}

fn split_at(entry: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = entry.iter().position(|byte| *byte == separator)?;
    let (before, rest) = entry.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
}

/// A signature of exactly this algorithm's length.
fn decode(encoding: Encoding, alg: Alg, text: &[u8]) -> Option<Candidate> {
    let len = alg.signature_len();
    let (codec, text_len) = match encoding {
        Encoding::Base64 => (&BASE64, len.div_ceil(3) * 4),
        Encoding::Hex => (&HEXLOWER_PERMISSIVE, len * 2),
    };
    if text.len() != text_len {
        return None;
    }
    let mut bytes = [0; BUFFER];
    let room = codec.decode_len(text.len()).ok()?;
    let decoded = codec.decode_mut(text, bytes.get_mut(..room)?).ok()?;
    (decoded == len).then_some(Candidate { alg, bytes })
}

/// A signature of ed25519 in base64 decodes into as many bytes at most.
const BUFFER: usize = 66;

#[cfg(test)]
mod tests {
    use super::super::presets::preset;
    use super::*;

    fn standard(value: &[u8]) -> Result<usize, &'static str> {
        read(&preset("standard_webhooks").unwrap(), "h", value).map(|found| found.candidates.len()).map_err(|error| error.code())
    }

    fn entry() -> String {
        format!("v1,{}", encode::base64(&[5; 32]))
    }

    #[test]
    fn a_list_skips_what_it_does_not_know_and_counts_it() {
        let (one, edd) = (entry(), format!("v1a,{}", encode::base64(&[6; 64])));
        assert_eq!(standard(one.as_bytes()), Ok(1));
        assert_eq!(standard(format!("  {one}  {edd} ").as_bytes()), Ok(2));
        assert_eq!(standard(format!("v2,abc {one} garbage v1,!!! v1,{}", encode::base64(&[1; 31])).as_bytes()), Ok(1));
        for nothing in [
            "",
            " ",
            "garbage",
            "v1",
            "v1,",
            "v1,a,b",
            "V1,AAAA",
            "v1a,AAAA",
            one.strip_suffix('=').unwrap(),
            &format!("{one}\t"),
            &one.replace(',', ", "),
        ] {
            assert_eq!(standard(nothing.as_bytes()), Err("header_malformed"), "{nothing:?}");
        }
        assert_eq!(standard(vec!["x"; 15].join(" ").as_bytes()), Err("header_malformed"));
        assert_eq!(standard(format!("{} {one}", ["x"; 15].join(" ")).as_bytes()), Ok(1));
        assert_eq!(standard(format!("{} {one}", ["x"; 16].join(" ")).as_bytes()), Err("too_many_signatures"));
    }

    #[test]
    fn hex_is_read_in_either_case_and_to_the_digit() {
        let parking = preset("parking").unwrap();
        let ok = |value: &[u8]| read(&parking, "h", value).is_ok();
        let hex = "aB".repeat(32);
        assert!(ok(format!("sha256={hex}").as_bytes()));
        for wrong in [&hex, &format!("SHA256={hex}"), &format!("sha256={hex}0"), &format!("sha256= {hex}"), &format!("sha256={hex} ")] {
            assert!(!ok(wrong.as_bytes()), "{wrong}");
        }
        assert!(!ok(format!("sha256={}", "g".repeat(64)).as_bytes()));
        assert!(!ok(&[b"sha256=".as_slice(), &[0xff; 64]].concat()));
    }

    #[test]
    fn spare_bits_and_missing_padding_are_no_base64() {
        let text = encode::base64(&[0; 32]);
        for wrong in [text.replace("A=", "B="), text.trim_end_matches('=').to_owned(), format!("{text}="), text.replace('A', "-")] {
            assert_eq!(standard(format!("v1,{wrong}").as_bytes()), Err("header_malformed"), "{wrong}");
        }
    }

    #[test]
    fn a_list_of_names_holds_one_time() {
        let json = r#"{"algs":["hmac_sha256"],"secret":{"utf8":{}},"signature":{"header":"s","format":{"kv":{"sig":["v1"],"ts":"t"}}},
            "timestamp":{"unit":"s"},"content":["timestamp",".","body"]}"#;
        let scheme: Scheme = serde_json::from_str(json).unwrap();
        assert_eq!(scheme.faults(false), []);
        let hex = "ab".repeat(32);
        let at = |value: String| read(&scheme, "s", value.as_bytes()).map(|found| found.timestamp.map(<[u8]>::to_vec)).map_err(|error| error.code());
        assert_eq!(at(format!("t=12, v1={hex},v0=1")), Ok(Some(b"12".to_vec())));
        assert_eq!(at(format!("v1={hex}")), Err("header_malformed"));
        assert_eq!(at(format!("t=1,t=2,v1={hex}")), Err("header_malformed"));
        assert_eq!(at("t=1,v0=ab".to_owned()), Err("header_malformed"));
        assert_eq!(at(format!("t=1{}", format!(",v1={hex}").repeat(17))), Err("too_many_signatures"));
        assert!(at(format!("t=1{}", format!(",v1={hex}").repeat(16))).is_ok());
    }
}
