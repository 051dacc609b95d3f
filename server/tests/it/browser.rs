//! A browser without scripts: it keeps cookies, posts forms, and follows no redirect by itself.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{
    Method, Response, StatusCode, Url,
    header::{ACCEPT, COOKIE, HeaderMap, LOCATION, ORIGIN, REFERER, SET_COOKIE},
};

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> String {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.body));
        location.to_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One browser with its own cookies.
#[derive(Debug, Clone)]
pub struct Browser {
    base: Url,
    client: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
    /// A page's script asks for JSON, a form for a page.
    accept: &'static str,
}

impl Browser {
    pub fn new(base: &str) -> Self {
        provide_tls();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        // A page that never comes is a failure, not a test that never ends.
        let client = client.timeout(Duration::from_secs(120)).build().unwrap();
        Self { base: base.parse().unwrap(), client, cookies: BTreeMap::new(), accept: "text/html" }
    }

    /// The same browser as the script of a page: it is answered in JSON.
    pub fn script(&self) -> Self {
        Self { accept: "application/json", ..self.clone() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, &[]).await
    }

    /// Posts a form from a page of this site.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.post_body(path, &body).await
    }

    /// Posts a form to somebody who may be gone before they answer.
    pub async fn try_post(&mut self, path: &str, form: &[(&str, &str)]) -> Option<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let origin = self.base.origin().ascii_serialization();
        let headers = [(ORIGIN.as_str(), origin.as_str())];
        let answer = self.try_send(Method::POST, path, Some(body.into_bytes()), &headers).await.ok()?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Some(Answer { status, headers, body: answer.text().await.ok()? })
    }

    /// Posts a form with a file, as [`multipart`] writes it.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &[u8])]) -> Answer {
        let origin = self.base.origin().ascii_serialization();
        let referer = format!("{origin}/from");
        let headers = [(ORIGIN.as_str(), origin.as_str()), (REFERER.as_str(), referer.as_str())];
        let answer = self.send(Method::POST, path, Some(multipart(fields)), &headers).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: answer.text().await.unwrap() }
    }

    /// Posts a form that is encoded already.
    pub async fn post_body(&mut self, path: &str, body: &str) -> Answer {
        let origin = self.base.origin().ascii_serialization();
        let referer = format!("{origin}/from");
        self.ask(Method::POST, path, Some(body.to_owned()), &[(ORIGIN.as_str(), &origin), (REFERER.as_str(), &referer)]).await
    }

    pub async fn ask(&mut self, method: Method, path: &str, form: Option<String>, headers: &[(&str, &str)]) -> Answer {
        let answer = self.send(method, path, form.map(String::into_bytes), headers).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer { status, headers, body: answer.text().await.unwrap() }
    }

    /// Asks for something whose body does not end.
    pub async fn listen(&mut self, path: &str) -> Response {
        self.send(Method::GET, path, None, &[]).await
    }

    async fn send(&mut self, method: Method, path: &str, form: Option<Vec<u8>>, headers: &[(&str, &str)]) -> Response {
        self.try_send(method, path, form, headers).await.unwrap()
    }

    async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        form: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Response> {
        let cookies = self.cookie_line();
        let mut request = self.client.request(method, self.base.join(path).unwrap()).header(ACCEPT, self.accept);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(form) = form {
            let kind = if form.starts_with(b"--") { MULTIPART } else { "application/x-www-form-urlencoded" };
            request = request.header("content-type", kind).body(form);
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = value.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }

    /// The site's address, without a slash at its end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The header with which the cookies are sent.
    pub fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Leaves for the provider: its authorization request.
    pub async fn leave(&mut self, to: &str) -> Url {
        let start = self.ask(Method::GET, &format!("/sign-in/start?to={}", encode(to)), None, &[]).await;
        start.location().parse().unwrap()
    }

    /// Picks an account at the provider: the address on which one comes back.
    pub async fn pick(&self, provider: &Url, account: &str) -> Url {
        let mut form: Vec<(String, String)> = provider.query_pairs().into_owned().collect();
        form.push(("account".to_owned(), account.to_owned()));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut bare = provider.clone();
        bare.set_query(None);
        let answer =
            self.client.post(bare).header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
        answer.headers()[LOCATION].to_str().unwrap().parse().unwrap()
    }

    /// Signs in through the provider's page and says where one lands.
    pub async fn sign_in(&mut self, account: &str, to: &str) -> String {
        let provider = self.leave(to).await;
        let back = self.pick(&provider, account).await;
        self.get(&back[url::Position::BeforePath..]).await.location()
    }
}

/// reqwest looks for it; a second time changes nothing.
pub fn provide_tls() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

const MULTIPART: &str = "multipart/form-data; boundary=frontdesk";

/// Fields as a form with a file has them; the field `file` is a file.
pub fn multipart(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let file = if *name == "file" { "; filename=\"people.csv\"" } else { "" };
        body.extend(format!("--frontdesk\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--frontdesk--\r\n");
    body
}

/// The value of a hidden field.
pub fn hidden(page: &str, name: &str) -> String {
    let field = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {page}"));
    field.1.split_once('"').unwrap().0.to_owned()
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
