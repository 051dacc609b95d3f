-- The record. `serve` may add and read, nothing else.
create table audit (
  id           bigint generated always as identity primary key,
  at           timestamptz not null,
  operation    uuid not null,                    -- ties the finished row to the attempted one
  phase        text not null check (phase in ('attempted', 'finished')),
  action       text not null,
  outcome      text check (outcome in ('succeeded', 'failed', 'unknown')),
  actor        text not null,                    -- subject of a person, or 'system' or 'invitee'
  actor_name   text not null,
  on_behalf_of text,
  object_kind  text not null,                    -- session, launch, item, workspace, invitation, person, page
  object_id    text not null,
  object_name  text not null,
  person_guid  uuid,                             -- the person it was done to, if one
  detail       text,
  request_id   text,
  check ((phase = 'finished') = (outcome is not null))
);
create index audit_recent on audit (at desc, id desc);
create index audit_action on audit (action, at desc);
create index audit_object on audit (object_kind, object_id);
create index audit_person on audit (person_guid, at desc) where person_guid is not null;

grant select, insert on audit to frontdesk_serve;
