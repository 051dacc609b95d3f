-- Requests: managers ask, approvers decide, desktops follow. A request is one row from the first word of its draft to the end; only
-- its owner sees it while it is a draft.
create table request (
  id             uuid primary key,
  owner          text not null,                   -- the subject of who asks
  owner_name     text not null,
  owner_guid     uuid,                            -- their entry in Active Directory: four eyes need it
  state          text not null default 'draft' check (state in ('draft', 'waiting', 'asked_back', 'approved', 'refused', 'withdrawn')),
  version        bigint not null default 1,       -- another one after each change
  -- As typed, right or wrong, and what is wrong.
  form           jsonb not null default '{}',
  errors         jsonb not null default '[]',
  created_at     timestamptz not null,
  changed_at     timestamptz not null,
  -- As handed in, for the n-th time.
  round          integer not null default 0,
  submitted_at   timestamptz,
  reason         text,
  cost_centre_id uuid references cost_centre,
  needed_by      date,
  ends_on        date,                            -- the last day of temporary desktops
  directories    text[] not null default '{}',    -- where the desktops would be: roles have to hold in all of them
  facts          jsonb,                           -- what the rules looked at
  rule_text      text,                            -- the rule that counted, as it was
  -- When approved rows are launched; null once they are.
  launch_at      timestamptz,
  check ((round = 0) = (submitted_at is null)),
  check (round = 0 or (owner_guid is not null and reason is not null and cost_centre_id is not null
                       and needed_by is not null and facts is not null and rule_text is not null)),
  check (round > 0 or state in ('draft', 'withdrawn')),
  check (ends_on is null or ends_on > needed_by),
  check (launch_at is null or state = 'approved')
);
create index request_owner on request (owner, submitted_at desc);
create index request_recent on request (submitted_at desc, id) where round > 0;
create index request_launch on request (launch_at) where launch_at is not null;

create table request_item (
  id               uuid primary key,
  request_id       uuid not null references request on delete cascade,
  position         bigint generated always as identity,
  person_guid      uuid not null,
  account          text not null,
  name             text not null,
  mail             text,
  department       text,
  own_offering     uuid,                          -- another one than the request's, as chosen in the draft
  state            text not null default 'asked' check (state in ('asked', 'approved', 'refused', 'set_aside')),
  note             text,                          -- why refused or set aside
  -- Pinned when it is handed in; null in a draft.
  offering_id      uuid,
  offering_version integer,
  offering_name    text,
  price            numeric check (price >= 0),    -- a month; null: not known
  currency         text check (currency ~ '^[A-Z]{3}$'),
  price_from       date,                          -- the date of its sheet
  price_example    boolean not null default false,  -- by an example sheet: not AWS's price
  launch_item      uuid unique references launch_item,
  unique (request_id, person_guid),
  check ((price is null) = (currency is null)),
  check (launch_item is null or state = 'approved'),
  check (state = 'asked' or offering_version is not null)
);
create index request_item_person on request_item (person_guid);
create index request_item_offering on request_item (offering_id) where offering_id is not null;

create table request_stage (
  request_id      uuid not null references request on delete cascade,
  position        integer not null,
  kind            jsonb not null,                 -- as the rule says it
  candidates      jsonb not null,                 -- whom Active Directory and the cost centre named for it
  state           text not null check (state in ('later', 'waiting', 'approved', 'refused')),
  deciders        jsonb,                          -- who can decide, once its turn has come
  -- The same, to find what waits for somebody: for a role, or for people by their objectGUID.
  open_to         text check (open_to in ('approvers', 'admins')),
  people          uuid[] not null default '{}',
  note            text,                           -- why it was passed on
  waiting_since   timestamptz,
  decided_by      uuid,
  decided_by_name text,
  decided_at      timestamptz,
  primary key (request_id, position),
  check ((state = 'later') = (deciders is null)),
  check ((state in ('approved', 'refused')) = (decided_by is not null)),
  check ((decided_by is null) = (decided_at is null))
);
-- One stage at a time, and nobody decides two.
create unique index request_stage_waiting on request_stage (request_id) where state = 'waiting';
create unique index request_stage_eyes on request_stage (request_id, decided_by) where decided_by is not null;
create index request_stage_open on request_stage (open_to, waiting_since) where state = 'waiting';
create index request_stage_people on request_stage using gin (people) where state = 'waiting';

-- What was said and decided, with the rule as it was. Only added to.
create table request_decision (
  id         bigint generated always as identity primary key,
  request_id uuid not null references request on delete cascade,
  at         timestamptz not null,
  by_key     text not null,
  by_name    text not null,
  by_guid    uuid,
  what       text not null check (what in ('submit', 'approve', 'refuse', 'ask_back', 'answer', 'reopen', 'withdraw', 'swap', 'set_aside', 'launch')),
  -- The version of the request that was looked at, so that the same decision sent again finds the first.
  seen       bigint,
  note       text,
  rule_text  text
);
create index request_decision_request on request_decision (request_id, id);

-- What costs belongs to what was asked for.
alter table cost_centre_entry add foreign key (request_item) references request_item on delete cascade;

grant select, insert, update, delete on request, request_item, request_stage to frontdesk_serve;
grant select, insert on request_decision to frontdesk_serve;
