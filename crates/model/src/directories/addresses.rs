//! Whether there is room for more WorkSpaces: each takes one address of one of its directory's two subnets (WorkSpaces Admin Guide,
//! `amazon-workspaces-vpc`). Of which, AWS does not say, so both are counted together.

use serde::{Deserialize, Serialize};

use super::{Concern, Freshness, TroubleKind};

/// The addresses of a directory's subnets: how many are free, and how many are spoken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Those of its subnets that EC2 showed.
    pub subnets: Vec<SubnetAddresses>,
    /// People of launches, in any directory that shares one of the subnets, whose WorkSpaces are not among what EC2 counted.
    pub coming: i64,
    pub freshness: Freshness,
}

/// One subnet as EC2 showed it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetAddresses {
    pub id: String,
    /// The tag `Name`.
    pub name: Option<String>,
    pub cidr: String,
    /// The zone's name in this account, and its id, which is the same for everybody.
    pub zone: String,
    pub zone_id: String,
    pub free: i64,
}

impl Addresses {
    /// With fewer free ones left somebody should know.
    pub const FEW: i64 = 10;

    /// Free now, in all of the subnets together.
    pub fn free(&self) -> i64 {
        self.subnets.iter().map(|subnet| subnet.free).sum()
    }

    /// Free when everybody has a WorkSpace who waits for one; below zero if some will get none.
    pub fn left(&self) -> i64 {
        self.free() - self.coming
    }

    /// What somebody has to see to; nothing is said of subnets that EC2 did not show.
    pub(super) fn concern(&self) -> Option<Concern> {
        let (free, left) = (self.free(), self.left());
        let (kind, what_to_do) = match left {
            _ if self.subnets.is_empty() => return None,
            ..0 => (
                TroubleKind::NoAddresses,
                format!(
                    "{} for {} on the way: {} too few. Cancel rows that are not sent yet, launch them in another directory, or terminate WorkSpaces that nobody needs.",
                    capital(&are_free(free)),
                    people(self.coming),
                    -left
                ),
            ),
            0..Self::FEW => (
                TroubleKind::FewAddresses,
                format!(
                    "{}, and {} on the way. Launch in another directory, or terminate WorkSpaces that nobody needs.",
                    capital(&are_free(free)),
                    people(self.coming)
                ),
            ),
            _ => return None,
        };
        Some(Concern { kind, state: are_free(free), what_to_do })
    }

    /// What to know before so many more are launched; `None` if there is room for them, or if it is not known.
    pub fn warning(&self, more: i64) -> Option<String> {
        let (free, left) = (self.free(), self.left() - more);
        let read = self.freshness.read.as_ref().filter(|_| left < 0 && !self.subnets.is_empty())?;
        let before = match self.coming {
            0 => String::new(),
            coming => format!(" and {} before them in the queue", people(coming)),
        };
        Some(format!(
            "The directory\u{2019}s subnets had {} {}, and this launch has {}{before}: {} too few. AWS ends a WorkSpace without an address in ERROR. Launch fewer people, or choose another directory: a subnet can\u{2019}t be made larger.",
            had_free(free),
            read.ago,
            people(more),
            -left
        ))
    }

    /// The same of a launch that was started, whose people are among [`Addresses::coming`].
    pub fn warning_under_way(&self) -> Option<String> {
        let left = self.left();
        let read = self.freshness.read.as_ref().filter(|_| left < 0 && !self.subnets.is_empty())?;
        Some(format!(
            "The directory\u{2019}s subnets had {} {}, and {} still to get one: {} too few. AWS ends a WorkSpace without an address in ERROR. Cancel rows that are not sent yet, and launch them in another directory.",
            had_free(self.free()),
            read.ago,
            if self.coming == 1 { "1 person has".to_owned() } else { format!("{} have", people(self.coming)) },
            -left
        ))
    }

    /// How it stands, in words for those who don't see the picture.
    pub fn sentence(&self) -> String {
        let (free, left) = (self.free(), self.left());
        let together = if self.subnets.len() > 1 { " together" } else { "" };
        let now = format!("{}{together}", capital(&are_free(free)));
        match (self.coming, left) {
            (0, _) => format!("{now}, and nobody is on the way."),
            (coming, ..0) => format!("{now}, and {} on the way: {} too few.", people(coming), -left),
            (coming, _) => format!("{now}, and {} on the way: {left} will be left.", people(coming)),
        }
    }

    /// The subnet that runs out first, where the subnets differ.
    pub fn fewest(&self) -> Option<&SubnetAddresses> {
        let fewest = self.subnets.iter().min_by_key(|subnet| subnet.free)?;
        self.subnets.iter().any(|subnet| subnet.free > fewest.free).then_some(fewest)
    }
}

impl SubnetAddresses {
    pub fn title(&self) -> String {
        super::network::titled(self.name.as_deref(), &self.id)
    }
}

fn people(count: i64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

fn are_free(count: i64) -> String {
    match count {
        0 => "no address is free".to_owned(),
        1 => "1 address is free".to_owned(),
        count => format!("{count} addresses are free"),
    }
}

fn had_free(count: i64) -> String {
    if count == 1 { "1 free address".to_owned() } else { format!("{count} free addresses") }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stamp;

    fn addresses(free: &[i64], coming: i64) -> Addresses {
        let subnet = |(number, free): (usize, &i64)| SubnetAddresses {
            id: format!("subnet-0000000{number}"),
            name: None,
            cidr: "10.0.0.0/28".into(),
            zone: "eu-central-1a".into(),
            zone_id: "euc1-az2".into(),
            free: *free,
        };
        let ago = "5 minutes ago".to_owned();
        let read = Stamp { local: String::new(), ago, utc: String::new(), machine: String::new() };
        let freshness = Freshness { read: Some(read), problem: None };
        Addresses { subnets: free.iter().enumerate().map(subnet).collect(), coming, freshness }
    }

    #[test]
    fn both_subnets_count_together() {
        let room = addresses(&[20, 5], 8);
        assert_eq!((room.free(), room.left(), room.fewest().map(|subnet| subnet.free)), (25, 17, Some(5)));
        assert_eq!(room.concern(), None);
        assert_eq!(room.sentence(), "25 addresses are free together, and 8 people on the way: 17 will be left.");
        assert_eq!(addresses(&[5, 5], 0).fewest(), None);
    }

    #[test]
    fn somebody_is_told_when_few_are_left_and_when_launches_want_more() {
        let kind = |free: &[i64], coming| addresses(free, coming).concern().map(|concern| concern.kind);
        assert_eq!(kind(&[5, 5], 0), None);
        assert_eq!(kind(&[5, 4], 0), Some(TroubleKind::FewAddresses));
        assert_eq!(kind(&[20, 20], 31), Some(TroubleKind::FewAddresses));
        assert_eq!(kind(&[0, 1], 1), Some(TroubleKind::FewAddresses), "all of them fit, and nobody more");
        assert_eq!(kind(&[0, 1], 2), Some(TroubleKind::NoAddresses));
        assert_eq!(kind(&[], 2), None, "EC2 did not show the subnets");
        let concern = addresses(&[1, 0], 4).concern().unwrap();
        assert!(concern.what_to_do.starts_with("1 address is free for 4 people on the way: 3 too few."), "{concern:?}");
        assert_eq!(concern.state, "1 address is free");
    }

    #[test]
    fn a_launch_that_will_not_fit_is_warned_of_with_its_numbers() {
        assert_eq!(addresses(&[3, 3], 2).warning(4), None);
        let warning = addresses(&[3, 3], 2).warning(5).unwrap();
        for part in ["6 free addresses 5 minutes ago", "has 5 people and 2 people before them", "1 too few", "another directory"]
        {
            assert!(warning.contains(part), "{part}: {warning}");
        }
        assert!(!addresses(&[3], 0).warning(9).unwrap().contains("before them"));
        assert_eq!(addresses(&[], 0).warning(9), None);
        let unread = Addresses { freshness: Freshness { read: None, problem: None }, ..addresses(&[3], 0) };
        assert_eq!(unread.warning(9), None);
        assert_eq!(addresses(&[3], 3).warning_under_way(), None);
        assert!(addresses(&[3], 4).warning_under_way().unwrap().contains("4 people have still to get one: 1 too few"));
    }
}
