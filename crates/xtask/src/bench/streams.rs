//! Other pages while 200 people watch a launch.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::{
    Bench,
    load::{self, Seen},
    row::Row,
};
use crate::say;

const STREAMS: usize = 200;
const SECONDS: u32 = 5;
const ROUNDS: usize = 3;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    say("Measuring beside 200 open event streams …");
    let launches = bench.stack.postgres.sql.query("frontdesk", "select id from launch")?;
    let launch = launches.first().and_then(|row| row.first()).context("no launch")?;
    let load = || -> Result<Seen> { load::wrk(&format!("{}/launches", bench.url), &bench.browser.cookie_header(), 8, SECONDS) };
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(load()?);
        let mut streams = (0..STREAMS).map(|_| open(bench, launch)).collect::<Result<Vec<_>>>()?;
        with.push(load()?);
        for stream in &mut streams {
            ensure!(is_open(stream), "a stream was closed under load");
        }
    }
    let p99 = |seen: &[Seen]| seen.iter().map(|seen| seen.p99).min_by(f64::total_cmp).context("no round");
    let (without, with) = (p99(&without)?, p99(&with)?);
    Ok(vec![
        Row::at_most("200 event streams: p99 of /launches beside that without", with / without, "", 1.5),
        Row::new("200 event streams: p99 of /launches", with, "ms"),
    ])
}

/// Opens a stream and reads the head of its answer.
fn open(bench: &Bench, launch: &str) -> Result<TcpStream> {
    let port = bench.url.rsplit(':').next().and_then(|port| port.parse().ok()).context("no port")?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let cookie = bench.browser.cookie_header();
    write!(stream, "GET /events/launches/{launch} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n")?;
    let mut head = [0; 64];
    let read = stream.read(&mut head)?;
    let head = String::from_utf8_lossy(head.get(..read).unwrap_or_default()).into_owned();
    ensure!(head.starts_with("HTTP/1.1 200"), "no stream: {head}");
    Ok(stream)
}

/// Whether the other side has not hung up; what it said is read and forgotten.
fn is_open(stream: &mut TcpStream) -> bool {
    let mut rest = [0; 4_096];
    stream.set_nonblocking(true).is_ok()
        && loop {
            match stream.read(&mut rest) {
                Ok(0) => break false,
                Ok(_) => {}
                Err(error) => break error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
}
