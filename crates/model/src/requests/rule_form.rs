//! A rule as typed, and what comes of it.

use serde::{Deserialize, Serialize};

use super::{
    form::words,
    rules::{Bound, Condition, Each, Named, Outcome, Rule},
    stage::{MOST_STAGES, StageKind},
};
use crate::{CostCentreId, FieldError, OfferingId, PersonGuid, money::Money};

/// The most rules of a set.
pub const MOST_RULES: usize = 50;
/// The most people, groups or departments that one field of a rule names.
const MOST_NAMED: usize = 50;

/// A rule exactly as typed. What is empty is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub name: String,
    /// Ids.
    pub offerings: Vec<String>,
    /// `every` or `any`.
    pub offerings_each: String,
    /// `up_to` or `above`, and an amount as `100 EUR`.
    pub request_price_is: String,
    pub request_price: String,
    pub person_price_is: String,
    pub person_price: String,
    pub people_is: String,
    pub people: String,
    /// One a line, as Active Directory has them.
    pub departments: String,
    pub departments_each: String,
    /// Ids.
    pub cost_centres: Vec<String>,
    /// `yes` or `no`.
    pub fits: String,
    pub temporary: String,
    /// Accounts, one a line.
    pub requesters: String,
    /// `at_once`, `stages` or `refuse`.
    pub outcome: String,
    pub stages: Vec<StageForm>,
    pub refusal: String,
}

/// A stage as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageForm {
    /// `approver`, `managers_manager`, `owner`, `admin`, `group`, `people`, or nothing for no stage.
    pub kind: String,
    /// The group's name, or accounts with commas between.
    pub who: String,
}

/// What the names in a form stand for.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub offerings: Vec<Named<OfferingId>>,
    pub cost_centres: Vec<Named<CostCentreId>>,
    /// By account in lower case.
    pub people: Vec<(String, Named<PersonGuid>)>,
    /// By the name as typed: distinguished and common name.
    pub groups: Vec<(String, (String, String))>,
}

impl RuleForm {
    /// The accounts that it names, in lower case.
    pub fn accounts(&self) -> Vec<String> {
        let stages = self.stages.iter().filter(|stage| stage.kind == "people").flat_map(|stage| list(&stage.who));
        list(&self.requesters).chain(stages).map(|account| account.to_lowercase()).collect()
    }

    /// The groups that it names, as typed.
    pub fn groups(&self) -> Vec<String> {
        let groups = self.stages.iter().filter(|stage| stage.kind == "group").map(|stage| stage.who.trim().to_owned());
        groups.filter(|group| !group.is_empty()).collect()
    }

    /// # Errors
    /// All fields that are wrong, at once.
    pub fn parse(&self, known: &Known) -> Result<Rule, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut conditions = Vec::new();
        let parts = [
            self.offerings(known),
            bound(&self.request_price_is, &self.request_price, "request_price", money)
                .map(|bound| bound.map(Condition::RequestPrice)),
            bound(&self.person_price_is, &self.person_price, "person_price", money)
                .map(|bound| bound.map(Condition::PersonPrice)),
            bound(&self.people_is, &self.people, "people", count).map(|bound| bound.map(Condition::People)),
            self.departments(),
            self.cost_centres(known),
            Ok(yes(&self.fits).map(Condition::Fits)),
            Ok(yes(&self.temporary).map(Condition::Temporary)),
            self.requesters(known),
        ];
        for part in parts {
            match part {
                Ok(condition) => conditions.extend(condition),
                Err(error) => errors.push(error),
            }
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            errors.insert(0, wrong("name", "Give the rule a name of at most 60 characters."));
        }
        match self.outcome(known) {
            Ok(outcome) if errors.is_empty() => Ok(Rule { name: name.to_owned(), conditions, outcome }),
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(error);
                Err(errors)
            }
        }
    }

    fn offerings(&self, known: &Known) -> Result<Option<Condition>, FieldError> {
        let among = chosen(&self.offerings, &known.offerings, "offerings", "One of these offerings is not there any more.")?;
        Ok((!among.is_empty()).then(|| Condition::Offering { each: each(&self.offerings_each), among }))
    }

    fn cost_centres(&self, known: &Known) -> Result<Option<Condition>, FieldError> {
        let gone = "One of these cost centres is not there any more.";
        let among = chosen(&self.cost_centres, &known.cost_centres, "cost_centres", gone)?;
        Ok((!among.is_empty()).then_some(Condition::CostCentre { among }))
    }

    fn departments(&self) -> Result<Option<Condition>, FieldError> {
        let among: Vec<_> = self.departments.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        if among.len() > MOST_NAMED || among.iter().any(|name| name.len() > 200 || name.chars().any(char::is_control)) {
            return Err(wrong("departments", "Write at most 50 departments, one a line."));
        }
        Ok((!among.is_empty()).then(|| Condition::Department { each: each(&self.departments_each), among }))
    }

    fn requesters(&self, known: &Known) -> Result<Option<Condition>, FieldError> {
        let among = people(&self.requesters, known, "requesters")?;
        Ok((!among.is_empty()).then_some(Condition::Requester { among }))
    }

    fn outcome(&self, known: &Known) -> Result<Outcome, FieldError> {
        match self.outcome.as_str() {
            "at_once" => Ok(Outcome::AtOnce),
            "refuse" => words(&self.refusal).map(Outcome::Refuse).map_err(|message| wrong("refusal", message)),
            "stages" => {
                let typed = self.stages.iter().filter(|stage| !stage.kind.is_empty());
                let stages = typed.map(|stage| stage.parse(known)).collect::<Result<Vec<_>, _>>()?;
                match stages.len() {
                    1..=MOST_STAGES => Ok(Outcome::Stages(stages)),
                    _ => Err(wrong("stages", "Choose one to five who decide.")),
                }
            }
            _ => Err(wrong("outcome", "Say what the rule leads to.")),
        }
    }
}

impl StageForm {
    fn parse(&self, known: &Known) -> Result<StageKind, FieldError> {
        match self.kind.as_str() {
            "approver" => Ok(StageKind::Approver),
            "managers_manager" => Ok(StageKind::ManagersManager),
            "owner" => Ok(StageKind::CostCentreOwner),
            "admin" => Ok(StageKind::Admin),
            "group" => {
                let found = known.groups.iter().find(|(typed, _)| typed == self.who.trim());
                let (_, (dn, name)) = found.ok_or_else(|| {
                    wrong("stages", &format!("Active Directory has no group \u{201c}{}\u{201d}.", self.who.trim()))
                })?;
                Ok(StageKind::Group { dn: dn.clone(), name: name.clone() })
            }
            "people" => {
                let named = people(&self.who, known, "stages")?;
                if named.is_empty() {
                    Err(wrong("stages", "Say who decides: accounts, with commas between."))
                } else {
                    Ok(StageKind::People(named))
                }
            }
            _ => Err(wrong("stages", "Choose who decides from the list.")),
        }
    }
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

/// Names with commas or line breaks between.
fn list(typed: &str) -> impl Iterator<Item = &str> {
    typed.split([',', '\n', ';']).map(str::trim).filter(|name| !name.is_empty())
}

fn people(typed: &str, known: &Known, field: &str) -> Result<Vec<Named<PersonGuid>>, FieldError> {
    let mut named: Vec<Named<PersonGuid>> = Vec::new();
    for account in list(typed) {
        let found = known.people.iter().find(|(key, _)| *key == account.to_lowercase());
        let (_, person) = found
            .ok_or_else(|| wrong(field, &format!("Active Directory has nobody with the account \u{201c}{account}\u{201d}.")))?;
        if !named.contains(person) {
            named.push(person.clone());
        }
    }
    if named.len() > MOST_NAMED { Err(wrong(field, "Name at most 50 people, or take a group.")) } else { Ok(named) }
}

fn chosen<T: Clone + ToString>(ids: &[String], known: &[Named<T>], field: &str, gone: &str) -> Result<Vec<Named<T>>, FieldError> {
    let find = |id: &String| known.iter().find(|named| named.id.to_string() == *id).cloned();
    ids.iter().filter(|id| *id != "sent").map(|id| find(id).ok_or_else(|| wrong(field, gone))).collect()
}

fn each(typed: &str) -> Each {
    if typed == "any" { Each::Any } else { Each::Every }
}

fn yes(typed: &str) -> Option<bool> {
    match typed {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn bound<T>(
    is: &str,
    typed: &str,
    field: &str,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Option<Bound<T>>, FieldError> {
    let bound = match is {
        "up_to" => Bound::UpTo,
        "above" => Bound::Above,
        _ => return Ok(None),
    };
    read(typed.trim()).map(|value| Some(bound(value))).map_err(|message| wrong(field, message))
}

fn count(typed: &str) -> Result<u32, &'static str> {
    typed.parse().ok().filter(|count| *count <= 10_000).ok_or("Write a whole number, as 10.")
}

fn money(typed: &str) -> Result<Money, &'static str> {
    const WRONG: &str = "Write an amount and its currency, as 100 EUR.";
    let (amount, currency) = typed.rsplit_once(' ').ok_or(WRONG)?;
    let amount: rust_decimal::Decimal = amount.trim().parse().map_err(|_| WRONG)?;
    let currency = currency.parse().map_err(|_| WRONG)?;
    if amount.is_sign_negative() || amount.scale() > 2 { Err(WRONG) } else { Ok(Money { amount, currency }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let person = |number, name: &str| Named { id: PersonGuid(uuid::Uuid::from_u128(number)), name: name.to_owned() };
        Known {
            offerings: vec![Named { id: OfferingId(uuid::Uuid::from_u128(1)), name: "Office".into() }],
            cost_centres: vec![Named { id: CostCentreId(uuid::Uuid::from_u128(2)), name: "4711".into() }],
            people: vec![("ada".into(), person(3, "Ada")), ("ben".into(), person(4, "Ben"))],
            groups: vec![("Owners".into(), ("CN=Owners".into(), "Owners".into()))],
        }
    }

    fn form() -> RuleForm {
        let stage = |kind: &str, who: &str| StageForm { kind: kind.into(), who: who.into() };
        RuleForm {
            name: " All of it ".into(),
            offerings: vec!["sent".into(), uuid::Uuid::from_u128(1).to_string()],
            offerings_each: "any".into(),
            request_price_is: "up_to".into(),
            request_price: "99.50 eur".into(),
            person_price_is: String::new(),
            person_price: "nonsense that is not asked for".into(),
            people_is: "above".into(),
            people: "3".into(),
            departments: "Sales\n\n Legal ".into(),
            cost_centres: vec![uuid::Uuid::from_u128(2).to_string()],
            fits: "yes".into(),
            temporary: "no".into(),
            requesters: "Ada, BEN".into(),
            outcome: "stages".into(),
            stages: vec![stage("approver", ""), stage("", ""), stage("group", "Owners"), stage("people", "ada,ada")],
            ..RuleForm::default()
        }
    }

    #[test]
    fn a_full_form_becomes_a_rule() {
        let rule = form().parse(&known()).unwrap();
        assert_eq!(
            rule.text(),
            "All of it: if a desktop is Office and it costs up to 99.50 EUR a month and it is for more than 3 people and everybody works in Sales or Legal and cost centre 4711 pays and the budget has room for it and the desktops are lasting and Ada or Ben asks, it is decided by an approver, then by somebody of the group Owners, then by Ada."
        );
    }

    #[test]
    fn every_wrong_field_is_named() {
        let fields =
            |form: &RuleForm| -> Vec<String> { form.parse(&known()).unwrap_err().into_iter().map(|error| error.field).collect() };
        assert_eq!(fields(&RuleForm::default()), ["name", "outcome"]);
        let wrong = RuleForm {
            offerings: vec!["x".into()],
            request_price: "-1 EUR".into(),
            people: "many".into(),
            requesters: "nobody".into(),
            outcome: "refuse".into(),
            ..form()
        };
        assert_eq!(fields(&wrong), ["offerings", "request_price", "people", "requesters", "refusal"]);
        for stages in [vec![], vec![StageForm { kind: "approver".into(), who: String::new() }; 6]] {
            assert_eq!(fields(&RuleForm { stages, ..form() }), ["stages"]);
        }
        assert_eq!(form().accounts(), ["ada", "ben", "ada", "ada"]);
    }
}
