-- What AWS said last. Pages read this; no page waits for AWS.
create table directory (
  directory_id       text primary key check (directory_id ~ '^d-[0-9a-f]{10}$'),
  name               text not null,
  short_name         text,
  description        text,
  stage              text not null,
  stage_reason       text,
  registration_state text,                       -- null: not registered with WorkSpaces
  registration_code  text,
  device_windows     boolean not null,
  device_macos       boolean not null,
  device_linux       boolean not null,
  device_ios         boolean not null,
  device_android     boolean not null,
  device_web         boolean not null,
  seen_at            timestamptz not null,
  gone_at            timestamptz
);

create table bundle (
  bundle_id   text primary key check (bundle_id ~ '^wsb-[0-9a-z]{8,63}$'),
  name        text not null,
  owner       text not null,
  description text,
  compute     text not null,
  root_gib    integer,
  user_gib    integer,
  state       text,
  seen_at     timestamptz not null,
  gone_at     timestamptz
);

create table workspace (
  workspace_id      text primary key check (workspace_id ~ '^ws-[0-9a-z]{8,63}$'),
  directory_id      text not null references directory,
  user_name         text not null,
  person_guid       uuid,
  person_name       text,
  bundle_id         text,
  state             text not null,
  error_code        text,
  error_message     text,
  computer_name     text,
  running_mode      text,
  auto_stop_minutes integer,
  seen_at           timestamptz not null,
  gone_at           timestamptz
);
create index workspace_user on workspace (directory_id, lower(user_name)) where gone_at is null;
create index workspace_person on workspace (person_guid) where person_guid is not null;

-- One row for each part of the mirror: how old the picture is.
create table mirror (
  part       text primary key check (part in ('directories', 'bundles', 'workspaces')),
  read_at    timestamptz,
  problem    text,
  problem_at timestamptz
);
insert into mirror (part) values ('directories'), ('bundles'), ('workspaces');

grant select, insert, update on directory, bundle, workspace, mirror to frontdesk_serve;
