-- Volumes and their encryption, which are chosen when a WorkSpace is made. Sizes in GiB; what is null is the bundle's. A key that is
-- null is AWS's own.
alter table launch_draft
  add column root_gib       text    not null default '',
  add column user_gib       text    not null default '',
  add column encrypt_root   boolean not null default false,
  add column encrypt_user   boolean not null default false,
  add column encryption_key text    not null default '';

alter table launch
  add column root_gib       integer check (root_gib > 0),
  add column user_gib       integer check (user_gib > 0),
  add column encrypt_root   boolean not null default false,
  add column encrypt_user   boolean not null default false,
  add column encryption_key text,
  add check (encryption_key is null or encrypt_root or encrypt_user);
