//! What is called at AWS, and the rate that each of its services takes.

use std::time::Duration;

use model::budget::Class;

/// How many calls of WorkSpaces may be made at once after a pause.
pub(super) const BURST: u32 = 4;
/// How late a sleeper may be woken, all in all.
const LATE: Duration = Duration::from_millis(50);

/// Whose rate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Service {
    /// All operations of WorkSpaces: about 2 calls a second with a burst of 5 for each account and Region (WorkSpaces
    /// Admin Guide, "I receive ThrottlingException errors"). The burst is kept one below, against jitter on the way.
    WorkSpaces,
    /// SendEmail at the account's MaxSendRate.
    Ses { per_second: f64 },
    /// Reading EC2's network: AWS lets an account do that 20 times a second and more (EC2 API Reference, "Request throttling"); a
    /// fourth of it is plenty.
    Ec2,
    /// Directory Service. AWS publishes no rate for it, so this one is chosen: that of WorkSpaces, the slowest that AWS does
    /// publish. Nobody waits for it, because a listing tells of all connectors at once.
    Ds,
    /// Service Quotas. AWS publishes no rate for it either; it is asked for one figure when somebody checks, and is given the
    /// slowest rate of all.
    Quotas,
}

impl Service {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::WorkSpaces => "workspaces",
            Self::Ses { .. } => "ses",
            Self::Ec2 => "ec2",
            Self::Ds => "ds",
            Self::Quotas => "servicequotas",
        }
    }

    /// Time between two calls at the steady rate.
    pub(super) fn interval(self) -> Duration {
        match self {
            Self::WorkSpaces | Self::Ds => Duration::from_millis(500),
            Self::Ses { per_second } => Duration::from_secs_f64(1.0 / per_second.clamp(0.01, 1_000.0)),
            Self::Ec2 => Duration::from_millis(200),
            Self::Quotas => Duration::from_secs(1),
        }
    }

    /// How far ahead of the steady rate a class may call.
    pub(super) fn ahead(self, class: Class) -> Duration {
        match self {
            // Each class leaves one call of the burst to each class before it.
            Self::WorkSpaces => {
                let left = match class {
                    Class::Person => 0,
                    Class::Launch => 1,
                    Class::Poll => 2,
                    Class::Sweep => 3,
                };
                self.interval() * (BURST - 1 - left)
            }
            // No burst; but who was woken late makes up for it with the next mail.
            Self::Ses { .. } => self.interval().min(LATE),
            // The three listings of one reading, and a second one for somebody who waits.
            Self::Ec2 => self.interval() * if class == Class::Person { 5 } else { 2 },
            // One at once, and three more for somebody who waits.
            Self::Ds => self.interval() * if class == Class::Person { 3 } else { 0 },
            Self::Quotas => self.interval() * u32::from(class == Class::Person),
        }
    }

    pub(super) fn per_second(self) -> f64 {
        1.0 / self.interval().as_secs_f64()
    }
}

/// Those whose rate Frontdesk has chosen, as people call them.
pub(super) const CHOSEN: [(&str, Service); 3] =
    [("EC2", Service::Ec2), ("Directory Service", Service::Ds), ("Service Quotas", Service::Quotas)];

/// An operation that takes slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateWorkspaces,
    DescribeWorkspaces,
    DescribeWorkspacesConnectionStatus,
    DescribeTags,
    DescribeWorkspaceDirectories,
    DescribeWorkspaceBundles,
    DescribeClientProperties,
    RegisterWorkspaceDirectory,
    DeregisterWorkspaceDirectory,
    ModifyWorkspaceAccessProperties,
    ModifyWorkspaceCreationProperties,
    ModifySelfservicePermissions,
    ModifyClientProperties,
    DescribeIpGroups,
    CreateIpGroup,
    UpdateRulesOfIpGroup,
    DeleteIpGroup,
    AssociateIpGroups,
    DisassociateIpGroups,
    StartWorkspaces,
    StopWorkspaces,
    RebootWorkspaces,
    ModifyWorkspaceState,
    TerminateWorkspaces,
    SendEmail,
    DescribeVpcs,
    DescribeSubnets,
    DescribeRouteTables,
    DescribeDirectories,
    ConnectDirectory,
    DeleteDirectory,
    GetDirectoryLimits,
    GetServiceQuota,
}

impl Operation {
    /// As AWS calls it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::CreateWorkspaces => "CreateWorkspaces",
            Self::DescribeWorkspaces => "DescribeWorkspaces",
            Self::DescribeWorkspacesConnectionStatus => "DescribeWorkspacesConnectionStatus",
            Self::DescribeTags => "DescribeTags",
            Self::DescribeWorkspaceDirectories => "DescribeWorkspaceDirectories",
            Self::DescribeWorkspaceBundles => "DescribeWorkspaceBundles",
            Self::DescribeClientProperties => "DescribeClientProperties",
            Self::RegisterWorkspaceDirectory => "RegisterWorkspaceDirectory",
            Self::DeregisterWorkspaceDirectory => "DeregisterWorkspaceDirectory",
            Self::ModifyWorkspaceAccessProperties => "ModifyWorkspaceAccessProperties",
            Self::ModifyWorkspaceCreationProperties => "ModifyWorkspaceCreationProperties",
            Self::ModifySelfservicePermissions => "ModifySelfservicePermissions",
            Self::ModifyClientProperties => "ModifyClientProperties",
            Self::DescribeIpGroups => "DescribeIpGroups",
            Self::CreateIpGroup => "CreateIpGroup",
            Self::UpdateRulesOfIpGroup => "UpdateRulesOfIpGroup",
            Self::DeleteIpGroup => "DeleteIpGroup",
            Self::AssociateIpGroups => "AssociateIpGroups",
            Self::DisassociateIpGroups => "DisassociateIpGroups",
            Self::StartWorkspaces => "StartWorkspaces",
            Self::StopWorkspaces => "StopWorkspaces",
            Self::RebootWorkspaces => "RebootWorkspaces",
            Self::ModifyWorkspaceState => "ModifyWorkspaceState",
            Self::TerminateWorkspaces => "TerminateWorkspaces",
            Self::SendEmail => "SendEmail",
            Self::DescribeVpcs => "DescribeVpcs",
            Self::DescribeSubnets => "DescribeSubnets",
            Self::DescribeRouteTables => "DescribeRouteTables",
            Self::DescribeDirectories => "DescribeDirectories",
            Self::ConnectDirectory => "ConnectDirectory",
            Self::DeleteDirectory => "DeleteDirectory",
            Self::GetDirectoryLimits => "GetDirectoryLimits",
            Self::GetServiceQuota => "GetServiceQuota",
        }
    }

    /// Whose rate it goes by. A mail goes by what SES grants the account; here stands what SES grants every one.
    pub(super) fn service(self) -> Service {
        match self {
            Self::SendEmail => Service::Ses { per_second: 1.0 },
            Self::DescribeVpcs | Self::DescribeSubnets | Self::DescribeRouteTables => Service::Ec2,
            Self::DescribeDirectories | Self::ConnectDirectory | Self::DeleteDirectory | Self::GetDirectoryLimits => Service::Ds,
            Self::GetServiceQuota => Service::Quotas,
            _ => Service::WorkSpaces,
        }
    }
}
