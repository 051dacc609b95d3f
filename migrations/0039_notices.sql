-- Notices: what people are told by mail of requests and of ends of desktops. Several that come together are one letter.
create table letter (
  id          uuid primary key,
  person_guid uuid not null,
  subject     text not null,
  state       text not null check (state in ('sending', 'sent', 'failed', 'unconfirmed')),
  at          timestamptz not null,
  lease_until timestamptz,                         -- while it is being sent; whoever sent it died if that is over
  message_id  text,
  failure     text,
  check ((state = 'sending') = (lease_until is not null))
);
create index letter_person on letter (person_guid, at desc);
create index letter_sending on letter (lease_until) where state = 'sending';

create table notice (
  id           bigint generated always as identity primary key,
  kind         text not null check (kind in ('submitted', 'to_decide', 'reminded', 'escalated', 'decided', 'asked_back', 'ready', 'ends_soon', 'held')),
  at           timestamptz not null,
  request_id   uuid not null references request on delete cascade,
  stage        integer,                            -- the stage that waited, for those who decide
  request_item uuid references request_item on delete cascade,  -- whose desktop is ready
  ending_id    uuid references ending,
  person_guid  uuid,                               -- null until it is known who decides at the stage
  not_before   timestamptz,                        -- SES took nothing, or Active Directory did not answer
  letter_id    uuid references letter on delete set null,
  check ((kind in ('to_decide', 'reminded', 'escalated')) = (stage is not null)),
  check ((kind = 'ready') = (request_item is not null)),
  check ((kind in ('ends_soon', 'held')) = (ending_id is not null)),
  check (person_guid is not null or stage is not null)
);
create index notice_waiting on notice (person_guid, id) where letter_id is null;
create index notice_letter on notice (letter_id) where letter_id is not null;
-- For what goes with its request, or forgets its letter.
create index notice_request on notice (request_id);
create index notice_item on notice (request_item) where request_item is not null;

-- What somebody wants to be told, how often, and where their days are.
create table preference (
  person_guid uuid primary key,
  deciding    text not null check (deciding in ('at_once', 'daily', 'never')),
  asking      text not null check (asking in ('at_once', 'daily', 'never')),
  ending      text not null check (ending in ('at_once', 'daily', 'never')),
  time_zone   text,
  changed_at  timestamptz not null
);

-- Whether who asked was told that the desktop is there. Nobody is told of those that were there before this version.
alter table request_item add column ready_told_at timestamptz;
update request_item i set ready_told_at = now() from launch_item l where l.id = i.launch_item and l.state = 'available';
create index request_item_untold on request_item (launch_item) where launch_item is not null and ready_told_at is null;

grant select, insert, update, delete on letter, notice, preference to frontdesk_serve;
