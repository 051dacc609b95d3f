//! The words of Frontdesk's domain: identifiers, states, field rules and who may do what.
//!
//! Everything here is pure: no clock, no network, no database. The browser and the server compile the same code, so a
//! rule that both need (is this person eligible, is this a valid AutoStop time-out) is written once, here.
//! One module a noun; the same noun has a room in `backend` (use cases), `app` (pages) and the database (tables).

pub mod access;
pub mod audit;
pub mod budget;
pub mod cost_centres;
pub mod directories;
pub mod dn;
pub mod endings;
mod error;
mod id;
pub mod invitations;
pub mod launches;
pub mod money;
pub mod notices;
pub mod offerings;
mod page;
pub mod people;
pub mod requests;
mod stamp;
pub mod workspaces;

pub use error::{Conflict, Error, FieldError, Part, Result};
pub use id::{
    BatchId, BundleId, ConnectId, CostCentreId, DirectoryId, DnsChangeId, DraftId, EndingId, InvitationId, IpGroupId, ItemId,
    LaunchId, OfferingId, ParseIdError, PersonGuid, PriceSheetId, RequestId, RequestItemId, RuleId, RuleSetId, SubnetId, VpcId,
    WorkspaceId,
};
pub use page::{Page, PageRequest};
pub use stamp::Stamp;
