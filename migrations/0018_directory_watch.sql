-- Looking after directories: what was the matter with one, and what admins were told of it.
create table directory_alert (
  id           uuid primary key,
  directory_id text not null references directory,
  -- What it is about, and what of that it is now; the second may grow worse or better while the first lasts.
  matter       text not null check (matter in ('connector', 'registration', 'deregistration', 'addresses')),
  kind         text not null check (kind in ('impaired', 'inoperable', 'account', 'failed', 'registration', 'deregistration',
                                             'few_addresses', 'no_addresses')),
  since        timestamptz not null,
  kind_since   timestamptz not null,
  ended_at     timestamptz,                      -- since when all is well; it may come back
  closed_at    timestamptz,                      -- nothing more is to be told of it
  -- The worst kind of which a mail left or may have left, and when the last one did. Written before the mail service is called, and
  -- taken back if it took no mail.
  told         text,
  told_at      timestamptz,
  -- While a worker sends: only the holder of the claim may write the outcome.
  claim        uuid,
  lease_until  timestamptz,
  -- Not before: the mail service took none.
  retry_at     timestamptz,
  error_code   text,
  check ((told is null) = (told_at is null)),
  check ((claim is null) = (lease_until is null)),
  check (closed_at is null or ended_at is not null)
);
-- One at a time of each matter.
create unique index directory_alert_open on directory_alert (directory_id, matter) where closed_at is null;
create index directory_alert_lease on directory_alert (lease_until) where claim is not null;

-- The subnets that WorkSpaces take addresses of, from DescribeWorkspaceDirectories; the connector's own are another two, or the same.
alter table directory add column workspace_subnet_ids text[] not null default '{}';

-- EC2 is read regularly, and its calls are counted too.
insert into api_budget (service, next_at) values ('ec2', 'epoch');
alter table api_call drop constraint api_call_service_check;
alter table api_call add constraint api_call_service_check check (service in ('workspaces', 'ses', 'ec2'));

grant select, insert, update on directory_alert to frontdesk_serve;
