-- Prices: a sheet for a Region in one currency, from a date on. A sheet never changes; the one in force is the newest by its date, then
-- by its number.
create table price_sheet (
  id           uuid primary key,
  number       bigint generated always as identity unique,
  region       text not null,
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from   date not null,
  note         text not null,
  example      boolean not null default false,               -- made up for the demo; nothing in Frontdesk sets it
  kept_at      timestamptz not null,
  kept_by      text not null,
  kept_by_name text not null
);
create index price_sheet_force on price_sheet (region, valid_from desc, number desc);

create table price_line (
  sheet_id         uuid not null references price_sheet,
  compute          text not null,
  root_gib         integer not null check (root_gib > 0),    -- the volumes that are in the price
  user_gib         integer not null check (user_gib > 0),
  always_on_month  numeric check (always_on_month >= 0),
  auto_stop_month  numeric check (auto_stop_month >= 0),
  auto_stop_hour   numeric check (auto_stop_hour >= 0),
  volume_gib_month numeric check (volume_gib_month >= 0),    -- for each GiB more
  primary key (sheet_id, compute, root_gib, user_gib),
  check ((auto_stop_month is null) = (auto_stop_hour is null)),
  check (always_on_month is not null or auto_stop_month is not null)
);

-- A sheet being taken in: everything typed, right or wrong. The sheet gets the draft's id.
create table price_sheet_draft (
  id         uuid primary key,
  owner      text not null,
  form       jsonb not null,
  errors     jsonb not null default '[]',
  changed_at timestamptz not null
);

grant select, insert on price_sheet, price_line to frontdesk_serve;
grant select, insert, update, delete on price_sheet_draft to frontdesk_serve;
