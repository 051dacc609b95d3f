//! What a cost centre's desktops cost a month, and what may still be added: the cap is on the monthly run-rate.
//!
//! An item is reserved when it is asked for, committed when it is approved, freed when it is refused or its desktop ends. One that
//! fits when it is reserved is covered: the cap has room kept for it until it is committed or freed. One that does not fit is kept
//! beyond the cap; nobody else waits for it, and it is committed only if there is room by then, or if somebody who may allows it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// Where an item stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    Reserved,
    Committed,
    Freed,
}

impl EntryState {
    pub const ALL: [Self; 3] = [Self::Reserved, Self::Committed, Self::Freed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Committed => "committed",
            Self::Freed => "freed",
        }
    }

    pub fn from_db(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// One item of a request, as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub amount: Money,
    pub state: EntryState,
    /// The cap had room for it when it was reserved, or when it was committed.
    pub covered: bool,
}

/// Whether an amount fits under the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// What is left with it; `None` without a cap.
    Yes { left: Option<Money> },
    /// By how much it goes beyond the cap.
    Over { by: Money },
    /// It is in another currency than the cost centre's, so nobody can tell.
    OtherCurrency { needs: Currency },
}

impl Fit {
    pub fn is_yes(self) -> bool {
        matches!(self, Self::Yes { .. })
    }
}

/// The sums of a cost centre's entries, all in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// `None`: no cap.
    pub cap: Option<Money>,
    pub committed: Money,
    /// What of the committed the cap had no room for, so that somebody allowed it.
    pub allowed: Money,
    /// Covered, and not decided yet.
    pub reserved: Money,
    /// Asked for beyond the cap, and not decided yet.
    pub beyond: Money,
    /// Live entries in another currency, which no sum holds.
    pub uncounted: i64,
}

impl Standing {
    pub fn empty(cap: Option<Money>, currency: Currency) -> Self {
        let none = Money::zero(currency);
        Self { cap, committed: none, allowed: none, reserved: none, beyond: none, uncounted: 0 }
    }

    pub fn currency(&self) -> Currency {
        self.committed.currency
    }

    /// What may still be added; below zero where more was allowed, or where the cap was lowered. `None` without a cap.
    pub fn left(&self) -> Option<Money> {
        self.left_of(Decimal::ZERO)
    }

    /// The same, with so much of what is taken left out of the count.
    fn left_of(&self, spared: Decimal) -> Option<Money> {
        let taken = self.committed.amount.saturating_add(self.reserved.amount).saturating_sub(spared);
        self.cap.map(|cap| Money { amount: cap.amount.saturating_sub(taken), ..cap })
    }

    /// Whether the amount fits beside all that is committed and reserved.
    pub fn would_fit(&self, amount: Money) -> Fit {
        self.fits(amount, Decimal::ZERO)
    }

    fn fits(&self, amount: Money, spared: Decimal) -> Fit {
        if amount.currency != self.currency() {
            return Fit::OtherCurrency { needs: self.currency() };
        }
        let Some(left) = self.left_of(spared) else { return Fit::Yes { left: None } };
        let after = left.amount.saturating_sub(amount.amount);
        if after < Decimal::ZERO {
            Fit::Over { by: Money { amount: -after, ..left } }
        } else {
            Fit::Yes { left: Some(Money { amount: after, ..left }) }
        }
    }

    /// The entry that reserves the amount, and whether it fits. `before` is what the item had; one that becomes no dearer keeps its
    /// room. `self` is how it stands without the item.
    pub fn reserve(&self, amount: Money, before: Option<Entry>) -> (Entry, Fit) {
        let kept = before.is_some_and(|entry| {
            entry.covered
                && entry.state == EntryState::Reserved
                && entry.amount.currency == amount.currency
                && entry.amount.amount >= amount.amount
        });
        let fit = self.fits(amount, if kept { self.allowed.amount } else { Decimal::ZERO });
        (Entry { amount, state: EntryState::Reserved, covered: fit.is_yes() }, fit)
    }

    /// What becomes of a reserved entry that is approved, and whether it fits: `None` if the cap has no room for it and nobody
    /// allowed more. `self` is how it stands without it. Room that is kept for an entry is its own, whatever was allowed to others
    /// meanwhile; it is lost only where the cap was lowered.
    pub fn commit(&self, entry: Entry, allowed_over: bool) -> (Option<Entry>, Fit) {
        let fit = self.fits(entry.amount, if entry.covered { self.allowed.amount } else { Decimal::ZERO });
        let covered = fit.is_yes();
        let after = (covered || allowed_over).then_some(Entry { state: EntryState::Committed, covered, ..entry });
        (after, fit)
    }

    /// As it stands with the entry added. `None` if the sum is too large for a decimal of 28 digits.
    #[must_use]
    pub fn with(self, entry: Entry) -> Option<Self> {
        if entry.state == EntryState::Freed {
            return Some(self);
        }
        if entry.amount.currency != self.currency() {
            return Some(Self { uncounted: self.uncounted + 1, ..self });
        }
        let mut after = self;
        match (entry.state, entry.covered) {
            (EntryState::Committed, covered) => {
                after.committed = after.committed.plus(entry.amount)?;
                if !covered {
                    after.allowed = after.allowed.plus(entry.amount)?;
                }
            }
            (_, true) => after.reserved = after.reserved.plus(entry.amount)?,
            (_, false) => after.beyond = after.beyond.plus(entry.amount)?,
        }
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn euros(amount: i64) -> Money {
        Money { amount: Decimal::new(amount, 2), currency: "EUR".parse().unwrap() }
    }

    /// All entries by their items, as the database holds them.
    #[derive(Default)]
    struct Book {
        cap: Option<Money>,
        entries: BTreeMap<u8, Entry>,
    }

    impl Book {
        fn without(&self, item: Option<u8>) -> Standing {
            let live = self.entries.iter().filter(|(other, _)| Some(**other) != item);
            live.fold(Standing::empty(self.cap, euros(0).currency), |sum, (_, entry)| sum.with(*entry).unwrap())
        }

        fn reserve(&mut self, item: u8, amount: Money) -> Fit {
            let (entry, fit) = self.without(Some(item)).reserve(amount, self.entries.get(&item).copied());
            self.entries.insert(item, entry);
            fit
        }

        fn commit(&mut self, item: u8, allowed_over: bool) -> Option<Fit> {
            let entry = *self.entries.get(&item).filter(|entry| entry.state == EntryState::Reserved)?;
            let (after, fit) = self.without(Some(item)).commit(entry, allowed_over);
            self.entries.insert(item, after.unwrap_or(entry));
            Some(fit)
        }

        fn free(&mut self, item: u8) {
            if let Some(entry) = self.entries.get_mut(&item) {
                entry.state = EntryState::Freed;
            }
        }
    }

    #[test]
    fn what_fits_has_its_room_kept() {
        let mut book = Book { cap: Some(euros(100)), ..Book::default() };
        assert_eq!(book.reserve(1, euros(60)), Fit::Yes { left: Some(euros(40)) });
        assert_eq!(book.reserve(2, euros(60)), Fit::Over { by: euros(20) });
        assert_eq!(book.reserve(3, euros(40)), Fit::Yes { left: Some(euros(0)) }, "what goes beyond keeps nobody waiting");
        assert_eq!(book.commit(2, false), Some(Fit::Over { by: euros(60) }));
        assert_eq!(book.commit(2, true), Some(Fit::Over { by: euros(60) }));
        assert_eq!(
            book.commit(1, false),
            Some(Fit::Yes { left: Some(euros(0)) }),
            "its room is kept, whatever was allowed beyond"
        );
        let standing = book.without(None);
        assert_eq!((standing.committed, standing.allowed, standing.reserved), (euros(120), euros(60), euros(40)));
        assert_eq!(standing.left(), Some(euros(-60)));
        assert_eq!(standing.would_fit(euros(1)), Fit::Over { by: euros(61) });
        book.free(1);
        book.free(2);
        assert_eq!(book.without(None).left(), Some(euros(60)));
    }

    #[test]
    fn what_becomes_no_dearer_keeps_its_room() {
        let mut book = Book { cap: Some(euros(100)), ..Book::default() };
        book.reserve(1, euros(60));
        book.reserve(2, euros(60));
        book.commit(2, true);
        assert_eq!(book.reserve(1, euros(60)), Fit::Yes { left: Some(euros(40)) }, "asked twice");
        assert_eq!(book.reserve(1, euros(50)), Fit::Yes { left: Some(euros(50)) });
        assert_eq!(book.reserve(1, euros(51)), Fit::Over { by: euros(11) });
    }

    #[test]
    fn a_lowered_cap_takes_kept_room_away() {
        let mut book = Book { cap: Some(euros(100)), ..Book::default() };
        book.reserve(1, euros(80));
        book.cap = Some(euros(50));
        assert_eq!(book.commit(1, false), Some(Fit::Over { by: euros(30) }));
        assert_eq!(book.entries[&1].state, EntryState::Reserved);
    }

    #[test]
    fn without_a_cap_all_fits_and_currencies_are_never_mixed() {
        let mut book = Book::default();
        assert_eq!(book.reserve(1, euros(1_000_000)), Fit::Yes { left: None });
        let dollars = Money { currency: "USD".parse().unwrap(), ..euros(1) };
        assert_eq!(book.reserve(2, dollars), Fit::OtherCurrency { needs: euros(0).currency });
        assert_eq!(book.commit(2, false), Some(Fit::OtherCurrency { needs: euros(0).currency }));
        let standing = book.without(None);
        assert_eq!((standing.reserved, standing.uncounted), (euros(1_000_000), 1));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Reserve(u8, i64),
        Commit(u8),
        Allow(u8),
        Free(u8),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..8_u8, 0..90_i64).prop_map(|(item, amount)| Step::Reserve(item, amount)),
            (0..8_u8).prop_map(Step::Commit),
            (0..8_u8).prop_map(Step::Allow),
            (0..8_u8).prop_map(Step::Free),
        ]
    }

    proptest! {
        /// Whatever is asked for, approved and freed: no cent comes or goes, and only what was allowed goes beyond the cap.
        #[test]
        fn money_is_conserved_and_the_cap_holds(steps in proptest::collection::vec(step(), 0..60), cap in 0..200_i64) {
            let mut book = Book { cap: Some(euros(cap)), ..Book::default() };
            for step in steps {
                match step {
                    // An item that is committed is not reserved anew.
                    Step::Reserve(item, amount) => {
                        if book.entries.get(&item).is_none_or(|entry| entry.state != EntryState::Committed) {
                            book.reserve(item, euros(amount));
                        }
                    }
                    Step::Commit(item) => drop(book.commit(item, false)),
                    Step::Allow(item) => drop(book.commit(item, true)),
                    Step::Free(item) => book.free(item),
                }
                let standing = book.without(None);
                let live = book.entries.values().filter(|entry| entry.state != EntryState::Freed);
                let all: Decimal = live.map(|entry| entry.amount.amount).sum();
                let known = standing.committed.amount + standing.reserved.amount + standing.beyond.amount;
                prop_assert_eq!(all, known);
                prop_assert_eq!(standing.left().unwrap().amount + standing.committed.amount + standing.reserved.amount, euros(cap).amount);
                prop_assert!(standing.committed.amount + standing.reserved.amount - standing.allowed.amount <= euros(cap).amount);
            }
        }
    }
}
