-- A price sheet for the demo. Every number is made up; the column `example` has every page say so.
insert into price_sheet (id, region, currency, valid_from, note, example, kept_at, kept_by, kept_by_name)
values ('00000000-0000-7000-8000-000000000001', 'eu-central-1', 'USD', '2026-01-01', 'Made up for the demo', true, now(), 'demo', 'The demo')
on conflict (id) do nothing;

insert into price_line (sheet_id, compute, root_gib, user_gib, always_on_month, auto_stop_month, auto_stop_hour, volume_gib_month)
select '00000000-0000-7000-8000-000000000001', line.*
from (values
  ('VALUE', 80, 10, 30.00, 8.00, 0.25, 0.10),
  ('STANDARD', 80, 10, 35.00, 8.00, 0.30, 0.10),
  ('STANDARD', 80, 50, 40.00, 10.00, 0.30, 0.10),
  ('PERFORMANCE', 80, 10, 55.00, 8.00, 0.50, 0.10),
  ('PERFORMANCE', 80, 50, 60.00, 10.00, 0.50, 0.10),
  ('PERFORMANCE', 80, 100, 65.00, 12.50, 0.50, 0.10),
  ('POWER', 175, 100, 90.00, 20.00, 0.75, 0.10),
  ('POWERPRO', 175, 100, 150.00, 20.00, 1.50, 0.10),
  ('GENERALPURPOSE_4XLARGE', 175, 100, 300.00, 20.00, 3.00, 0.10),
  ('GRAPHICS_G4DN', 100, 100, 600.00, 25.00, 2.00, 0.10)
) as line (compute, root_gib, user_gib, always_on_month, auto_stop_month, auto_stop_hour, volume_gib_month)
on conflict do nothing;
