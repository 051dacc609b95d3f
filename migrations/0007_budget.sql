-- The rate limits that all replicas share: one row a service, taken by one UPDATE (GCRA). The row holds the theoretical
-- arrival time of the next call; the database's clock is the only one that counts.
create table api_budget (
  service text primary key,
  next_at timestamptz not null
);
insert into api_budget (service, next_at) values ('workspaces', 'epoch'), ('ses', 'epoch');

grant select, update on api_budget to frontdesk_serve;
