-- What roles are read with again where they come from the provider's token: the refresh token, sealed with a key that only the
-- session's cookie gives. Providers take such a token once, so only the holder of the claim may use it.
create table session_renewal (
  handle         uuid primary key references session (handle) on delete cascade,
  sealed         bytea not null,
  claim          uuid,
  claimed_until  timestamptz,
  check ((claim is null) = (claimed_until is null))
);

grant select, insert, update, delete on session_renewal to frontdesk_serve;
