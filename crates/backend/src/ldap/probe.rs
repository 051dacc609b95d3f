//! What a check asks of Active Directory: every domain controller by itself, so that one that is down shows even while another
//! serves.

use ldap3::{Scope, controls::PagedResults};
use url::Url;

use super::{Domain, LdapFault, connection, filter, next_cookie};

/// One domain controller and what came of asking it.
#[derive(Debug)]
pub struct Controller {
    pub url: Url,
    pub outcome: Result<Reading, LdapFault>,
}

/// What the reading account saw there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// People in pages, as searches need them.
    Pages,
    /// The first page holds everybody: fewer than two people.
    FewerThanTwo,
    /// The base of searches is not there, or the account may not read it.
    NoBase,
}

impl Domain {
    /// Where people are searched.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Connects to each domain controller, binds, and reads people in pages.
    pub async fn probe(&self) -> Vec<Controller> {
        let mut controllers = Vec::new();
        for (url, connected) in self.pool.each_controller().await {
            let outcome = match connected {
                Ok(mut handle) => self.read_pages(&mut handle).await,
                Err(fault) => Err(fault),
            };
            controllers.push(Controller { url, outcome });
        }
        controllers
    }

    /// Two pages of one person each: the second needs the first one's cookie.
    async fn read_pages(&self, handle: &mut connection::Handle) -> Result<Reading, LdapFault> {
        let all = filter::people(&model::people::Search::All);
        let mut cookie = Vec::new();
        for _ in 0..2 {
            let paging = PagedResults { size: 1, cookie };
            let answer = handle.controls(paging).search(&self.base, Scope::Subtree, &all, &["1.1"]).await;
            let answer = answer.map_err(|fault| self.pool.meaning(fault))?;
            match answer.1.rc {
                0 | 4 => {}
                32 => return Ok(Reading::NoBase),
                code => return Err(LdapFault::Refused(format!("search: {code} {}", answer.1.text))),
            }
            cookie = next_cookie(&answer.1.ctrls);
            if cookie.is_empty() {
                return Ok(Reading::FewerThanTwo);
            }
        }
        Ok(Reading::Pages)
    }
}
