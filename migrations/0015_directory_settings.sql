-- More of what DescribeWorkspaceDirectories and DescribeClientProperties say of a registered directory.
alter table directory
  add column device_chrome_os   boolean not null default true,
  add column device_zero_client boolean not null default true,
  add column device_thin_client boolean not null default true,
  add column settings           jsonb not null default '{}',
  -- Since when it is registered and has no WorkSpace: after 30 days so AWS deregisters it by itself.
  add column empty_since        timestamptz;

-- IP access control groups, as DescribeIpGroups tells them.
create table ip_group (
  group_id    text primary key,
  name        text not null,
  description text not null,
  rules       jsonb not null,
  seen_at     timestamptz not null
);
grant select, insert, update, delete on ip_group to frontdesk_serve;
