-- A launch that waits because AWS's quota is used up: its unsent rows stay queued until somebody resumes it.
alter table launch
  add column paused_at      timestamptz,
  add column paused_message text,
  add check ((paused_at is null) = (paused_message is null));

grant update (paused_at, paused_message) on launch to frontdesk_serve;
