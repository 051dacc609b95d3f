-- Finds the outcome of an attempt, and with it the attempts that have none.
create index audit_operation on audit (operation) where phase = 'finished';

-- Counts who is on the way to an address of a directory, every minute.
create index launch_item_coming on launch_item (directory_id, state, accepted_at);
