//! The line of a request, for schemes that sign it.

use super::scheme::{Piece, Scheme};
use super::types::RequestLine;
use crate::error::{Error, Result};

/// The pieces of a request.
#[derive(Debug)]
pub(super) struct Target {
    method: String,
    url: String,
    path: String,
    query: Option<String>,
}

impl Target {
    /// What the scheme needs of a request; none if it needs nothing. The endpoint's own URL replaces all but the query.
    ///
    /// # Errors
    /// `invalid_argument` where the request is needed and absent, or is no request line.
    pub(super) fn of(scheme: &Scheme, own_url: Option<&str>, request: Option<&RequestLine>) -> Result<Option<Self>> {
        if !scheme.content.iter().any(Piece::is_of_request) {
            return Ok(None);
        }
        let needs_request = own_url.is_none() || scheme.content.contains(&Piece::Method);
        let Some(request) = request else {
            let own_url = own_url.filter(|_| !needs_request);
            let url = own_url.ok_or(Error::invalid_argument("request", "give the request's method and URL: the scheme signs them"))?;
            return Ok(Some(Self::new(String::new(), url, None)));
        };
        if !request.method.bytes().all(|byte| byte.is_ascii_alphabetic()) || (request.method.is_empty() && scheme.content.contains(&Piece::Method)) {
            return Err(Error::invalid_argument("request", "give the method as it was sent, as POST"));
        }
        if request.url.is_empty() || !request.url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(Error::invalid_argument("request", "give the URL as it was sent: visible ASCII characters, no fragment"));
        }
        Ok(Some(Self::new(request.method.clone(), &request.url, own_url)))
    }

    fn new(method: String, url: &str, own_url: Option<&str>) -> Self {
        let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query.to_owned())));
        let base = own_url.map_or(base, |own| own.split_once('?').map_or(own, |(own, _)| own));
        let url = query.as_ref().map_or_else(|| base.to_owned(), |query| format!("{base}?{query}"));
        Self { method, url, path: path(base).to_owned(), query }
    }

    pub(super) fn piece(&self, piece: &Piece) -> &str {
        match piece {
            Piece::Method => &self.method,
            Piece::Path => &self.path,
            Piece::Query => self.query.as_deref().unwrap_or_default(),
            _ => &self.url,
        }
    }

    pub(super) const fn has_query(&self) -> bool {
        self.query.is_some()
    }
}

/// The path of a URL without its query; of one without a path, `/`.
fn path(base: &str) -> &str {
    let Some((_, authority_and_path)) = base.split_once("://") else { return base };
    authority_and_path.find('/').and_then(|at| authority_and_path.get(at..)).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(url: &str, own_url: Option<&str>) -> (String, String, String) {
        let target = Target::new("POST".to_owned(), url, own_url);
        let of = |piece| target.piece(&piece).to_owned();
        (of(Piece::Url), of(Piece::Path), of(Piece::Query))
    }

    #[test]
    fn a_url_is_taken_apart_and_the_endpoints_own_replaces_all_but_the_query() {
        let of = |url: &str, path: &str, query: &str| (url.to_owned(), path.to_owned(), query.to_owned());
        assert_eq!(pieces("https://a.example/p/q?x=1?y", None), of("https://a.example/p/q?x=1?y", "/p/q", "x=1?y"));
        assert_eq!(pieces("/p", None), of("/p", "/p", ""));
        assert_eq!(pieces("https://a.example", None), of("https://a.example", "/", ""));
        assert_eq!(pieces("http://10.0.0.1:80/in?x=1", Some("https://a.example/hook?z")), of("https://a.example/hook?x=1", "/hook", "x=1"));
    }
}
