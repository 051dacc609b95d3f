//! What keeps every mail back: the matter is with the account or the sender, not with a person.

use serde::{Deserialize, Serialize};

use crate::{Stamp, launches};

/// Why SES takes no mail of ours at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The mails of 24 hours are used up.
    DailyQuota,
    /// SES has stopped the account, or somebody has paused its sending.
    Paused,
    /// The sender's address or domain is not verified, or the configuration set is not there.
    Sender,
    /// SES does not take Frontdesk's credentials, or they may not send.
    Access,
}

impl Hold {
    /// Reads what SES refused a mail with; `None` if that is about this one mail. `from` is the sender, as a mail writes it.
    /// (SES API v2, SendEmail, "Errors"; a `MessageRejected` for want of verification names the identities that failed.)
    pub fn from_refusal(code: &str, message: &str, from: &str) -> Option<Self> {
        match code {
            "LimitExceededException" => Some(Self::DailyQuota),
            "TooManyRequestsException" | "Throttling" if is_used_up(message) => Some(Self::DailyQuota),
            "AccountSuspendedException" | "SendingPausedException" => Some(Self::Paused),
            "MailFromDomainNotVerifiedException" | "NotFoundException" => Some(Self::Sender),
            "MessageRejected" if message.contains("not verified") && message.contains(from) => Some(Self::Sender),
            _ => launches::Hold::from_code(code).filter(|hold| *hold == launches::Hold::Access).map(|_| Self::Access),
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::DailyQuota => "Invitations wait: the mails of 24 hours are used up",
            Self::Paused => "Invitations wait: SES has paused the account",
            Self::Sender => "Invitations wait: SES does not know the sender",
            Self::Access => "Invitations wait: SES refuses Frontdesk",
        }
    }

    pub fn cure(self) -> &'static str {
        match self {
            Self::DailyQuota => {
                "An account in the SES sandbox may send 200 mails in 24 hours. Ask for more in the AWS console under Amazon SES, Account dashboard."
            }
            Self::Paused => "The AWS console says why, under Amazon SES, Account dashboard and Reputation metrics.",
            Self::Sender => {
                "An administrator verifies the address or the domain of mail.from in Amazon SES, Identities, and looks whether mail.configuration_set is there."
            }
            Self::Access => {
                "Frontdesk\u{2019}s credentials are not valid, may not send mail, or its clock is wrong. An administrator finds out with \u{201c}frontdesk doctor\u{201d}."
            }
        }
    }
}

/// Whether SES's words are about the quota of 24 hours rather than the rate of a second: both have one code.
/// (SES Developer Guide, "Errors related to sending quotas": `Daily message quota exceeded`.)
pub fn is_used_up(message: &str) -> bool {
    message.contains("quota exceeded")
}

/// Mails that wait because SES takes none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub hold: Hold,
    /// What SES said, and when it was asked last.
    pub code: String,
    pub asked: Stamp,
    /// How many wait.
    pub count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "desk@corp.example.com";

    #[test]
    fn what_is_about_the_account_holds_everything() {
        let read = |code: &str, message: &str| Hold::from_refusal(code, message, FROM);
        assert_eq!(read("TooManyRequestsException", "Daily message quota exceeded."), Some(Hold::DailyQuota));
        assert_eq!(read("LimitExceededException", ""), Some(Hold::DailyQuota));
        assert_eq!(read("SendingPausedException", ""), Some(Hold::Paused));
        assert_eq!(read("AccountSuspendedException", ""), Some(Hold::Paused));
        assert_eq!(read("MailFromDomainNotVerifiedException", ""), Some(Hold::Sender));
        assert_eq!(read("NotFoundException", "Configuration set <frontdesk> does not exist."), Some(Hold::Sender));
        assert_eq!(read("AccessDeniedException", "not authorized to perform: ses:SendEmail"), Some(Hold::Access));
        let rejected = |who: &str| {
            format!("Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: {who}")
        };
        assert_eq!(read("MessageRejected", &rejected(FROM)), Some(Hold::Sender));
        assert_eq!(read("MessageRejected", &rejected("marta@corp.example.com")), None);
    }

    #[test]
    fn what_is_about_one_mail_holds_nothing() {
        for (code, message) in [
            ("TooManyRequestsException", "Maximum sending rate exceeded."),
            ("MessageRejected", "Address is on the suppression list"),
            ("BadRequestException", "Illegal address"),
            ("ResourceLimitExceeded", ""),
        ] {
            assert_eq!(Hold::from_refusal(code, message, FROM), None, "{code}");
        }
    }
}
