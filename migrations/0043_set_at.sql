-- When somebody set something here, so that a sweep that read AWS before then does not bring back what was there.
alter table directory add column set_at timestamptz;
alter table ip_group add column set_at timestamptz;
