//! Accounts of programs: the one that Frontdesk reads with, and the one that AD Connectors are made with.

use uuid::Uuid;

use super::{BASE_DN, DOMAIN, LONG_AGO, NORMAL, SERVICE_PASSWORD, Standing, sid};

/// sAMAccountName of the account that AD Connectors join computers with, and its password.
pub const CONNECTOR_ACCOUNT: &str = "svc-adconnector";
pub const CONNECTOR_UPN: &str = "svc-adconnector@corp.example.com";
pub const CONNECTOR_PASSWORD: &str = "sandbox-connector-password";

/// A service account.
#[derive(Debug, Clone)]
pub struct Service {
    pub guid: Uuid,
    pub rid: u32,
    /// sAMAccountName.
    pub account: &'static str,
    pub password: String,
    pub about: &'static str,
    pub user_account_control: u32,
    pub account_expires: i64,
    pub lockout_time: i64,
    pub pwd_last_set: i64,
}

impl Service {
    pub fn dn(&self) -> String {
        format!("CN={},OU=Service Accounts,{BASE_DN}", self.account)
    }

    pub fn upn(&self) -> String {
        format!("{}@{DOMAIN}", self.account)
    }

    pub fn sid(&self) -> String {
        sid(self.rid)
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            user_account_control: self.user_account_control,
            account_expires: self.account_expires,
            lockout_time: self.lockout_time,
            pwd_last_set: self.pwd_last_set,
        }
    }
}

pub(super) fn services() -> Vec<Service> {
    let service = |number: u32, account, password: &str, about| Service {
        guid: Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 | u128::from(number)),
        rid: 1_050 + number,
        account,
        password: password.to_owned(),
        about,
        // The password never expires.
        user_account_control: NORMAL | 0x1_0000,
        account_expires: i64::MAX,
        lockout_time: 0,
        pwd_last_set: LONG_AGO,
    };
    vec![
        service(0, "svc-frontdesk", SERVICE_PASSWORD, "Frontdesk reads people and groups with it"),
        service(1, CONNECTOR_ACCOUNT, CONNECTOR_PASSWORD, "AD Connector reads people and joins computers with it"),
    ]
}
