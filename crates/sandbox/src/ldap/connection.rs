//! One client's conversation.

use std::collections::HashMap;

use futures::{SinkExt, StreamExt};
use ldap3_proto::{
    LdapMsg, LdapResultCode,
    control::LdapControl,
    proto::{
        LdapBindCred, LdapBindResponse, LdapExtendedResponse, LdapOp, LdapPartialAttribute, LdapResult, LdapSearchRequest,
        LdapSearchResultEntry, LdapSearchResultReference, LdapSearchScope,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::codec::Framed;

use super::{
    codec::Codec,
    entries::{Bind, Directory, Entry, root_dse},
    matching::matches,
    tls::Tls,
};
use crate::{
    faults::{Faults, Kind, Whom},
    people::BASE_DN,
};

/// The extended operation that raises a connection to TLS (RFC 4511, 4.14).
pub(super) const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// Active Directory's MaxPageSize.
const MAX_PAGE: usize = 1_000;

fn result(code: LdapResultCode, message: &str) -> LdapResult {
    LdapResult { code, matcheddn: String::new(), message: message.to_owned(), referral: Vec::new() }
}

/// Speaks in clear until the client asks for TLS.
pub(super) async fn talk_plain(stream: TcpStream, tls: &Tls, directory: &Directory) {
    let mut conversation = Conversation::new(stream, false);
    if let Some(stream) = conversation.run(directory).await
        && let Ok(stream) = tls.acceptor.accept(stream).await
    {
        talk(stream, directory).await;
    }
}

/// Speaks on a secured stream.
pub(super) async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, directory: &Directory) {
    Conversation::new(stream, true).run(directory).await;
}

struct Conversation<S> {
    wire: Option<Framed<S, Codec>>,
    secure: bool,
    bound: bool,
    /// What is left of paged searches, by cookie.
    pages: HashMap<Vec<u8>, Vec<Entry>>,
    next_cookie: u32,
}

enum Next {
    Go,
    StartTls,
    End,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    fn new(stream: S, secure: bool) -> Self {
        Self { wire: Some(Framed::new(stream, Codec::new())), secure, bound: false, pages: HashMap::new(), next_cookie: 1 }
    }

    /// Answers until the client ends; gives the stream back for TLS.
    async fn run(&mut self, directory: &Directory) -> Option<S> {
        loop {
            let message = self.wire.as_mut()?.next().await?.ok()?;
            match self.answer(message, directory).await {
                Ok(Next::Go) => {}
                Ok(Next::StartTls) => return self.wire.take().map(Framed::into_inner),
                Ok(Next::End) | Err(_) => return None,
            }
        }
    }

    async fn send(&mut self, id: i32, op: LdapOp, ctrl: Vec<LdapControl>) -> std::io::Result<()> {
        match &mut self.wire {
            Some(wire) => wire.feed(LdapMsg { msgid: id, op, ctrl }).await,
            None => Ok(()),
        }
    }

    async fn answer(&mut self, message: LdapMsg, directory: &Directory) -> std::io::Result<Next> {
        let id = message.msgid;
        let mut next = Next::Go;
        match Trouble::of(&message.op, &directory.faults).await {
            Trouble::None => {}
            Trouble::NoAnswer => return Ok(Next::Go),
            Trouble::Broken => return Ok(Next::End),
            Trouble::Unavailable(answer) => {
                self.send(id, answer, Vec::new()).await?;
                if let Some(wire) = &mut self.wire {
                    wire.flush().await?;
                }
                return Ok(Next::Go);
            }
        }
        match message.op {
            LdapOp::BindRequest(request) => {
                let res = self.bind(&request.dn, &request.cred, directory);
                self.send(id, LdapOp::BindResponse(LdapBindResponse { res, saslcreds: None }), Vec::new()).await?;
            }
            LdapOp::SearchRequest(request) => self.search(id, &request, &message.ctrl, directory).await?,
            LdapOp::ExtendedRequest(request) => {
                let (res, then) = if request.name == START_TLS && !self.secure {
                    (result(LdapResultCode::Success, ""), Next::StartTls)
                } else {
                    (result(LdapResultCode::ProtocolError, "unsupported extended operation"), Next::Go)
                };
                next = then;
                let response = LdapExtendedResponse { res, name: Some(request.name), value: None };
                self.send(id, LdapOp::ExtendedResponse(response), Vec::new()).await?;
            }
            LdapOp::UnbindRequest => return Ok(Next::End),
            LdapOp::AbandonRequest(_) => {}
            _ => {
                let response = LdapExtendedResponse {
                    res: result(LdapResultCode::UnwillingToPerform, "this controller is read only"),
                    name: None,
                    value: None,
                };
                self.send(id, LdapOp::ExtendedResponse(response), Vec::new()).await?;
            }
        }
        if let Some(wire) = &mut self.wire {
            wire.flush().await?;
        }
        Ok(next)
    }

    fn bind(&mut self, dn: &str, credentials: &LdapBindCred, directory: &Directory) -> LdapResult {
        let LdapBindCred::Simple(password) = credentials else {
            return result(LdapResultCode::AuthMethodNotSupported, "only simple binds");
        };
        if !self.secure && !password.is_empty() {
            return result(
                LdapResultCode::StrongerAuthRequired,
                "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking",
            );
        }
        match directory.bind(dn, password) {
            Bind::Refused(code) => {
                let text = format!("80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {code}, v4563");
                result(LdapResultCode::InvalidCredentials, &text)
            }
            outcome => {
                self.bound = outcome == Bind::Accepted;
                result(LdapResultCode::Success, "")
            }
        }
    }

    async fn search(
        &mut self,
        id: i32,
        request: &LdapSearchRequest,
        controls: &[LdapControl],
        directory: &Directory,
    ) -> std::io::Result<()> {
        let base = &request.base;
        if base.is_empty() && request.scope == LdapSearchScope::Base {
            self.send_entry(id, &root_dse(directory.now()), request).await?;
            return self.done(id, LdapResultCode::Success, "", None).await;
        }
        if !self.bound {
            let text = "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed";
            return self.done(id, LdapResultCode::OperationsError, text, None).await;
        }
        let paging = controls.iter().find_map(|control| match control {
            LdapControl::SimplePagedResults { size, cookie } => Some((usize::try_from(*size).unwrap_or(0), cookie.clone())),
            _ => None,
        });
        let mut found = match &paging {
            Some((_, cookie)) if !cookie.is_empty() => match self.pages.remove(cookie) {
                Some(rest) => rest,
                None => {
                    return self.done(id, LdapResultCode::UnwillingToPerform, "the cookie is not of this connection", None).await;
                }
            },
            _ => match select(request, directory) {
                Some(found) => found,
                None => return self.done(id, LdapResultCode::NoSuchObject, "0000208D: NameErr: DSID-03100245", None).await,
            },
        };
        let page = paging.as_ref().map_or(MAX_PAGE, |(size, _)| (*size).clamp(1, MAX_PAGE));
        let limit = usize::try_from(request.sizelimit).ok().filter(|limit| *limit > 0).map_or(page, |limit| limit.min(page));
        let rest = found.split_off(limit.min(found.len()));
        for entry in &found {
            self.send_entry(id, entry, request).await?;
        }
        if request.scope == LdapSearchScope::Subtree && base.eq_ignore_ascii_case(BASE_DN) && rest.is_empty() {
            let uris = vec![format!("ldap://ForestDnsZones.corp.example.com/DC=ForestDnsZones,{BASE_DN}")];
            self.send(id, LdapOp::SearchResultReference(LdapSearchResultReference { uris }), Vec::new()).await?;
        }
        match paging {
            Some(_) => {
                let cookie = self.keep(rest);
                self.done(id, LdapResultCode::Success, "", Some(cookie)).await
            }
            None if rest.is_empty() => self.done(id, LdapResultCode::Success, "", None).await,
            None => self.done(id, LdapResultCode::SizeLimitExceeded, "", None).await,
        }
    }

    /// Keeps the rest of a paged search; an empty cookie says that there is none.
    fn keep(&mut self, rest: Vec<Entry>) -> Vec<u8> {
        if rest.is_empty() {
            return Vec::new();
        }
        let cookie = self.next_cookie.to_be_bytes().to_vec();
        self.next_cookie += 1;
        self.pages.insert(cookie.clone(), rest);
        cookie
    }

    async fn done(&mut self, id: i32, code: LdapResultCode, text: &str, cookie: Option<Vec<u8>>) -> std::io::Result<()> {
        let controls = cookie.map(|cookie| LdapControl::SimplePagedResults { size: 0, cookie }).into_iter().collect();
        self.send(id, LdapOp::SearchResultDone(result(code, text)), controls).await
    }

    async fn send_entry(&mut self, id: i32, entry: &Entry, request: &LdapSearchRequest) -> std::io::Result<()> {
        let all = request.attrs.is_empty() || request.attrs.iter().any(|name| name == "*");
        let wanted = |name: &str| all || request.attrs.iter().any(|asked| asked.eq_ignore_ascii_case(name));
        let attributes = entry.attributes.iter().filter(|(name, values)| wanted(name) && !values.is_empty());
        let attributes = attributes.map(|(name, values)| LdapPartialAttribute {
            atype: (*name).to_owned(),
            vals: if request.typesonly { Vec::new() } else { values.clone() },
        });
        let found = LdapSearchResultEntry { dn: entry.dn.clone(), attributes: attributes.collect() };
        self.send(id, LdapOp::SearchResultEntry(found), Vec::new()).await
    }
}

/// What a fault makes of a request.
enum Trouble {
    None,
    NoAnswer,
    Broken,
    Unavailable(LdapOp),
}

impl Trouble {
    /// Waits, if the fault is that it takes long.
    async fn of(op: &LdapOp, faults: &Faults) -> Self {
        let (operation, text) = match op {
            LdapOp::BindRequest(request) => ("Bind", request.dn.clone()),
            LdapOp::SearchRequest(request) => ("Search", format!("{:?}", request.filter)),
            _ => return Self::None,
        };
        let whom = Whom::Call(&text);
        if let Some(delay) = faults.delay(operation, whom) {
            tokio::time::sleep(delay).await;
        }
        if faults.take(operation, whom, |kind| matches!(kind, Kind::TimeOut { .. }).then_some(())).is_some() {
            return Self::NoAnswer;
        }
        if faults.takes(operation, whom, &Kind::LoseReply) {
            return Self::Broken;
        }
        if !faults.takes(operation, whom, &Kind::ServerError) {
            return Self::None;
        }
        let res = result(LdapResultCode::Unavailable, "00000034: LdapErr: the controller is shutting down");
        Self::Unavailable(match op {
            LdapOp::BindRequest(_) => LdapOp::BindResponse(LdapBindResponse { res, saslcreds: None }),
            _ => LdapOp::SearchResultDone(res),
        })
    }
}

/// Commas that end a relative name; others stand after a backslash.
fn unescaped_commas(dn: &str) -> usize {
    let mut escaped = false;
    let ends = |character: char| {
        let ends = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    };
    dn.chars().map(ends).filter(|ends| *ends).count()
}

/// The entries that a search finds; `None` if its base is not there.
fn select(request: &LdapSearchRequest, directory: &Directory) -> Option<Vec<Entry>> {
    let tree = directory.tree();
    let base = request.base.to_lowercase();
    // What stands before the base in a DN below it: nothing, or relative names each with its comma.
    let above = |dn: &str| {
        let rest = dn.to_lowercase().strip_suffix(&base)?.to_owned();
        (rest.is_empty() || rest.ends_with(',')).then_some(rest)
    };
    let below = |dn: &str| above(dn).is_some();
    let in_scope = |entry: &Entry| match request.scope {
        LdapSearchScope::Base => entry.dn.eq_ignore_ascii_case(&base),
        LdapSearchScope::Children => below(&entry.dn) && !entry.dn.eq_ignore_ascii_case(&base),
        LdapSearchScope::OneLevel => above(&entry.dn).is_some_and(|rest| unescaped_commas(&rest) == 1),
        LdapSearchScope::Subtree => below(&entry.dn),
    };
    if !tree.entries.iter().any(|entry| below(&entry.dn)) {
        return None;
    }
    Some(tree.entries.iter().filter(|entry| in_scope(entry) && matches(&request.filter, entry, &tree)).cloned().collect())
}
