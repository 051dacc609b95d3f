//! A wire to PostgreSQL that can be cut, because the server itself belongs to all tests.

use std::net::SocketAddr;

use sqlx::PgPool;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

pub struct Wire {
    address: SocketAddr,
    to: String,
    cut: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Wire {
    pub async fn open(db: &PgPool) -> Self {
        let options = db.connect_options();
        let to = format!("{}:{}", options.get_host(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, _) = watch::channel(false);
        let mut wire = Self { address, to, cut, task: None };
        wire.run(listener);
        wire
    }

    fn run(&mut self, listener: TcpListener) {
        let (to, cut) = (self.to.clone(), self.cut.subscribe());
        self.task = Some(tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (to, mut cut) = (to.clone(), cut.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(&to).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut stream, &mut server) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        }));
    }

    /// What to write in the configuration for the connection to go this way.
    pub fn edit(&self) -> (String, String) {
        (format!("@{}/", self.to), format!("@{}/", self.address))
    }

    /// Ends all connections and takes no more.
    pub async fn cut(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _ = task.await;
        self.cut.send_replace(true);
    }

    pub async fn mend(&mut self) {
        self.cut.send_replace(false);
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.run(listener);
    }
}
