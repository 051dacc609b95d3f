-- What AWS said when a launch was paused: its quota, or that it refuses Frontdesk itself.
alter table launch
  add column paused_code text,
  add check (paused_code is null or paused_at is not null);

grant update (paused_code) on launch to frontdesk_serve;
