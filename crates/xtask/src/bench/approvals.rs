//! The page of those who decide, with 5,000 requests open.

use anyhow::Result;

use super::{Bench, load, row::Row};
use crate::{say, visitor::Visitor};

/// An approver of the sandbox's company.
const APPROVER: &str = "plindqvist";

/// 5,000 requests for two people each, which wait for an approver, and half as many again that are decided.
const REQUESTS: &str = "
with centre as (
       insert into cost_centre (id, number, name, owner_guid, owner_account, owner_name, currency, created_at, changed_at)
       values (gen_random_uuid(), '4711', 'Sales', gen_random_uuid(), 'owner', 'Owner', 'EUR', now(), now()) returning id),
     made as (
       insert into request (id, owner, owner_name, owner_guid, state, created_at, changed_at, round, submitted_at, reason, cost_centre_id,
                            needed_by, directories, facts, rule_text)
       select gen_random_uuid(), 'm' || n, 'Manager ' || n, gen_random_uuid(), case when n <= 5000 then 'waiting' else 'refused' end, now(),
              now(), 1, now() - n * interval '1 minute', 'New colleagues', centre.id, current_date + 9, '{d-906731a2b4}', '{}', 'An approver decides.'
       from centre, generate_series(1, 7500) n returning id, state, submitted_at),
     items as (
       insert into request_item (id, request_id, person_guid, account, name, state, offering_id, offering_version, offering_name, price, currency, price_from)
       select gen_random_uuid(), made.id, gen_random_uuid(), 'person' || n, 'Person ' || n, case made.state when 'waiting' then 'asked' else 'refused' end,
              gen_random_uuid(), 1, 'Office desktop', 40, 'EUR', current_date
       from made, generate_series(1, 2) n)
insert into request_stage (request_id, position, kind, candidates, state, deciders, open_to, waiting_since, decided_by, decided_by_name, decided_at)
select id, 0, to_jsonb('approver'::text), '[]', case state when 'waiting' then 'waiting' else 'refused' end, to_jsonb('approvers'::text), 'approvers', submitted_at,
       case state when 'refused' then gen_random_uuid() end, case state when 'refused' then 'Approver' end, case state when 'refused' then now() end
from made";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    say("Writing 5,000 open requests …");
    bench.stack.postgres.sql.query("frontdesk", REQUESTS)?;
    bench.stack.postgres.sql.query("frontdesk", "analyze request, request_item, request_stage")?;
    let mut approver = Visitor::default();
    approver.sign_in(&bench.url, APPROVER)?;
    load::beside(bench, &approver, "/approvals, 5,000 open", ("/approvals", "/approvals"))
}
