-- What may be asked for. A version never changes: a request keeps the one it asked for. `name` is the newest version's, so that two
-- that can be asked for can't have the same.
create table offering (
  id              uuid primary key,
  name            text not null,
  state           text not null check (state in ('open', 'closed')),
  version         integer not null check (version > 0),      -- the newest
  changed_at      timestamptz not null,
  changed_by_name text not null
);
create unique index offering_open_name on offering (lower(name)) where state = 'open';

create table offering_version (
  offering_id       uuid not null references offering,
  version           integer not null check (version > 0),
  name              text not null check (name <> ''),
  description       text not null,
  picture           text not null,
  directory_id      text not null references directory,
  -- The bundle, and what AWS showed of it when the version was made.
  bundle_id         text not null,
  bundle_name       text not null,
  compute           text not null,
  bundle_root_gib   integer,
  bundle_user_gib   integer,
  running_mode      text not null check (running_mode in ('ALWAYS_ON', 'AUTO_STOP')),
  auto_stop_minutes integer check (auto_stop_minutes > 0 and auto_stop_minutes % 60 = 0),
  root_gib          integer check (root_gib > 0),
  user_gib          integer check (user_gib > 0),
  encrypt_root      boolean not null,
  encrypt_user      boolean not null,
  encryption_key    text,
  tags              jsonb not null,
  hours             integer not null check (hours between 0 and 744),
  -- Who may ask; all empty is everybody who may ask at all.
  roles             text[] not null,
  groups            text[] not null,
  departments       text[] not null,
  needs_approval    boolean not null,
  most_per_manager  integer check (most_per_manager > 0),
  made_at           timestamptz not null,
  made_by           text not null,
  made_by_name      text not null,
  primary key (offering_id, version),
  check ((running_mode = 'AUTO_STOP') = (auto_stop_minutes is not null)),
  check (encryption_key is null or encrypt_root or encrypt_user)
);
alter table offering add foreign key (id, version) references offering_version deferrable initially deferred;

-- An offering being made or changed: everything typed, right or wrong. A new offering gets the draft's id.
create table offering_draft (
  id           uuid primary key,
  owner        text not null,                                -- the actor's subject
  offering_id  uuid references offering,                     -- the one that is changed
  base         integer,                                      -- its newest version when the change began
  form         jsonb not null,
  errors       jsonb not null default '[]',
  saved        boolean not null default false,
  published    uuid references offering,                     -- what it became
  changed_at   timestamptz not null,
  check ((offering_id is null) = (base is null))
);

grant select, insert, update on offering to frontdesk_serve;
grant select, insert on offering_version to frontdesk_serve;
grant select, insert, update, delete on offering_draft to frontdesk_serve;
