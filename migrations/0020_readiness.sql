-- What the last check of everything outside found; whoever checks again replaces it.
create table readiness (
  only_one        boolean primary key default true check (only_one),
  report          jsonb not null,
  checked_at      timestamptz not null,
  checked_by      text not null,                 -- the actor's subject
  checked_by_name text not null
);
grant select, insert, update on readiness to frontdesk_serve;

-- The quota of WorkSpaces as an admin entered it, for accounts where Frontdesk may not read it.
create table workspace_quota (
  only_one        boolean primary key default true check (only_one),
  granted         integer not null check (granted between 1 and 100000),
  entered_at      timestamptz not null,
  entered_by      text not null,                 -- the actor's subject
  entered_by_name text not null
);
grant select, insert, update on workspace_quota to frontdesk_serve;
