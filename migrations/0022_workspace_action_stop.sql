-- Somebody took it back while a worker had it in hand: if AWS did not take it, it is not sent again.
alter table workspace_batch_item add column taken_back boolean not null default false;
