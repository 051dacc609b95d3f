-- What waits for a decision too long: those who are asked are reminded, and then somebody else is asked too.
alter table request_stage
  add column reminded_at timestamptz,
  add column escalated_at timestamptz,
  -- In whose place it was decided: that person decides no other stage.
  add column decided_for uuid,
  add check (decided_for is null or decided_by is not null);

alter table request_decision drop constraint request_decision_what_check;
alter table request_decision add constraint request_decision_what_check
  check (what in ('submit', 'approve', 'refuse', 'ask_back', 'answer', 'reopen', 'withdraw', 'swap', 'set_aside', 'launch', 'ending', 'remind',
                  'escalate'));

-- Who decides in whose place, and on which days; one at a time for everybody.
create table request_absence (
  person_guid    uuid primary key,
  person_name    text not null,
  stand_in_guid  uuid not null,
  stand_in_name  text not null,
  from_day       date not null,
  until_day      date not null,
  made_at        timestamptz not null,
  told_at        timestamptz,                      -- when the stand-in was told what waited already
  check (until_day >= from_day),
  check (stand_in_guid <> person_guid)
);
create index request_absence_stand_in on request_absence (stand_in_guid, until_day);

grant select, insert, update, delete on request_absence to frontdesk_serve;
