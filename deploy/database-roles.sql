-- The roles and the database of Frontdesk. Run it once, as a superuser, with psql; then give both logins a password
-- (\password frontdesk_owner, \password frontdesk) or another way to sign in.

-- What serve and worker may do. The migrations grant it table by table; they make the group themselves if it is not there.
do $$
begin
  create role frontdesk_serve nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;

-- The owner: `frontdesk migrate` signs in as this one (database.owner_url), nothing else does.
-- After the first migration: alter role frontdesk_owner nocreaterole;
create role frontdesk_owner login createrole;

-- serve and worker sign in as this one (database.url). It owns nothing, and can only add to the record and read it.
create role frontdesk login;

grant frontdesk_serve to frontdesk;

create database frontdesk owner frontdesk_owner;

revoke connect, temporary on database frontdesk from public;

grant connect on database frontdesk to frontdesk;
