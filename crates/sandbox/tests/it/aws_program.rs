//! `frontdesk-sandbox` as a program: it says where it listens, keeps its state, and ends when told.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A folder of its own that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("frontdesk-sandbox-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Program {
    child: Child,
    port: u16,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Program {
    fn command(folder: &Path, port: u16) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk-sandbox"));
        command.args([
            "--port",
            &port.to_string(),
            "--ldap-port",
            "0",
            "--ldaps-port",
            "0",
            "--dns-port",
            "0",
            "--kerberos-port",
            "0",
            "--people",
            "60",
            "--pending-seconds",
            "0.1",
        ]);
        command.arg("--state").arg(folder.join("state.json")).arg("--ca-file").arg(folder.join("ca.pem"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Waits for the line that says it is ready.
    fn start(folder: &Path) -> Self {
        let port = free_port();
        let mut child = Self::command(folder, port).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let mut lines = lines.map_while(Result::ok);
        let ready = lines.any(|line| {
            said.push_str(&line);
            line.contains("the sandbox is ready")
        });
        assert!(ready, "it never got ready: {said}");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    /// SIGTERM, then the exit code.
    fn end(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not end within 10 seconds of SIGTERM");
    }

    async fn get(&self, path: &str) -> Value {
        client().get(format!("http://127.0.0.1:{}/{path}", self.port)).send().await.unwrap().json().await.unwrap()
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn a_restarted_sandbox_still_knows_its_workspaces_and_mails() {
    let folder = Folder::new("restart");
    let mut program = Program::start(&folder.0);
    let mail = json!({"FromEmailAddress": "desk@corp.example.com", "Destination": {"ToAddresses": ["a@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": "kept"}, "Body": {"Text": {"Data": "t"}}}}});
    let url = format!("http://127.0.0.1:{}/v2/email/outbound-emails", program.port);
    assert_eq!(client().post(url).body(mail.to_string()).send().await.unwrap().status(), 200);
    let (workspaces, ca) =
        (program.get("_sandbox/api/workspaces").await, std::fs::read_to_string(folder.0.join("ca.pem")).unwrap());
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----") && workspaces.as_array().unwrap().len() == 12);
    assert_eq!(program.end(), Some(0));

    let again = Program::start(&folder.0);
    assert_eq!(again.get("_sandbox/api/inbox").await[0]["subject"], "kept");
    assert_eq!(again.get("_sandbox/api/workspaces").await, workspaces, "not seeded a second time");
    assert_eq!(std::fs::read_to_string(folder.0.join("ca.pem")).unwrap(), ca, "clients go on trusting it");
}

#[tokio::test]
async fn a_killed_sandbox_has_written_what_happened_a_while_ago() {
    let folder = Folder::new("kill");
    let mut program = Program::start(&folder.0);
    let mail = json!({"FromEmailAddress": "desk@corp.example.com", "Destination": {"ToAddresses": ["a@example.com"]},
        "Content": {"Simple": {"Subject": {"Data": "kept"}, "Body": {"Text": {"Data": "t"}}}}});
    let url = format!("http://127.0.0.1:{}/v2/email/outbound-emails", program.port);
    let client = client();
    for _ in 0..10 {
        client.post(&url).body(mail.to_string()).send().await.unwrap().error_for_status().unwrap();
    }
    let written = || {
        let text = std::fs::read_to_string(folder.0.join("state.json")).ok()?;
        Some(serde_json::from_str::<Value>(&text).ok()?["mails"].as_array()?.len())
    };
    let end = Instant::now() + Duration::from_secs(10);
    while written() != Some(10) && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    let again = Program::start(&folder.0);
    assert_eq!(again.get("_sandbox/api/inbox").await.as_array().unwrap().len(), 10);
}

#[test]
fn a_taken_port_is_named_and_ends_the_program() {
    let folder = Folder::new("taken");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = Program::command(&folder.0, port).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("127.0.0.1:{port}")));
}

#[test]
fn a_state_that_is_none_is_refused_and_left_alone() {
    let folder = Folder::new("broken");
    std::fs::write(folder.0.join("state.json"), "{ not json").unwrap();
    let output = Program::command(&folder.0, free_port()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("state.json is not a sandbox's state"));
    assert_eq!(std::fs::read_to_string(folder.0.join("state.json")).unwrap(), "{ not json");
}
