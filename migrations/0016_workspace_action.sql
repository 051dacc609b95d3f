-- Actions on WorkSpaces: start, stop, reboot, maintenance, terminate; WorkSpace by WorkSpace, like a launch's rows.

-- What somebody chose and has not said yes to. Its id becomes the batch's id, so that a second submit finds the first.
create table workspace_batch_draft (
  id         uuid primary key,
  owner      text not null,                      -- the actor's subject
  action     text not null check (action in ('start', 'stop', 'reboot', 'maintenance_on', 'maintenance_off', 'terminate')),
  workspaces text[] not null,
  reason     text not null default '',           -- as typed, when something else was wrong
  created_at timestamptz not null
);

create table workspace_batch (
  id            uuid primary key,
  action        text not null check (action in ('start', 'stop', 'reboot', 'maintenance_on', 'maintenance_off', 'terminate')),
  reason        text,
  asked_by      text not null,
  asked_by_name text not null,
  asked_at      timestamptz not null,
  check (action <> 'terminate' or reason is not null)
);
create index workspace_batch_recent on workspace_batch (asked_at desc, id);

create table workspace_batch_item (
  id            uuid primary key,
  batch_id      uuid not null references workspace_batch,
  workspace_id  text not null references workspace,
  directory_id  text not null references directory,
  person_guid   uuid,
  user_name     text not null,
  name          text,
  position      integer not null,
  state         text not null check (state in ('queued', 'sending', 'unconfirmed', 'accepted', 'done', 'failed', 'canceled')),
  state_since   timestamptz not null,
  -- While a worker holds the row: only the holder of the claim may write the outcome.
  claim         uuid,
  lease_until   timestamptz,
  error_code    text,
  error_message text,
  -- When the last call with this row left.
  sent_at       timestamptz,
  -- AWS was seen at it. A reboot ends in the state in which it began.
  moved         boolean not null default false,
  polls         integer not null default 0,
  next_poll_at  timestamptz,
  unique (batch_id, workspace_id),
  check ((state in ('sending', 'unconfirmed')) = (claim is not null)),
  check ((claim is null) = (lease_until is null)),
  check ((state = 'accepted') = (next_poll_at is not null)),
  check (state in ('queued', 'canceled') or sent_at is not null)
);
create index workspace_batch_item_state on workspace_batch_item (batch_id, state);
-- One thing at a time is done to a WorkSpace.
create unique index workspace_batch_item_live on workspace_batch_item (workspace_id)
  where state in ('queued', 'sending', 'unconfirmed', 'accepted');
create index workspace_batch_item_queued on workspace_batch_item (id) where state = 'queued';
create index workspace_batch_item_poll on workspace_batch_item (next_poll_at) where state = 'accepted';
create index workspace_batch_item_lease on workspace_batch_item (lease_until) where claim is not null;

grant select, insert, update, delete on workspace_batch_draft to frontdesk_serve;
grant select, insert on workspace_batch to frontdesk_serve;
grant select, insert, update on workspace_batch_item to frontdesk_serve;
