-- A directory being taken down: the step it is at, and when AWS is looked at next. Each call of a step may be repeated without
-- harm, so a row is put off while a worker is at it, not claimed.
create table directory_take_down (
  id            uuid primary key,
  directory_id  text not null references directory,
  name          text not null,                   -- the domain's; the mirror may forget it
  asked_by      text not null,
  asked_by_name text not null,
  asked_at      timestamptz not null,
  reason        text not null,
  confirmed     bigint not null,                 -- WorkSpaces whose end somebody has agreed to
  batch_id      uuid references workspace_batch, -- the last one of their terminations
  step          text not null check (step in ('terminate', 'ip_groups', 'deregister', 'delete', 'done', 'stopped')),
  step_since    timestamptz not null,
  stopped_at    text check (stopped_at in ('terminate', 'ip_groups', 'deregister', 'delete')),
  halt          text check (halt in ('workspaces_left', 'not_released', 'refused')),
  note          text,
  next_look_at  timestamptz,
  check ((stopped_at is not null) = (step = 'stopped')),
  check ((next_look_at is null) = (step in ('done', 'stopped') or halt is not null))
);
create unique index directory_take_down_live on directory_take_down (directory_id) where step not in ('done', 'stopped');
create index directory_take_down_due on directory_take_down (next_look_at) where next_look_at is not null;

grant select, insert, update on directory_take_down to frontdesk_serve;
