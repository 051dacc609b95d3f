-- What the role of `serve` needs of tables that are not made by our migrations.

-- Which migrations there are, so that it can tell whether the schema is the one it needs.
grant select on public._sqlx_migrations to frontdesk_serve;

-- The job queue's tables belong to the owner and have row-level security, so the role of `serve` needs grants and a policy.
grant usage on schema graphile_worker to frontdesk_serve;
grant select, insert, update, delete on all tables in schema graphile_worker to frontdesk_serve;
grant usage, select on all sequences in schema graphile_worker to frontdesk_serve;
grant execute on all functions in schema graphile_worker to frontdesk_serve;

do $$
declare
  guarded text;
begin
  for guarded in
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'graphile_worker' and c.relkind = 'r' and c.relrowsecurity
      and not exists (select from pg_policies p where p.schemaname = 'graphile_worker' and p.tablename = c.relname and p.policyname = 'frontdesk_serve')
  loop
    execute format('create policy frontdesk_serve on graphile_worker.%I to frontdesk_serve using (true) with check (true)', guarded);
  end loop;
end
$$;
