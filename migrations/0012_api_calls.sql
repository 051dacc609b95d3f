-- The API budget made visible. Times here are the database's: they have to be the same for all replicas.
alter table api_budget
  add column pace       interval,                -- between two calls at the steady rate, as the last caller kept to it
  add column held_since timestamptz,             -- AWS throttled although the rate was kept: everybody waits
  add column held_until timestamptz,
  add check ((held_since is null) = (held_until is null));

-- Every call by what came of it.
create table api_call (
  minute    timestamptz not null check (minute = date_trunc('minute', minute)),
  service   text not null check (service in ('workspaces', 'ses')),
  operation text not null,
  class     text not null check (class in ('person', 'launch', 'poll', 'sweep')),
  ok        integer not null default 0,
  refused   integer not null default 0,
  throttled integer not null default 0,
  not_sent  integer not null default 0,          -- no connection came about
  unknown   integer not null default 0,          -- the answer was lost, or nobody waited for it
  waited_ms bigint not null default 0,           -- all of them together, for their turn
  primary key (minute, service, operation, class)
);

-- Who waits for their turn now. A process that dies leaves its rows behind: they count only while they are renewed. Of no
-- worth after a crash of the database.
create unlogged table api_waiter (
  id        uuid primary key,
  service   text not null,
  operation text not null,
  class     text not null,
  since     timestamptz not null,
  seen_at   timestamptz not null
);

grant select, insert, update, delete on api_call, api_waiter to frontdesk_serve;
