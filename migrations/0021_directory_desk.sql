-- How Frontdesk itself works for a directory: whom its people call and in which language, which domain it looks into, and who
-- may work there beside those that the configuration names. What is null is as the configuration has it.
alter table directory
  add column desk_phone      text,
  add column desk_mail       text,
  add column desk_hours      text,
  add column language        text not null default 'en' check (language in ('en', 'de')),
  add column time_zone       text,
  add column ad_domain       text,
  add column scope_ou        text,
  add column helpdesk_groups text[] not null default '{}',
  add column auditor_groups  text[] not null default '{}';
