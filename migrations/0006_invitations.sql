create table invitation (
  id               uuid primary key,
  item_id          uuid references launch_item,  -- the row whose first AVAILABLE queued it; null when sent by hand
  workspace_id     text not null references workspace,
  directory_id     text not null references directory,
  person_guid      uuid,
  account          text not null,
  name             text not null,
  given_name       text,
  mail             text not null,
  asked_by         text not null,
  asked_by_name    text not null,
  reason           text,
  state            text not null check (state in ('queued', 'sending', 'sent', 'unconfirmed', 'failed')),
  state_since      timestamptz not null,
  created_at       timestamptz not null,
  claim            uuid,
  lease_until      timestamptz,
  attempts         integer not null default 0,
  sent_at          timestamptz,
  message_id       text,
  error_code       text,
  error_message    text,
  -- The welcome link: only the hash of its token is stored, and a new token is made at each sending.
  token_hash       bytea unique check (octet_length(token_hash) = 32),
  token_expires_at timestamptz,
  superseded_at    timestamptz,
  first_opened_at  timestamptz,
  opened           integer not null default 0,
  check ((state = 'sending') = (claim is not null)),
  check ((item_id is null) = (reason is not null))
);
-- A launched row is invited once by itself; more needs a person and a reason.
create unique index invitation_item on invitation (item_id) where item_id is not null;
-- Never two on the way to one WorkSpace.
create unique index invitation_under_way on invitation (workspace_id) where state in ('queued', 'sending');
create index invitation_workspace on invitation (workspace_id, created_at desc);
create index invitation_person on invitation (person_guid, created_at desc) where person_guid is not null;
create index invitation_open on invitation (state, created_at) where state <> 'sent';
create index invitation_lease on invitation (lease_until) where claim is not null;

grant select, insert, update on invitation to frontdesk_serve;
