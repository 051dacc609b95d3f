-- Cost centres: who pays for desktops, and what their desktops may cost a month.
create table cost_centre (
  id            uuid primary key,
  number        text not null,                    -- as departmentNumber in Active Directory has it
  name          text not null,
  owner_guid    uuid not null,
  -- As Active Directory had them when they were named.
  owner_account text not null,
  owner_name    text not null,
  cap           numeric check (cap >= 0),         -- a month; null: no cap
  currency      text not null check (currency ~ '^[A-Z]{3}$'),
  open          boolean not null default true,
  version       integer not null default 1,
  created_at    timestamptz not null,
  changed_at    timestamptz not null
);
create unique index cost_centre_number on cost_centre (lower(number));

-- The ledger: one row for each item of a request, as long as it costs or may cost something.
create table cost_centre_entry (
  request_item   uuid primary key,                -- the migration that makes request items adds the reference
  cost_centre_id uuid not null references cost_centre,
  amount         numeric not null check (amount >= 0),   -- a month
  currency       text not null check (currency ~ '^[A-Z]{3}$'),
  state          text not null check (state in ('reserved', 'committed', 'freed')),
  -- The cap had room for it when it was reserved, or when it was committed.
  covered        boolean not null,
  reserved_at    timestamptz not null,
  committed_at   timestamptz,
  freed_at       timestamptz,
  check (state <> 'committed' or committed_at is not null),
  check ((state = 'freed') = (freed_at is not null))
);
create index cost_centre_entry_live on cost_centre_entry (cost_centre_id) where state <> 'freed';

grant select, insert, update on cost_centre, cost_centre_entry to frontdesk_serve;
