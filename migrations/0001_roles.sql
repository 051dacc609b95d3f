-- The group role of `frontdesk serve` and `frontdesk worker`. It owns nothing; a login role of the installation is made
-- a member of it. Two migrations may run at the same time in two databases of one cluster, so the loser of the race is content.
do $$
begin
  create role frontdesk_serve nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;
