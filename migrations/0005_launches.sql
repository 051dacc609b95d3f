-- A launch being put together: everything typed, right or wrong. Its id becomes the launch's id, so that a second submit
-- of the same form finds the first.
create table launch_draft (
  id              uuid primary key,
  owner           text not null,                 -- the actor's subject
  directory_id    text references directory,
  bundle          text not null default '',
  running_mode    text not null default 'AUTO_STOP',
  auto_stop_hours text not null default '1',
  tags            text not null default '',
  errors          jsonb not null default '[]',
  created_at      timestamptz not null,
  changed_at      timestamptz not null
);

create table launch_draft_person (
  draft_id    uuid not null references launch_draft on delete cascade,
  person_guid uuid not null,
  position    bigint generated always as identity,
  account     text not null,
  name        text not null,
  mail        text,
  department  text,
  bundle_id   text,
  primary key (draft_id, person_guid)
);

create table launch (
  id                uuid primary key,
  directory_id      text not null references directory,
  started_by        text not null,
  started_by_name   text not null,
  started_at        timestamptz not null,
  running_mode      text not null check (running_mode in ('ALWAYS_ON', 'AUTO_STOP')),
  auto_stop_minutes integer check (auto_stop_minutes > 0 and auto_stop_minutes % 60 = 0),
  tags              jsonb not null,
  check ((running_mode = 'AUTO_STOP') = (auto_stop_minutes is not null))
);
create index launch_recent on launch (started_at desc, id);

create table launch_item (
  id            uuid primary key,
  launch_id     uuid not null references launch,
  directory_id  text not null references directory,
  position      integer not null,
  person_guid   uuid not null,
  account       text not null check (length(account) between 1 and 63),
  name          text not null,
  mail          text not null,
  bundle_id     text not null,
  state         text not null check (state in ('queued', 'sending', 'unconfirmed', 'pending', 'available', 'failed', 'already_has', 'canceled')),
  state_since   timestamptz not null,
  workspace_id  text,
  error_code    text,
  error_message text,
  -- While a worker holds the row: only the holder of the claim may write the outcome.
  claim         uuid,
  lease_until   timestamptz,
  -- When the last CreateWorkspaces with this row left, for the visibility lag.
  sent_at       timestamptz,
  -- When AWS accepted it, for the time limit.
  accepted_at   timestamptz,
  polls         integer not null default 0,
  next_poll_at  timestamptz,
  check ((state in ('sending', 'unconfirmed')) = (claim is not null)),
  check (state not in ('pending', 'available') or workspace_id is not null)
);
create index launch_item_launch on launch_item (launch_id, position);
create index launch_item_state on launch_item (launch_id, state);
-- The invariant of the whole engine: a person is on the way to a WorkSpace in a directory once at most.
create unique index launch_item_live on launch_item (directory_id, lower(account))
  where state in ('queued', 'sending', 'unconfirmed', 'pending');
create index launch_item_poll on launch_item (next_poll_at) where state = 'pending';
create index launch_item_lease on launch_item (lease_until) where claim is not null;
create index launch_item_person on launch_item (person_guid);
create index launch_item_workspace on launch_item (workspace_id) where workspace_id is not null;

grant select, insert, update, delete on launch_draft, launch_draft_person to frontdesk_serve;
grant select, insert on launch to frontdesk_serve;
grant select, insert, update on launch_item to frontdesk_serve;
