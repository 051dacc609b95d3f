-- A cost centre as somebody typed it, while it is not right yet. The id is the cost centre's, also of one that is not made yet.
create table cost_centre_draft (
  id       uuid not null,
  owner    text not null,                         -- the actor's subject
  seen     integer not null,                      -- the version that somebody looked at; 0: of one that is not made yet
  form     jsonb not null,
  problems jsonb not null default '[]',
  kept_at  timestamptz not null,
  primary key (id, owner)
);

grant select, insert, update, delete on cost_centre_draft to frontdesk_serve;
