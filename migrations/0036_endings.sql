-- Endings: the end of a desktop, of temporary ones and of those whose people have left. One row for each time that one is to end.
create table ending (
  id              uuid primary key,
  workspace_id    text not null references workspace,
  directory_id    text not null references directory,
  person_guid     uuid,
  user_name       text not null,
  name            text not null,
  -- What was asked for, or its last extension; null for desktops that no request made.
  request_item    uuid references request_item,
  cause           text not null check (cause in ('temporary', 'gone', 'disabled', 'out_of_scope')),
  state           text not null check (state in ('noticed', 'asked', 'asked_again', 'let_go', 'holding', 'held', 'opening',
                                                 'terminating', 'terminated', 'extended', 'kept', 'back', 'vanished')),
  -- As State::is_over.
  is_over         boolean not null generated always as (state in ('terminated', 'extended', 'kept', 'back', 'vanished')) stored,
  state_since     timestamptz not null,
  version         bigint not null default 1,       -- another one after each change
  noticed_at      timestamptz not null,
  ends_on         date,                            -- the last day of a temporary one
  held_on         date,                            -- the day, where the directory is, on which AWS showed it held
  terminates      boolean not null default false,  -- somebody decided that it is terminated after the hold
  decided_by      text,                            -- the subject of who decided last
  decided_by_name text,
  decided         text check (decided in ('let_go', 'hold', 'keep', 'undo')),
  decided_on      bigint,                          -- the version that was looked at, so that the same sent again finds the first
  opens_to        text check (opens_to in ('extended', 'kept', 'back')),  -- what it becomes once it is open again
  batch_id        uuid references workspace_batch, -- the last action that was ordered
  next_at         timestamptz,                     -- not looked at before
  waits           text,                            -- why it does not go on, in words
  check ((cause = 'temporary') = (ends_on is not null)),
  check (not terminates or decided_by is not null),
  check ((decided_by is null) = (decided_by_name is null)),
  check ((state = 'opening') = (opens_to is not null)),
  -- Nothing is terminated that was not held, without a decision or an end that came.
  check (state not in ('terminating', 'terminated') or (held_on is not null and (terminates or ends_on is not null)))
);
-- A desktop ends once at a time.
create unique index ending_live on ending (workspace_id)
  where not is_over;
create index ending_due on ending (next_at nulls first)
  where not is_over;
create index ending_recent on ending (noticed_at desc, id);
create index ending_workspace on ending (workspace_id, noticed_at desc);
create index ending_item on ending (request_item) where request_item is not null;

-- When the people of a directory's desktops were last compared with Active Directory, and why nothing was concluded.
create table ending_watch (
  directory_id text primary key references directory,
  compared_on  date,                               -- where the directory is
  problem      text,
  doubted      boolean not null default false,     -- the last comparison was not believed
  next_at      timestamptz                         -- not compared before: Active Directory did not answer
);

grant select, insert, update on ending, ending_watch to frontdesk_serve;
