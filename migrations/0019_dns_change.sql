-- Changing one DNS address of a connector. AWS has no API for it: somebody does it in its console, and the sweep sees it.
create table dns_change (
  id               uuid primary key,
  directory_id     text not null references directory,
  old_address      text not null,
  new_address      text not null check (new_address <> old_address),
  before_addresses text[] not null check (old_address = any (before_addresses)),
  state            text not null default 'workspaces' check (state in ('workspaces', 'frozen', 'changed', 'done', 'abandoned')),
  begun_at         timestamptz not null,
  begun_by         text not null,                -- the actor's subject
  begun_by_name    text not null,
  findings         jsonb not null,               -- what was seen of the new server then
  -- Launches in the directory stand still from here until there.
  frozen_at        timestamptz,
  frozen_by_name   text,                         -- null: the connector was changed before anybody froze them
  left_then        bigint not null default 0,    -- WorkSpaces that were not done then
  thaws_at         timestamptz,
  -- What AWS showed last, and when that last became something else.
  seen_addresses   text[] not null,
  touched_at       timestamptz,
  changed_at       timestamptz,                  -- when it first showed what is wanted
  early            boolean not null default false,
  verified_at      timestamptz,
  verified_by_name text,
  verification     jsonb,
  ended_at         timestamptz,
  ended_by_name    text,
  reason           text,
  outcomes         jsonb,                        -- what the last list of outcomes came to
  check (state not in ('frozen', 'changed', 'done') or frozen_at is not null),
  check (state not in ('changed', 'done') or (changed_at is not null and thaws_at is not null)),
  check (state not in ('workspaces', 'frozen') or changed_at is null),
  check (state <> 'abandoned' or frozen_at is null or thaws_at is not null),
  check ((state in ('done', 'abandoned')) = (ended_at is not null)),
  check ((verified_at is null) = (verification is null))
);
-- One address at a time.
create unique index dns_change_live on dns_change (directory_id) where state in ('workspaces', 'frozen', 'changed');
create index dns_change_of on dns_change (directory_id, begun_at desc);

-- The WorkSpaces that have to know the new server: those of the beginning, and those that were launched before the connector
-- was changed.
create table dns_change_workspace (
  change_id       uuid not null references dns_change,
  workspace_id    text not null references workspace,
  added_at        timestamptz not null,
  told            text not null default 'open' check (told in ('open', 'restart', 'done', 'skipped')),
  note            text,
  settled_at      timestamptz,
  settled_by_name text,
  primary key (change_id, workspace_id),
  check ((settled_at is null) = (settled_by_name is null))
);

grant select, insert, update on dns_change, dns_change_workspace to frontdesk_serve;
