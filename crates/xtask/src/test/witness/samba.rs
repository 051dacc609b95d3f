//! Samba as a domain controller of Active Directory, provisioned anew each time: that takes seconds, and a test may change
//! what it finds.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::{install, process::Daemon};

const REALM: &str = "CORP.EXAMPLE.COM";
const HOST: &str = "dc1.corp.example.com";
const ADMINISTRATOR: &str = "Adm1n-Passw0rd!";
/// Accounts, groups and their passwords, in Active Directory's own words.
const PEOPLE: &str = "crates/backend/tests/witness/samba/people.ldif";
/// More people than a domain controller hands out in one page, which is a thousand.
const CROWD: u32 = 1_100;
/// LDAP, LDAPS and the global catalogue's two; Samba lets nobody choose others.
const PORTS: [u16; 4] = [389, 636, 3_268, 3_269];

/// A running domain controller. It stops when dropped.
pub(super) struct Samba {
    _daemon: Daemon,
    address: Ipv4Addr,
    ca: PathBuf,
}

/// Its ports are below 1024, and its database is root's.
pub(super) fn possible() -> bool {
    nix::unistd::geteuid().is_root()
}

impl Samba {
    /// Provisions a domain in `folder` and serves it.
    pub(super) fn start(folder: &Path, logs: &Path) -> Result<Self> {
        install()?;
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let tls = folder.join("private/tls");
        fs::create_dir_all(&tls)?;
        let address = free_address()?;
        provision(folder, address)?;
        certify(&tls, address)?;
        configure(folder, &tls)?;
        fill(folder)?;
        let mut command = Command::new("samba");
        command.args(["--foreground", "--no-process-group", "--model=single", "--debug-stdout", "-s"]).arg(config(folder));
        let mut daemon = Daemon::start("Samba", &command, &logs.join("samba.log"), Signal::SIGTERM)?;
        daemon.wait_until(Duration::from_secs(60), || {
            PORTS.iter().all(|port| TcpStream::connect(SocketAddr::from((address, *port))).is_ok())
        })?;
        Ok(Self { _daemon: daemon, address, ca: tls.join("ca.pem") })
    }

    /// What the tests have to know of it.
    pub(super) fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("WITNESS_AD", self.address.to_string()),
            ("WITNESS_AD_CA", self.ca.display().to_string()),
            ("WITNESS_AD_ADMINISTRATOR", ADMINISTRATOR.to_owned()),
            ("WITNESS_AD_CROWD", CROWD.to_string()),
        ]
    }
}

fn install() -> Result<()> {
    let there = ["samba", "samba-tool", "ldbadd"].iter().all(|program| install::on_path(program));
    if !there || !Path::new("/usr/share/samba/setup").exists() {
        let debian = ["samba-ad-dc", "samba-ad-provision", "python3-samba", "ldb-tools"];
        install::packages("Samba", &debian, &["samba", "samba-dc", "ldb-tools"])?;
    }
    if !install::on_path("openssl") {
        install::packages("OpenSSL", &["openssl"], &["openssl"])?;
    }
    Ok(())
}

/// A loopback address with all ports free: another domain controller may run on this machine.
fn free_address() -> Result<Ipv4Addr> {
    let free = |address: &Ipv4Addr| PORTS.iter().all(|port| TcpListener::bind((*address, *port)).is_ok());
    (1..=250).map(|last| Ipv4Addr::new(127, 0, 53, last)).find(free).context("no loopback address has the ports of LDAP free")
}

fn config(folder: &Path) -> PathBuf {
    folder.join("etc/smb.conf")
}

/// LDAP alone is served: neither Kerberos nor file sharing nor DNS.
fn provision(folder: &Path, address: Ipv4Addr) -> Result<()> {
    let mut command = Command::new("samba-tool");
    command.args(["domain", "provision", "--configfile=/dev/null", "--server-role=dc", "--dns-backend=NONE"]);
    command.arg(format!("--targetdir={}", folder.display())).arg(format!("--realm={REALM}")).arg("--domain=CORP");
    command.arg("--host-name=dc1").arg(format!("--host-ip={address}")).arg(format!("--adminpass={ADMINISTRATOR}"));
    for option in [
        &format!("interfaces={address}/8"),
        "bind interfaces only=yes",
        "server services=ldap",
        // As Windows Server 2025 does: no bind in clear.
        "ldap server require strong auth=yes",
        "disable netbios=yes",
    ] {
        command.arg(format!("--option={option}"));
    }
    quietly(&mut command)
}

/// A private authority and a certificate for the host's name and address, and for no other.
fn certify(tls: &Path, address: Ipv4Addr) -> Result<()> {
    let request = |subject: &str, key: &str, certificate: &str| {
        let mut command = Command::new("openssl");
        command.current_dir(tls).args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject]);
        command.args(["-keyout", key, "-out", certificate]);
        command
    };
    quietly(&mut request("/CN=Frontdesk witness", "ca.key", "ca.pem"))?;
    let mut command = request(&format!("/CN={HOST}"), "key.pem", "cert.pem");
    command.args(["-CA", "ca.pem", "-CAkey", "ca.key"]);
    for extension in
        [&format!("subjectAltName=DNS:{HOST},IP:{address}"), "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth"]
    {
        command.args(["-addext", extension]);
    }
    quietly(&mut command)
}

fn configure(folder: &Path, tls: &Path) -> Result<()> {
    let file = config(folder);
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let (folder, tls) = (folder.display(), tls.display());
    let ours = format!(
        "[global]\n\ttls enabled = yes\n\ttls keyfile = {tls}/key.pem\n\ttls certfile = {tls}/cert.pem\n\ttls cafile = {tls}/ca.pem\n\
         \tpid directory = {folder}/run\n\tlog file = {folder}/log.%m\n"
    );
    fs::create_dir_all(format!("{folder}/run"))?;
    Ok(fs::write(&file, text.replacen("[global]\n", &ours, 1))?)
}

/// People, groups and the crowd, written into the database before anybody serves it.
fn fill(folder: &Path) -> Result<()> {
    let mut crowd = String::new();
    for number in 1..=CROWD {
        let _ = write!(
            crowd,
            "dn: CN=Crowd {number},OU=Crowd,DC=corp,DC=example,DC=com\nobjectClass: user\nsAMAccountName: crowd{number}\n\
             mail: crowd{number}@corp.example.com\nuserAccountControl: 544\n\n"
        );
    }
    let file = folder.join("crowd.ldif");
    fs::write(&file, crowd)?;
    for ldif in [&std::path::absolute(PEOPLE)?, &file] {
        let mut command = Command::new("ldbadd");
        command.arg(format!("--configfile={}", config(folder).display())).arg("-H").arg(folder.join("private/sam.ldb"));
        command.args(["-o", "batch_mode:1", "-o", "transaction_index_cache_size:200000"]).arg(ldif);
        quietly(&mut command)?;
    }
    Ok(())
}

/// Runs a command to its end; what it says is shown if it fails.
fn quietly(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| program.clone())?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{program} failed ({}):\n{}", output.status, String::from_utf8_lossy(&said));
    }
    Ok(())
}
