-- Who is signed in. Identity only: roles are read from Active Directory or the provider and never stored.
create table session (
  id_hash       bytea primary key check (octet_length(id_hash) = 32),  -- SHA-256 of the cookie's value
  handle        uuid not null unique,                                   -- names the session in pages and in the record
  subject       text not null,
  name          text not null,
  account       text,
  domain        text,                                                   -- the AD domain of the person's entry
  person_guid   uuid,
  created_at    timestamptz not null,
  last_seen_at  timestamptz not null,
  expires_at    timestamptz not null,
  ended_at      timestamptz,
  ended_by      text
);
create index session_open on session (last_seen_at desc) where ended_at is null;

grant select, insert, update, delete on session to frontdesk_serve;
