-- The last list that was read into a draft, and what each of its lines came to. Gone with the draft.
create table launch_list (
  draft_id  uuid primary key references launch_draft on delete cascade,
  name      text not null,
  columns   jsonb not null,
  read_at   timestamptz not null
);

create table launch_list_line (
  draft_id    uuid not null references launch_list on delete cascade,
  number      integer not null,
  written     text not null,
  kind        text not null,               -- the verdict's, to filter by
  verdict     jsonb not null,
  person_guid uuid,
  name        text,
  bundle_id   text,
  tags        jsonb not null default '[]',
  primary key (draft_id, number)
);

-- Tags of single people, beside the launch's.
alter table launch_draft_person add column tags jsonb not null default '[]';
alter table launch_item add column tags jsonb not null default '[]';

grant select, insert, update, delete on launch_list, launch_list_line to frontdesk_serve;
