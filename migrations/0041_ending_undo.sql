-- The hold of a temporary desktop is undone for some days: it is open again until a new last day, and then held again.
alter table ending
  add column undone_on date;                       -- the day on which its hold was last undone
alter table ending drop constraint ending_opens_to_check;
alter table ending add constraint ending_opens_to_check check (opens_to in ('extended', 'kept', 'back', 'noticed'));
-- Of a temporary one, which alone has a last day: it is never open again without one.
alter table ending add constraint ending_undone_check
  check ((undone_on is null and opens_to is distinct from 'noticed') or (undone_on is not null and ends_on is not null and ends_on >= undone_on + 7));
