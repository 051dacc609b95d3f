//! Pages under 32 connections, beside bare handlers that run the same use cases. `wrk` makes the load.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{Bench, FOLDER, journey, row::Row};
use crate::{say, visitor::Visitor};

/// At the same time.
const CONNECTIONS: u32 = 32;
/// Seconds of each measurement; both sides take turns.
const SECONDS: u32 = 5;
const ROUNDS: u32 = 2;

/// A list that is full, as after some weeks: 40 launches of 40 people each beside the one of 1,000.
const EARLIER_LAUNCHES: &str = "
with one as (select * from launch order by started_at desc limit 1),
     earlier as (
       insert into launch (id, directory_id, started_by, started_by_name, started_at, running_mode, auto_stop_minutes, tags)
       select gen_random_uuid(), directory_id, started_by, started_by_name, started_at - n * interval '1 day', running_mode,
              auto_stop_minutes, tags
       from one, generate_series(1, 40) n returning id)
insert into launch_item (id, launch_id, directory_id, position, person_guid, account, name, mail, bundle_id, state, state_since,
                         workspace_id, accepted_at)
select gen_random_uuid(), earlier.id, i.directory_id, i.position, i.person_guid, i.account, i.name, i.mail, i.bundle_id, i.state,
       i.state_since, i.workspace_id, i.accepted_at
from earlier, launch_item i where i.launch_id = (select id from one) and i.position <= 40";

/// What `wrk` saw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    pub(super) per_second: f64,
    /// Milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let launches = bench.stack.postgres.sql.query("frontdesk", "select id from launch order by started_at desc limit 1")?;
    let launch = launches.first().and_then(|row| row.first()).context("no launch")?;
    bench.stack.postgres.sql.query("frontdesk", EARLIER_LAUNCHES)?;
    let link = journey::welcome_link(&bench.stack.sandbox_url())?;
    let token = link.rsplit('/').next().context("no token")?;
    let pages = [
        ("/launches", "/launches".to_owned(), "/launches".to_owned()),
        ("/launches/{id}, 1,000 rows", format!("/launches/{launch}"), format!("/launches/{launch}")),
        ("/people?q=", "/people?q=ma".to_owned(), "/people?q=ma&directory=d-906731a2b4".to_owned()),
        ("/welcome/{token}", format!("/welcome/{token}"), format!("/welcome/{token}")),
    ];
    let mut rows = Vec::new();
    for (name, page, bare_page) in pages {
        rows.extend(beside(bench, &bench.browser, name, (&page, &bare_page))?);
    }
    Ok(rows)
}

/// A page, as that browser asks for it, beside its bare handler.
pub(super) fn beside(bench: &Bench, browser: &Visitor, name: &str, (page, bare_page): (&str, &str)) -> Result<Vec<Row>> {
    say(&format!("Measuring {name} …"));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(wrk(&format!("{}{bare_page}", bench.bare_url), "", CONNECTIONS, SECONDS)?);
        ours.push(wrk(&format!("{}{page}", bench.url), &browser.cookie_header(), CONNECTIONS, SECONDS)?);
    }
    let (ours, bare) = (best(&ours)?, best(&bare)?);
    Ok(vec![
        Row::at_least(format!("{name}: requests/s beside bare handlers"), ours.per_second / bare.per_second, "", 0.5),
        Row::new(format!("{name}: requests/s"), ours.per_second, ""),
        Row::new(format!("{name}: p50"), ours.p50, "ms"),
        Row::new(format!("{name}: p99"), ours.p99, "ms"),
        Row::new(format!("{name}: requests/s of bare handlers"), bare.per_second, ""),
    ])
}

/// The round that was disturbed least.
pub(super) fn best(rounds: &[Seen]) -> Result<Seen> {
    rounds.iter().copied().max_by(|one, other| one.per_second.total_cmp(&other.per_second)).context("no round")
}

/// Each request comes from another address, as through a proxy.
const ADDRESSES: &str = r#"
local n = 0
request = function()
  n = n + 1
  wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.floor(n / 65536) % 256, math.floor(n / 256) % 256, n % 256)
  return wrk.format()
end
"#;

/// Asks for one address as often as it can.
pub(super) fn wrk(url: &str, cookie: &str, connections: u32, seconds: u32) -> Result<Seen> {
    let script = Path::new(FOLDER).join("addresses.lua");
    fs::write(&script, ADDRESSES)?;
    let mut command = Command::new("wrk");
    command
        .args(["--latency", "-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "30s", "-s"])
        .arg(script);
    if !cookie.is_empty() {
        command.args(["-H", &format!("Cookie: {cookie}")]);
    }
    let output = command.arg(url).output().context("wrk")?;
    read(&String::from_utf8_lossy(&output.stdout)).with_context(|| url.to_owned())
}

/// Reads what `wrk --latency` prints.
fn read(text: &str) -> Result<Seen> {
    if let Some(wrong) = text.lines().find(|line| line.contains("Non-2xx") || line.contains("Socket errors")) {
        bail!("{}", wrong.trim());
    }
    let value = |start: &str| text.lines().find_map(|line| line.trim().strip_prefix(start)).map(str::trim);
    let time = |start: &str| milliseconds(value(start)?);
    let seen = || Some(Seen { per_second: value("Requests/sec:")?.parse().ok()?, p50: time("50%")?, p99: time("99%")? });
    seen().with_context(|| format!("wrk said:\n{text}"))
}

/// `1.23ms`, `870.00us` or `2.01s`.
fn milliseconds(text: &str) -> Option<f64> {
    let (number, factor) = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0)]
        .into_iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_prints_is_read() {
        let text = "  Latency Distribution\n     50%  870.00us\n     75%    1.00ms\n     90%    1.50ms\n     99%    2.50s \n\
                      5000 requests in 5.00s, 1.00MB read\nRequests/sec:   1000.50\nTransfer/sec: 1MB\n";
        assert_eq!(read(text).unwrap(), Seen { per_second: 1_000.5, p50: 0.87, p99: 2_500.0 });
        assert!(read(&format!("{text}  Non-2xx or 3xx responses: 3\n")).unwrap_err().to_string().contains("3xx responses: 3"));
        assert!(read("unable to connect").is_err());
    }
}
