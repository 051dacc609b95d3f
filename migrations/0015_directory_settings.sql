-- More of what DescribeWorkspaceDirectories and DescribeClientProperties say of a registered directory.
alter table directory
  add column device_chrome_os   boolean not null default true,
  add column device_zero_client boolean not null default true,
  add column device_thin_client boolean not null default true,
  add column settings           jsonb not null default '{}';
