//! What stands around every page: the way to the content, the navigation, and who is signed in.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use model::access::Act;

use super::{Icon, IconName, Reading, live, reading, theme::ThemeSwitch};
use crate::access::{Me, Theme, api::me};

/// A place in the navigation, shown to those whose role allows the act.
struct Place {
    href: &'static str,
    label: &'static str,
    icon: IconName,
    act: Act,
}

const PLACES: [Place; 14] = [
    Place { href: "/", label: "Today", icon: IconName::Home, act: Act::SeeToday },
    Place { href: "/launches", label: "Launches", icon: IconName::Launch, act: Act::SeeDesktops },
    Place { href: "/requests", label: "Requests", icon: IconName::Request, act: Act::SeeRequests },
    Place { href: "/approvals", label: "Approvals", icon: IconName::Scales, act: Act::SeeApprovals },
    Place { href: "/people", label: "People", icon: IconName::People, act: Act::SeePeople },
    Place { href: "/workspaces", label: "WorkSpaces", icon: IconName::Desktop, act: Act::SeeDesktops },
    Place { href: "/endings", label: "Endings", icon: IconName::Clock, act: Act::SeeDesktops },
    Place { href: "/invitations", label: "Invitations", icon: IconName::Mail, act: Act::SeeDesktops },
    Place { href: "/directories", label: "Directories", icon: IconName::Directory, act: Act::SeeDesktops },
    Place { href: "/offerings", label: "Offerings", icon: IconName::Tag, act: Act::ManageOfferings },
    Place { href: "/cost-centres", label: "Cost centres", icon: IconName::Coins, act: Act::SeeCostCentres },
    Place { href: "/settings/api", label: "API", icon: IconName::Gauge, act: Act::SeeBudget },
    Place { href: "/audit", label: "Record", icon: IconName::Record, act: Act::SeeAudit },
    Place { href: "/settings/sessions", label: "Sessions", icon: IconName::Key, act: Act::EndSessions },
];

impl Place {
    /// Where it stands: who comes only to ask or to decide finds that first.
    fn rank(&self, acts: &[Act]) -> u8 {
        let staff = acts.contains(&Act::SeeDesktops);
        match self.act {
            Act::SeeRequests if !staff && acts.contains(&Act::Ask) => 0,
            Act::SeeApprovals if !staff => 1,
            _ => 2,
        }
    }

    /// Whether the address is this place, or one inside of it.
    fn leads_to(&self, address: &str) -> bool {
        match address.strip_prefix(self.href) {
            Some(rest) => rest.is_empty() || (self.href != "/" && rest.starts_with('/')),
            None => false,
        }
    }
}

/// Who is signed in, for everything inside the frame.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    me: Reading<Me>,
    /// What they may do, once it is known.
    acts: StoredValue<Vec<Act>>,
}

impl Caller {
    /// Waits until it is known what the caller may do, so that [`Allowed`] has nothing to wait for: a part of a page that
    /// comes later than the rest would be put in anew whenever the page is read again, and take the focus with it.
    pub(super) async fn known(self) {
        if let Ok(me) = self.me.answer().await {
            self.acts.set_value(me.acts);
        }
    }
}

/// Shows its children to those whose role allows the act. The server refuses the others in any case; this spares them the
/// button. Only inside of what [`super::loaded`] shows.
#[component]
pub fn Allowed(act: Act, children: Children) -> impl IntoView {
    may(act).then(children)
}

/// Whether the caller's role allows the act. Only inside of what [`super::loaded`] shows.
pub fn may(act: Act) -> bool {
    use_context::<Caller>().is_some_and(|caller| caller.acts.with_value(|acts| acts.contains(&act)))
}

/// The page's frame; the children are the routes.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    live::follow_navigation();
    let me = reading(|| (), |()| me());
    provide_context(Caller { me, acts: StoredValue::new(Vec::new()) });
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to the content"
        </a>
        <div class="frame">
            <header class="side">
                <a href="/" class="brand">
                    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                        <path d="M4 16a8 8 0 0 1 16 0z"></path>
                        <path d="M2.5 19h19M12 8V5.5M9.5 5h5"></path>
                    </svg>
                    "Frontdesk"
                </a>
                <Suspense>
                    {move || Suspend::new(async move { me.answer().await.ok().map(|me| view! { <SignedIn me /> }) })}
                </Suspense>
            </header>
            <main id="main" class="main" tabindex="-1">
                {children()}
            </main>
        </div>
    }
}

#[component]
fn SignedIn(me: Me) -> impl IntoView {
    let Me { name, acts, theme } = me;
    view! {
        <nav class="nav wide" aria-label="Main">
            <Places acts=acts.clone() />
        </nav>
        <details class="menu">
            <summary>
                <Icon name=IconName::Menu />
                "Menu"
            </summary>
            <div class="menu-body">
                <nav class="nav" aria-label="Main">
                    <Places acts />
                </nav>
                <Myself name=name.clone() theme />
            </div>
        </details>
        <div class="wide">
            <Myself name theme />
        </div>
    }
}

#[component]
fn Places(acts: Vec<Act>) -> impl IntoView {
    let here = use_location().pathname;
    let mut places: Vec<_> = PLACES.into_iter().filter(|place| acts.contains(&place.act)).collect();
    places.sort_by_key(|place| place.rank(&acts));
    let places = places
        .into_iter()
        .map(|place| {
            view! {
                <li>
                    <a href=place.href aria-current=move || here.with(|here| place.leads_to(here)).then_some("page")>
                        <Icon name=place.icon />
                        {place.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul>{places}</ul> }
}

#[component]
fn Myself(name: String, theme: Theme) -> impl IntoView {
    view! {
        <div class="myself">
            <p class="my-name">
                <span class="hidden">"Signed in as "</span>
                {name}
            </p>
            <a href="/settings/mail">"My mails"</a>
            <div class="my-actions">
                <ThemeSwitch current=theme />
                <form method="post" action="/sign-out">
                    <button type="submit" class="button quiet small">
                        <Icon name=IconName::SignOut />
                        "Sign out"
                    </button>
                </form>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_marked_on_its_own_pages() {
        let place = |label: &str| PLACES.into_iter().find(|place| place.label == label).unwrap();
        assert!(place("Today").leads_to("/") && !place("Today").leads_to("/people"));
        assert!(place("Launches").leads_to("/launches") && place("Launches").leads_to("/launches/new"));
        let first =
            |acts: &[Act]| PLACES.into_iter().filter(|place| acts.contains(&place.act)).min_by_key(|place| place.rank(acts));
        let (manager, approver) = (
            [Act::SeeToday, Act::SeeRequests, Act::SeeApprovals, Act::Ask],
            [Act::SeeToday, Act::SeeRequests, Act::SeeApprovals],
        );
        assert_eq!(first(&manager).map(|place| place.label), Some("Requests"));
        assert_eq!(first(&approver).map(|place| place.label), Some("Approvals"));
        assert_eq!(first(&Act::ALL).map(|place| place.label), Some("Today"));
        assert!(!place("People").leads_to("/peoples") && !place("API").leads_to("/settings/sessions"));
    }
}
