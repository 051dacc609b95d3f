-- A connector being set up: everything typed but the account's password, right or wrong, and then the one call of
-- ConnectDirectory that it becomes. AWS takes no token that would tell a repeated call from a new one.
create table directory_connect (
  id           uuid primary key,
  owner        text not null,                    -- the actor's subject
  owner_name   text not null,
  form         jsonb not null default '{}',      -- as typed
  errors       jsonb not null default '[]',
  preflight    jsonb,
  preflight_at timestamptz,
  -- What it came to when AWS was asked.
  dns_name     text,
  vpc          text,
  state        text not null default 'draft' check (state in ('draft', 'asking', 'unconfirmed', 'created')),
  account      text,                             -- with which the domain was read when it was last tried
  refusal      text,                             -- what AWS or the domain controller said then
  -- While AWS is asked: only the holder of the claim may write the outcome.
  claim        uuid,
  lease_until  timestamptz,
  asked_at     timestamptz,
  operation    uuid,                             -- of the record
  directory_id text references directory,
  created_at   timestamptz not null,
  changed_at   timestamptz not null,
  check ((state = 'asking') = (claim is not null)),
  check ((state = 'created') = (directory_id is not null)),
  check (state = 'draft' or (asked_at is not null and dns_name is not null and vpc is not null))
);
-- Nobody asks for a connector to a domain while another one in the same VPC is asked for.
create unique index directory_connect_live on directory_connect (dns_name, vpc) where state in ('asking', 'unconfirmed');
create unique index directory_connect_of on directory_connect (directory_id) where directory_id is not null;
create index directory_connect_owner on directory_connect (owner, changed_at desc) where state = 'draft';

-- More of what DescribeDirectories and DescribeWorkspaceDirectories say.
alter table directory
  add column organization      text,             -- Frontdesk's own: what people call it
  add column size              text,
  add column vpc_id            text,
  add column subnet_ids        text[] not null default '{}',
  add column dns_addresses     text[] not null default '{}',
  add column service_account   text,
  add column launched_at       timestamptz,
  add column stage_since       timestamptz,
  add column registration_error text;

-- What EC2 said last of VPCs, subnets and routes: one picture, read when somebody asks for it.
create table network (
  only_one boolean primary key default true check (only_one),
  picture  jsonb not null
);
alter table mirror drop constraint mirror_part_check;
alter table mirror add constraint mirror_part_check check (part in ('directories', 'bundles', 'workspaces', 'network'));
insert into mirror (part) values ('network');

grant select, insert, update, delete on directory_connect to frontdesk_serve;
grant select, insert, update on network to frontdesk_serve;
