-- The rules that say who decides, switched on as a set.
create table request_rule_set (
  id         uuid primary key,
  state      text not null check (state in ('draft', 'on', 'off')),
  version    bigint not null default 1,           -- another one after each change of the draft
  changed_at timestamptz not null,
  changed_by text not null,                       -- a name, for people
  on_at      timestamptz,
  check ((state = 'draft') = (on_at is null))
);
create unique index request_rule_set_single on request_rule_set (state) where state <> 'off';

create table request_rule (
  id       uuid primary key,
  set_id   uuid not null references request_rule_set on delete cascade,
  position integer not null,
  -- As typed, right or wrong; what is wrong; and what came of it where nothing is.
  form     jsonb not null,
  errors   jsonb not null default '[]',
  rule     jsonb,
  unique (set_id, position) deferrable initially deferred
);

grant select, insert, update, delete on request_rule_set, request_rule to frontdesk_serve;
