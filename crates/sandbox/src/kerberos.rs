//! The domain's Kerberos server, as far as one can tell from outside that it is there: over TCP it answers every AS-REQ with
//! the KRB-ERROR that asks for pre-authentication (RFC 4120, 5.9.1), and everything else with the one for a wrong message.
//!
//! Faults know a request as `Authenticate`: silence, a broken connection, `KDC_ERR_SVC_UNAVAILABLE` (`ServerError`).

use std::{io, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    clock::Clock,
    faults::{Faults, Kind, Whom},
    people::DOMAIN,
};

/// The name by which faults know a request.
const AUTHENTICATE: &str = "Authenticate";
/// `[APPLICATION 10]`: AS-REQ.
const AS_REQ: u8 = 0x6a;
/// Longest request, in bytes.
const LONGEST: u32 = 1 << 16;

const PREAUTH_REQUIRED: u8 = 25;
const SVC_UNAVAILABLE: u8 = 29;
const MSG_TYPE: u8 = 40;

/// Answers until the shutdown turns true.
pub(crate) async fn serve(listener: TcpListener, clock: Clock, faults: Arc<Faults>, mut shutdown: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (clock, faults, mut shutdown) = (clock.clone(), Arc::clone(&faults), shutdown.clone());
        tokio::spawn(async move {
            tokio::select! {
                _ = talk(stream, &clock, &faults) => {}
                _ = shutdown.wait_for(|stop| *stop) => {}
            }
        });
    }
}

/// Over TCP every message comes after its length (RFC 4120, 7.2.2).
async fn talk(mut stream: TcpStream, clock: &Clock, faults: &Faults) -> io::Result<()> {
    loop {
        let length = stream.read_u32().await?;
        if length > LONGEST {
            return Ok(());
        }
        let mut request = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        stream.read_exact(&mut request).await?;
        let whom = Whom::Call("");
        if let Some(delay) = faults.delay(AUTHENTICATE, whom) {
            tokio::time::sleep(delay).await;
        }
        if faults.takes(AUTHENTICATE, whom, &Kind::LoseReply) {
            return Ok(());
        }
        if faults.take(AUTHENTICATE, whom, |kind| matches!(kind, Kind::TimeOut { .. }).then_some(())).is_some() {
            continue;
        }
        let code = match request.first() {
            _ if faults.takes(AUTHENTICATE, whom, &Kind::ServerError) => SVC_UNAVAILABLE,
            Some(&AS_REQ) => PREAUTH_REQUIRED,
            _ => MSG_TYPE,
        };
        let answer = krb_error(code, clock.now());
        stream.write_u32(u32::try_from(answer.len()).map_err(io::Error::other)?).await?;
        stream.write_all(&answer).await?;
    }
}

/// DER: a tag, a length below 65,536, and what it holds.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let mut written = match content.len() {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    written.extend_from_slice(content);
    written
}

/// A KRB-ERROR of the realm's ticket-granting service.
fn krb_error(code: u8, now: DateTime<Utc>) -> Vec<u8> {
    let (integer, general) = (|value: u8| der(0x02, &[value]), |text: &str| der(0x1b, text.as_bytes()));
    let member = |number: u8, content: &[u8]| der(0xa0 | number, content);
    let realm = DOMAIN.to_uppercase();
    // NT-SRV-INST: krbtgt and its realm.
    let names = der(0x30, &[general("krbtgt"), general(&realm)].concat());
    let server = der(0x30, &[member(0, &integer(2)), member(1, &names)].concat());
    let time = der(0x18, now.format("%Y%m%d%H%M%SZ").to_string().as_bytes());
    let members = [
        member(0, &integer(5)),
        member(1, &integer(30)),
        member(4, &time),
        member(5, &integer(0)),
        member(6, &integer(code)),
        member(9, &general(&realm)),
        member(10, &server),
    ];
    der(0x7e, &der(0x30, &members.concat()))
}
