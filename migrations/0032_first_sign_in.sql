-- When somebody was first seen to use a WorkSpace, for those who wait for it; and when AWS was last asked.
alter table workspace
  add column signed_in_at       timestamptz,
  add column connection_read_at timestamptz;
