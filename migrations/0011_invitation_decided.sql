-- Somebody's word on a mail of which it was not known whether it was sent: who found out or sent it again, and why.
alter table invitation
  add column decided_as      text check (decided_as in ('was_sent', 'sent_again')),
  add column decided_by      text,
  add column decided_by_name text,
  add column decided_reason  text,
  add column decided_at      timestamptz,
  add check (num_nulls(decided_as, decided_by, decided_by_name, decided_reason, decided_at) in (0, 5));
