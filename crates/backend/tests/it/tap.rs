//! A wire between Frontdesk and a domain controller that keeps what Frontdesk said on it. It exists for what the sandbox,
//! which behaves like a domain controller, never shows or does: bytes in clear, refused TLS, silence.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What stands at the other end.
#[derive(Clone, Copy)]
pub enum End {
    /// A domain controller, to which everything is passed on.
    Controller(SocketAddr),
    /// One without a certificate: whatever is asked first is answered as a StartTLS that is refused.
    WithoutTls,
    /// One that takes connections and never answers.
    Silent,
}

pub struct Tap {
    pub port: u16,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    cut: watch::Sender<u32>,
    task: JoinHandle<()>,
}

impl Tap {
    pub async fn open(end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (cut, cuts) = watch::channel(0);
        let kept = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let index = {
                    let mut heard = kept.lock().unwrap();
                    heard.push(Vec::new());
                    heard.len() - 1
                };
                let (kept, mut cuts) = (Arc::clone(&kept), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        () = talk(stream, end, |bytes| kept.lock().unwrap()[index].extend_from_slice(bytes)) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { port, heard, cut, task }
    }

    /// What was said on each connection so far.
    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }

    /// Ends the connections that stand.
    pub fn cut(&self) {
        self.cut.send_modify(|count| *count += 1);
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(mut stream: TcpStream, end: End, keep: impl Fn(&[u8])) {
    let mut controller = match end {
        End::Controller(address) => Some(TcpStream::connect(address).await.unwrap()),
        End::WithoutTls | End::Silent => None,
    };
    let (mut said, mut answered) = ([0; 8_192], [0; 8_192]);
    loop {
        let answer = async {
            match &mut controller {
                Some(controller) => controller.read(&mut answered).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = stream.read(&mut said) => {
                let Ok(count @ 1..) = read else { return };
                keep(&said[..count]);
                match (&mut controller, end) {
                    (Some(controller), _) => controller.write_all(&said[..count]).await.unwrap(),
                    (None, End::WithoutTls) => {
                        // ExtendedResponse (RFC 4511, 4.12) to the first message: protocolError.
                        let refusal = [0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, 0x02, 0x04, 0x00, 0x04, 0x00];
                        stream.write_all(&refusal).await.unwrap();
                    }
                    (None, _) => {}
                }
            }
            read = answer => {
                let Ok(count @ 1..) = read else { return };
                stream.write_all(&answered[..count]).await.unwrap();
            }
        }
    }
}
