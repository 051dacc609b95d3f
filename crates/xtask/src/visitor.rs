//! A browser without scripts, for the loopback interface: it keeps cookies, posts forms, and follows no redirect by itself.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// One browser with its own cookies.
#[derive(Debug, Default, Clone)]
pub(crate) struct Visitor {
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    pub(crate) fn get(&mut self, url: &str) -> Result<Answer> {
        self.ask("GET", url, "", "")
    }

    /// Posts a form that is encoded already.
    pub(crate) fn post(&mut self, url: &str, form: &str) -> Result<Answer> {
        self.ask("POST", url, "application/x-www-form-urlencoded", form)
    }

    /// Sends JSON and expects success; for the sandbox's controls.
    pub(crate) fn send(&mut self, method: &str, url: &str, json: &Value) -> Result<()> {
        let answer = self.ask(method, url, "application/json", &json.to_string())?;
        if answer.status < 300 { Ok(()) } else { bail!("{method} {url}: {}", answer.shown()) }
    }

    /// Leaves for the provider, picks an account there, and comes back; where it landed.
    pub(crate) fn sign_in(&mut self, frontdesk: &str, account: &str) -> Result<String> {
        let provider = self.get(&format!("{frontdesk}/sign-in/start?to=/"))?.location()?.to_owned();
        let page = self.get(&provider)?;
        if page.status != 200 || !page.body.contains(account) {
            bail!("expected {account} on the provider's page, not {}", page.shown());
        }
        let (bare, query) = provider.split_once('?').with_context(|| format!("{provider} asks nothing"))?;
        let back = self.post(bare, &format!("{query}&account={account}"))?.location()?.to_owned();
        Ok(self.get(&back)?.location()?.to_owned())
    }

    /// HTTP 1.0 is all it takes: the answer ends where the connection does.
    fn ask(&mut self, method: &str, url: &str, kind: &str, body: &str) -> Result<Answer> {
        let (port, path) = split(url)?;
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n");
        if !self.cookies.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", self.cookie_header()));
        }
        if !kind.is_empty() {
            request.push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let answer = exchange(port, &request).and_then(|text| read(&text));
        let answer = answer.with_context(|| format!("{method} {url}"))?;
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        Ok(answer)
    }

    /// What the browser sends as `Cookie`.
    pub(crate) fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        match pair.split_once('=') {
            Some((name, "")) => self.cookies.remove(name),
            Some((name, value)) => self.cookies.insert(name.to_owned(), value.to_owned()),
            None => None,
        };
    }
}

impl Answer {
    /// Where a redirect leads.
    pub(crate) fn location(&self) -> Result<&str> {
        let location = self.headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
        location.filter(|_| (300..400).contains(&self.status)).with_context(|| format!("no redirect: {}", self.shown()))
    }

    /// The body, which is JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| self.shown())
    }

    /// The status and how the body begins.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.status, self.body.chars().take(500).collect::<String>())
    }
}

/// Port and path of an address on the loopback interface.
fn split(url: &str) -> Result<(u16, &str)> {
    let rest = url.strip_prefix("http://127.0.0.1:").with_context(|| format!("{url} is not on the loopback interface"))?;
    let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Ok((port.parse().with_context(|| format!("the port of {url}"))?, if path.is_empty() { "/" } else { path }))
}

fn exchange(port: u16, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read(text: &str) -> Result<Answer> {
    let (head, body) = text.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    let mut lines = head.lines();
    let Some(Ok(status)) = lines.next().and_then(|line| line.split(' ').nth(1)).map(str::parse) else {
        bail!("not an answer of HTTP: {head}");
    };
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok(Answer { status, headers, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer =
            read("HTTP/1.0 303 See Other\r\nLocation: /people?a=b:c\r\nSet-Cookie: one=1; Path=/\r\n\r\nHello\r\n\r\n").unwrap();
        assert_eq!((answer.status, answer.location().unwrap(), answer.body.as_str()), (303, "/people?a=b:c", "Hello\r\n\r\n"));
        assert!(read("HTTP/1.0 200 OK\r\n").is_err() && read("SSH-2.0\r\n\r\n").is_err());
        assert!(read("HTTP/1.0 200 OK\r\nLocation: /\r\n\r\n").unwrap().location().is_err());
    }

    #[test]
    fn addresses_are_split() {
        assert_eq!(split("http://127.0.0.1:3000").unwrap(), (3_000, "/"));
        assert_eq!(split("http://127.0.0.1:3000/a?b=/c").unwrap(), (3_000, "/a?b=/c"));
        assert!(split("https://example.com/").is_err() && split("/people").is_err());
    }

    #[test]
    fn an_empty_cookie_is_forgotten() {
        let mut visitor = Visitor::default();
        visitor.keep("session=secret; HttpOnly");
        assert_eq!(visitor.cookies.get("session").map(String::as_str), Some("secret"));
        visitor.keep("session=; Max-Age=0");
        assert!(visitor.cookies.is_empty());
    }
}
