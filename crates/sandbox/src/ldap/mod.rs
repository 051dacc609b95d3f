//! Active Directory over LDAP: bind, StartTLS, search with paging, as a Windows domain controller answers.
//!
//! Not here: modify, add and delete (Frontdesk writes nothing), sorting and VLV controls, the Global Catalog.

mod codec;
mod connection;
mod entries;
mod matching;
mod tls;

use std::sync::Arc;

use tokio::{net::TcpListener, sync::watch};

pub use tls::Tls;

use crate::{
    clock::Clock,
    faults::{Faults, Kind, Whom},
    people::Company,
};
use entries::Directory;

/// The name by which faults know a new connection.
const CONNECT: &str = "Connect";

/// Answers on both listeners until the shutdown turns true: StartTLS on the plain one, LDAPS on the other.
pub async fn serve(
    listener: TcpListener,
    ldaps_listener: TcpListener,
    tls: Tls,
    company: Arc<Company>,
    clock: Clock,
    faults: Arc<Faults>,
    mut shutdown: watch::Receiver<bool>,
) {
    let directory = Arc::new(Directory::new(company, clock, faults));
    loop {
        let (stream, secure) = tokio::select! {
            accepted = listener.accept() => (accepted, false),
            accepted = ldaps_listener.accept() => (accepted, true),
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = stream else { continue };
        let (tls, directory, mut shutdown) = (tls.clone(), Arc::clone(&directory), shutdown.clone());
        tokio::spawn(async move {
            let talk = async {
                let (faults, whom) = (&directory.faults, Whom::Call(""));
                if let Some(delay) = faults.delay(CONNECT, whom) {
                    tokio::time::sleep(delay).await;
                }
                if faults.takes(CONNECT, whom, &Kind::LoseReply) {
                    return;
                }
                if secure {
                    match tls.acceptor.accept(stream).await {
                        Ok(stream) => connection::talk(stream, &directory).await,
                        Err(error) => tracing::debug!(%error, "a client refused our certificate"),
                    }
                } else {
                    connection::talk_plain(stream, &tls, &directory).await;
                }
            };
            tokio::select! {
                () = talk => {}
                _ = shutdown.wait_for(|stop| *stop) => {}
            }
        });
    }
}

/// The value of a DN's first relative name, without its escapes.
fn first_value(dn: &str) -> String {
    let value = dn.split_once('=').map_or(dn, |(_, value)| value);
    let mut name = String::new();
    let mut escaped = false;
    for character in value.chars() {
        match character {
            ',' if !escaped => break,
            '\\' if !escaped => escaped = true,
            other => {
                name.push(other);
                escaped = false;
            }
        }
    }
    name
}
