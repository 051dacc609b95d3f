//! `GET /welcome/{token}`: the one page for people without a session. Plain HTML, rate-limited, told to nobody.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use app::welcome;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use backend::invitations;
use base64::{Engine, prelude::BASE64_STANDARD};
use model::invitations::{ClientSystem, LinkProblem};

use super::{Shared, client::Client};

/// Openings that an address may make at once, and how many a second come back.
const BURST: f64 = 20.0;
const PER_SECOND: f64 = 0.5;
/// Addresses that are remembered at most; beyond, the ones that are full again are forgotten.
const REMEMBERED: usize = 10_000;

/// A bucket of tokens for each client address.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<HashMap<IpAddr, (f64, Instant)>>);

impl Limits {
    fn take(&self, address: IpAddr) -> bool {
        let address = household(address);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let filled = |(tokens, at): (f64, Instant)| (tokens + now.duration_since(at).as_secs_f64() * PER_SECOND).min(BURST);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| filled(*bucket) < BURST);
        }
        let tokens = filled(buckets.get(&address).copied().unwrap_or((BURST, now)));
        let taken = tokens >= 1.0;
        buckets.insert(address, (if taken { tokens - 1.0 } else { tokens }, now));
        taken
    }
}

/// Whom an address stands for: with IPv6 everybody has a network of them, a /64 at least (RFC 6177).
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Client(client): Client,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let nonce = BASE64_STANDARD.encode(rand::random::<[u8; 16]>());
    if !shared.welcome.take(client) {
        return answer(StatusCode::TOO_MANY_REQUESTS, welcome::rate_limited_page(60, &nonce), &nonce);
    }
    // Link checkers ask with HEAD; that is no opening.
    if method == Method::HEAD {
        return answer(StatusCode::OK, String::new(), &nonce);
    }
    let contact = &shared.services.settings.mail.contact;
    match invitations::welcome(&shared.services, &token).await {
        Ok(Ok(found)) => {
            let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
            answer(StatusCode::OK, welcome::welcome_page(&found, ClientSystem::from_user_agent(agent), &nonce), &nonce)
        }
        Ok(Err(problem)) => {
            let status = if problem == LinkProblem::Unknown { StatusCode::NOT_FOUND } else { StatusCode::GONE };
            answer(status, welcome::link_problem_page(problem, contact, &nonce), &nonce)
        }
        Err(_) => {
            let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, welcome::unavailable_page(&nonce), &nonce);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
            response
        }
    }
}

fn answer(status: StatusCode, page: String, nonce: &str) -> Response {
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    if let Ok(policy) = HeaderValue::from_str(&welcome::policy(nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_guesses_is_slowed_and_others_are_not() {
        let limits = Limits::default();
        let (guesser, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert_eq!((0..10_000).filter(|_| limits.take(guesser)).count(), 20);
        assert!(limits.take(other));
    }

    #[test]
    fn one_network_of_ipv6_is_one_guesser() {
        let limits = Limits::default();
        let of = |network: u16, host: u16| IpAddr::from([0x2001, 0xdb8, 0, network, 0, 0, 0, host]);
        assert_eq!((0..1_000).filter(|host| limits.take(of(1, *host))).count(), 20);
        assert!(limits.take(of(2, 1)));
    }
}
