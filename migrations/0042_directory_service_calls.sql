-- Directory Service and Service Quotas keep to a rate of their own, and their calls are counted too.
insert into api_budget (service, next_at) values ('ds', 'epoch'), ('servicequotas', 'epoch');
alter table api_call drop constraint api_call_service_check;
alter table api_call add constraint api_call_service_check check (service in ('workspaces', 'ses', 'ec2', 'ds', 'servicequotas'));
