-- A list of cost centres as somebody sent it, while it is not right yet: one for each person.
create table cost_centre_list (
  owner    text primary key,                      -- the actor's subject
  text     text not null,
  problems jsonb not null default '[]',
  kept_at  timestamptz not null
);

grant select, insert, update, delete on cost_centre_list to frontdesk_serve;
