//! `/welcome/{token}`: plain HTML for somebody who comes once, on a phone or a new laptop, unsure. No wasm, no cookies, no
//! sign-in; the one script copies the code and is not needed.

use leptos::prelude::*;
use model::{
    directories::Language,
    invitations::{CLIENT_DOWNLOADS, ClientSystem, Contact, LinkProblem, Readiness, WEB_CLIENT, Welcome, client_link},
};

use super::words::Words;

/// Styles of these pages only: they load nothing else.
const STYLE: &str = include_str!("welcome.css");
/// Shows the copy button and makes it work.
const SCRIPT: &str = include_str!("welcome.js");

/// What these pages may load: their own style and script, nothing else.
pub fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// A whole page. It asks again by itself after `refresh` seconds.
fn document(title: &str, language: Language, refresh: Option<u32>, nonce: &str, body: impl IntoView + 'static) -> String {
    let refresh = refresh.map(|seconds| view! { <meta http-equiv="refresh" content=seconds.to_string() /> });
    let (title, nonce) = (title.to_owned(), nonce.to_owned());
    let page = view! {
        <html lang=language.as_str()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="robots" content="noindex, nofollow" />
                <meta name="referrer" content="no-referrer" />
                <meta name="color-scheme" content="light dark" />
                {refresh}
                <link rel="icon" href="data:," />
                <title>{title}</title>
                <style nonce=nonce.clone() inner_html=STYLE></style>
            </head>
            <body>
                <main>{body}</main>
                <script nonce=nonce inner_html=SCRIPT></script>
            </body>
        </html>
    };
    format!("<!doctype html>{}", page.to_html())
}

/// The way in, or how far it is.
pub fn welcome_page(welcome: &Welcome, system: ClientSystem, nonce: &str) -> String {
    let (name, words) = (welcome.name.clone(), Words::of(welcome.language));
    let told = |lead: &'static str| {
        let name = name.clone();
        view! {
            <h1>{words.hello} <bdi>{name}</bdi></h1>
            <p class="lead">{lead}</p>
        }
        .into_any()
    };
    let body = match (welcome.readiness, &welcome.registration_code) {
        (Readiness::Ready, Some(code)) => ready(welcome, code, system).into_any(),
        (Readiness::Ready | Readiness::Preparing, _) => told(words.preparing),
        (Readiness::Gone, _) => told(words.gone),
        (Readiness::Trouble, _) => told(words.trouble),
    };
    let waiting = matches!((welcome.readiness, &welcome.registration_code), (Readiness::Preparing, _) | (Readiness::Ready, None));
    let contact = contact(&welcome.contact, words);
    document(words.title, welcome.language, waiting.then_some(30), nonce, view! { {body} {contact} })
}

fn ready(welcome: &Welcome, code: &str, system: ClientSystem) -> impl IntoView + use<> {
    let (allowed, words) = (system.allowed(welcome.devices), Words::of(welcome.language));
    let open = client_link(&welcome.account, code).filter(|_| allowed && system.opens_client_links());
    let others = [ClientSystem::Windows, ClientSystem::MacOs, ClientSystem::Linux, ClientSystem::Ios, ClientSystem::Android]
        .into_iter()
        .filter(|other| *other != system && other.allowed(welcome.devices))
        .map(ClientSystem::label)
        .collect::<Vec<_>>()
        .join(", ");
    let client = if allowed {
        view! { <a class="button" href=CLIENT_DOWNLOADS rel="noopener noreferrer">{words.about(words.client_for, system)}</a> }
            .into_any()
    } else {
        view! { <p>{words.about(words.not_allowed, system)}</p> }.into_any()
    };
    let web = welcome
        .web
        .then(|| view! { <p>{words.without_client} <a href=WEB_CLIENT rel="noopener noreferrer">{words.in_browser}</a> "."</p> });
    let open = open.map(|link| view! { <p><a class="button quiet" href=link>{words.open_filled}</a></p> });
    let (name, account, code) = (welcome.name.clone(), welcome.account.clone(), code.to_owned());
    view! {
        <h1>{words.welcome} <bdi>{name}</bdi></h1>
        <p class="lead">{words.ready}</p>
        <ol>
            <li>
                <h2>{words.get_client}</h2>
                {client}
                <details>
                    <summary>{words.other_device}</summary>
                    <p>{others} ": " <a href=CLIENT_DOWNLOADS rel="noopener noreferrer">{words.all_clients}</a></p>
                </details>
                {web}
            </li>
            <li>
                <h2>{words.enter_code}</h2>
                <p class="code-line">
                    <code id="code">{code}</code>
                    <button type="button" class="button quiet" id="copy" data-copied=words.copied hidden="">
                        {words.copy}
                    </button>
                </p>
                {open}
            </li>
            <li>
                <h2>{words.sign_in}</h2>
                <p>{words.usual_account}</p>
                <p class="code-line">
                    <code>{account}</code>
                </p>
            </li>
        </ol>
    }
}

fn contact(contact: &Contact, words: &'static Words) -> impl IntoView + use<> {
    let phone = contact.phone.clone().map(|phone| {
        let href = format!("tel:{}", phone.replace(' ', ""));
        view! { <p><a class="button quiet" href=href>{words.call} {phone}</a></p> }
    });
    let mail = contact.mail.clone().map(|mail| view! { <p>{words.mail} <a href=format!("mailto:{mail}")>{mail.clone()}</a></p> });
    let hours = contact.hours.clone().map(|hours| view! { <p class="quiet">{hours}</p> });
    view! {
        <section class="contact">
            <h2>{words.not_working}</h2>
            <p>{words.ask_helpdesk}</p>
            {phone}
            {mail}
            {hours}
        </section>
    }
}

/// A link that opens nothing. It says the same for every guess.
pub fn link_problem_page(problem: LinkProblem, whom: &Contact, nonce: &str) -> String {
    let (title, words) = match problem {
        LinkProblem::Unknown => (
            "This link does not open anything",
            "It may be incomplete. Copy it whole from the mail, or ask your helpdesk for a new one.",
        ),
        LinkProblem::Expired => {
            ("This link has expired", "Links work for some weeks only. Ask your helpdesk for a new invitation.")
        }
        LinkProblem::Superseded => ("There is a newer mail", "A newer invitation was sent to you. Use the link in that one."),
    };
    // Which directory it is about is not known, and so no language but this one.
    let contact = contact(whom, Words::of(Language::En));
    document(title, Language::En, None, nonce, view! { <h1>{title}</h1> <p class="lead">{words}</p> {contact} })
}

/// Too many openings from one place.
pub fn rate_limited_page(seconds: u32, nonce: &str) -> String {
    let words = format!("This page was opened very often from your network. Wait {seconds} seconds and reload it.");
    document("One moment", Language::En, None, nonce, view! { <h1>"One moment"</h1> <p class="lead">{words}</p> })
}

/// Frontdesk can't look the link up now.
pub fn unavailable_page(nonce: &str) -> String {
    document(
        "One moment",
        Language::En,
        Some(30),
        nonce,
        view! { <h1>"One moment"</h1> <p class="lead">"This page can't be shown right now. It tries again by itself."</p> },
    )
}

#[cfg(test)]
mod tests {
    use model::directories::Devices;

    use super::*;

    fn welcome(readiness: Readiness) -> Welcome {
        Welcome {
            name: "<script>Ada</script>".into(),
            account: "ada".into(),
            registration_code: Some("WSfra+7KQ2MD".into()),
            readiness,
            devices: Devices::default(),
            web: false,
            contact: Contact { phone: Some("+49 30 1".into()), ..Contact::default() },
            language: Language::En,
        }
    }

    #[test]
    fn the_page_speaks_the_language_of_the_directory() {
        for readiness in [Readiness::Ready, Readiness::Preparing, Readiness::Gone, Readiness::Trouble] {
            let german = Welcome { language: Language::De, ..welcome(readiness) };
            let page = welcome_page(&german, ClientSystem::Unknown, "n0nce");
            assert!(page.contains("<html lang=\"de\">") && page.contains("Ihr WorkSpace"));
            for english in ["Hello", "Welcome", "your computer", "helpdesk.", "Call "] {
                assert!(!page.contains(english), "{english}");
            }
        }
    }

    #[test]
    fn the_page_is_small_holds_the_code_and_no_markup_of_a_name() {
        let page = welcome_page(&welcome(Readiness::Ready), ClientSystem::Windows, "n0nce");
        assert!(page.len() < 60 * 1024, "{}", page.len());
        assert!(page.contains("WSfra+7KQ2MD") && page.contains("workspaces://ada@WSfra+7KQ2MD"));
        assert!(!page.contains("<script>Ada") && !page.contains(".wasm"));
        assert!(!page.contains(WEB_CLIENT));
    }

    #[test]
    fn a_page_that_waits_turns_by_itself_and_shows_no_code() {
        let page = welcome_page(&welcome(Readiness::Preparing), ClientSystem::Windows, "n0nce");
        assert!(page.contains("http-equiv=\"refresh\"") && !page.contains("WSfra"));
        assert!(!welcome_page(&welcome(Readiness::Ready), ClientSystem::Linux, "n").contains("workspaces://"));
    }
}
