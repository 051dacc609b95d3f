//! A stand-in for SES that answers what a test tells it to, and keeps what was asked. It exists for answers that the
//! sandbox, which behaves like AWS, never gives.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What SendEmail is answered with.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    /// The header `x-amzn-errortype`.
    pub code: &'static str,
    pub body: &'static str,
}

pub struct Wire {
    pub url: String,
    asked: Arc<Mutex<Vec<Value>>>,
    task: JoinHandle<()>,
}

impl Wire {
    pub async fn open(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, reply.clone(), Arc::clone(&kept)));
            }
        });
        Self { url, asked, task }
    }

    /// The bodies of the SendEmail calls that came.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, reply: Reply, asked: Arc<Mutex<Vec<Value>>>) {
    let mut request = Vec::new();
    let (head, length) = loop {
        let mut chunk = [0; 8_192];
        let Ok(read @ 1..) = stream.read(&mut chunk).await else {
            return;
        };
        request.extend_from_slice(&chunk[..read]);
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
            request.drain(..end + 4);
            break (head, length);
        }
    };
    while request.len() < length {
        let mut chunk = [0; 8_192];
        let Ok(read @ 1..) = stream.read(&mut chunk).await else {
            return;
        };
        request.extend_from_slice(&chunk[..read]);
    }
    let reply = if head.starts_with("post") {
        asked.lock().unwrap().push(serde_json::from_slice(&request).unwrap());
        reply
    } else {
        Reply { status: 200, code: "", body: r#"{"SendQuota":{"Max24HourSend":1,"MaxSendRate":1000,"SentLast24Hours":0}}"# }
    };
    let error = if reply.code.is_empty() { String::new() } else { format!("x-amzn-errortype: {}\r\n", reply.code) };
    let text = format!(
        "HTTP/1.1 {} Answer\r\ncontent-type: application/json\r\n{error}content-length: {}\r\nconnection: close\r\n\r\n{}",
        reply.status,
        reply.body.len(),
        reply.body
    );
    let _ = stream.write_all(text.as_bytes()).await;
}
