-- A row of a request that asks for more time for a desktop that is there: `extends` is the row by which the desktop came.
alter table request_item
  add column extends uuid references request_item,
  add check (extends is null or launch_item is null);
create index request_item_extends on request_item (extends) where extends is not null;

alter table request_decision drop constraint request_decision_what_check;
alter table request_decision add constraint request_decision_what_check
  check (what in ('submit', 'approve', 'refuse', 'ask_back', 'answer', 'reopen', 'withdraw', 'swap', 'set_aside', 'launch', 'ending'));
