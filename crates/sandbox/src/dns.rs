//! The domain's DNS server: the records by which clients find its controller, over UDP and TCP.
//!
//! Faults know a question as `Lookup` and name it by what is asked for: silence, SERVFAIL (`ServerError`), NXDOMAIN (`Refuse`).

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use hickory_proto::{
    op::{Edns, Message, MessageType, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, SRV},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
    sync::watch,
};

use crate::{
    faults::{Faults, Kind, Whom},
    people::DOMAIN,
};

/// The name by which faults know a question.
const LOOKUP: &str = "Lookup";
/// Seconds that an answer may be kept, as Active Directory says.
const TTL: u32 = 600;
/// Longest question over UDP.
const DATAGRAM: usize = 4_096;
/// How often another port is tried when the free one of TCP is taken for UDP.
const TRIES: usize = 16;

/// The ports of the domain controller, which the records tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub ldap: u16,
    pub kerberos: u16,
}

/// Listens on one port for both; with port 0, on one that is free for both.
///
/// # Errors
/// The port is taken.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let tcp = TcpListener::bind(address).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(_) if address.port() == 0 && tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

/// Answers until the shutdown turns true.
pub(crate) async fn serve(
    (udp, tcp): (UdpSocket, TcpListener),
    ports: Ports,
    faults: Arc<Faults>,
    mut shutdown: watch::Receiver<bool>,
) {
    let udp = Arc::new(udp);
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let came = tokio::select! {
            datagram = udp.recv_from(&mut buffer) => datagram.map(|(length, from)| Came::Datagram(length, from)),
            accepted = tcp.accept() => accepted.map(|(stream, _)| Came::Connection(stream)),
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        let (udp, faults, mut shutdown) = (Arc::clone(&udp), Arc::clone(&faults), shutdown.clone());
        let question = buffer.clone();
        tokio::spawn(async move {
            let talk = async {
                match came {
                    Ok(Came::Connection(stream)) => drop(talk(stream, ports, &faults).await),
                    Ok(Came::Datagram(length, from)) => {
                        if let Some(answer) = answer(question.get(..length).unwrap_or_default(), ports, &faults).await {
                            let _ = udp.send_to(&answer, from).await;
                        }
                    }
                    Err(error) => tracing::debug!(%error, "the DNS server was not reached"),
                }
            };
            tokio::select! {
                () = talk => {}
                _ = shutdown.wait_for(|stop| *stop) => {}
            }
        });
    }
}

/// What a client sends.
enum Came {
    /// Its length, and where it comes from.
    Datagram(usize, SocketAddr),
    Connection(TcpStream),
}

/// Over TCP every message comes after its length (RFC 1035, 4.2.2).
async fn talk(mut stream: TcpStream, ports: Ports, faults: &Faults) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut question = vec![0; usize::from(length)];
        stream.read_exact(&mut question).await?;
        let Some(answer) = answer(&question, ports, faults).await else { return Ok(()) };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        stream.write_u16(length).await?;
        stream.write_all(&answer).await?;
    }
}

/// `None` when nothing is said: to what is no question, and by a fault.
async fn answer(question: &[u8], ports: Ports, faults: &Faults) -> Option<Vec<u8>> {
    let question = Message::from_vec(question).ok().filter(|message| message.metadata.message_type == MessageType::Query)?;
    let query = question.queries.first()?;
    let name = query.name().to_lowercase().to_ascii();
    let whom = Whom::Call(&name);
    if let Some(delay) = faults.delay(LOOKUP, whom) {
        tokio::time::sleep(delay).await;
    }
    let silent = |kind: &Kind| matches!(kind, Kind::TimeOut { .. } | Kind::LoseReply).then_some(());
    if faults.take(LOOKUP, whom, silent).is_some() {
        return None;
    }
    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
    reply.metadata.recursion_desired = question.metadata.recursion_desired;
    (reply.metadata.authoritative, reply.metadata.recursion_available) = (true, true);
    reply.edns = question.edns.as_ref().map(|_| Edns::new());
    reply.add_query(query.clone());
    reply.metadata.response_code = if faults.takes(LOOKUP, whom, &Kind::ServerError) {
        ResponseCode::ServFail
    } else if faults.take(LOOKUP, whom, |kind| matches!(kind, Kind::Refuse { .. }).then_some(())).is_some() {
        ResponseCode::NXDomain
    } else {
        look_up(name.trim_end_matches('.'), query.query_type(), ports, &mut reply)
    };
    reply.to_vec().ok()
}

/// Puts the records of a name into the reply.
fn look_up(name: &str, kind: RecordType, ports: Ports, reply: &mut Message) -> ResponseCode {
    let controller = format!("dc1.{DOMAIN}");
    let address = |name: &str| record(name, RData::A(A(Ipv4Addr::LOCALHOST)));
    let services = services(ports);
    if !format!(".{name}").ends_with(&format!(".{DOMAIN}")) {
        reply.metadata.authoritative = false;
        return ResponseCode::Refused;
    }
    if (name == DOMAIN || name == controller) && matches!(kind, RecordType::A | RecordType::ANY) {
        reply.answers.extend(address(name));
    }
    if let Some((_, port)) = services.iter().find(|(known, _)| *known == name)
        && matches!(kind, RecordType::SRV | RecordType::ANY)
        && let Ok(target) = Name::from_ascii(format!("{controller}."))
    {
        reply.answers.extend(record(name, RData::SRV(SRV::new(0, 100, *port, target))));
        reply.additionals.extend(address(&controller));
    }
    let below = format!(".{name}");
    let known = name == controller || name == DOMAIN || services.iter().any(|(known, _)| format!(".{known}").ends_with(&below));
    if known { ResponseCode::NoError } else { ResponseCode::NXDomain }
}

fn record(name: &str, data: RData) -> Option<Record> {
    Some(Record::from_rdata(Name::from_ascii(format!("{name}.")).ok()?, TTL, data))
}

/// Names of services and the ports at which the controller offers them.
fn services(ports: Ports) -> Vec<(String, u16)> {
    let site = "default-first-site-name._sites";
    let ldap = ["_ldap._tcp", "_ldap._tcp.dc._msdcs", &format!("_ldap._tcp.{site}"), &format!("_ldap._tcp.{site}.dc._msdcs")]
        .map(|name| (format!("{name}.{DOMAIN}"), ports.ldap));
    let kerberos = ["_kerberos._tcp", "_kerberos._tcp.dc._msdcs", &format!("_kerberos._tcp.{site}.dc._msdcs")]
        .map(|name| (format!("{name}.{DOMAIN}"), ports.kerberos));
    ldap.into_iter().chain(kerberos).collect()
}
