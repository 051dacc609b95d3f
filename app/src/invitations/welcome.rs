//! `/welcome/{token}`: plain HTML for somebody who comes once, on a phone or a new laptop, unsure. No wasm, no cookies, no
//! sign-in; the one script copies the code and is not needed.

use leptos::prelude::*;
use model::invitations::{CLIENT_DOWNLOADS, ClientSystem, Contact, LinkProblem, Readiness, WEB_CLIENT, Welcome, client_link};

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
fn document(title: &str, refresh: Option<u32>, nonce: &str, body: impl IntoView + 'static) -> String {
    let refresh = refresh.map(|seconds| view! { <meta http-equiv="refresh" content=seconds.to_string() /> });
    let (title, nonce) = (title.to_owned(), nonce.to_owned());
    let page = view! {
        <html lang="en">
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
    let name = welcome.name.clone();
    let body = match (welcome.readiness, &welcome.registration_code) {
        (Readiness::Ready, Some(code)) => ready(welcome, code, system).into_any(),
        (Readiness::Ready | Readiness::Preparing, _) => view! {
            <h1>"Hello " <bdi>{name}</bdi></h1>
            <p class="lead">"Your WorkSpace is being prepared, which takes about 15 minutes. This page will change by itself."</p>
        }
        .into_any(),
        (Readiness::Gone, _) => view! {
            <h1>"Hello " <bdi>{name}</bdi></h1>
            <p class="lead">"This WorkSpace is not there any more. If you still need one, ask your helpdesk."</p>
        }
        .into_any(),
        (Readiness::Trouble, _) => view! {
            <h1>"Hello " <bdi>{name}</bdi></h1>
            <p class="lead">"Something is wrong with your WorkSpace, and your helpdesk has to look at it. Please call them."</p>
        }
        .into_any(),
    };
    let waiting = matches!((welcome.readiness, &welcome.registration_code), (Readiness::Preparing, _) | (Readiness::Ready, None));
    let contact = contact(&welcome.contact);
    document("Your WorkSpace", waiting.then_some(30), nonce, view! { {body} {contact} })
}

fn ready(welcome: &Welcome, code: &str, system: ClientSystem) -> impl IntoView + use<> {
    let allowed = system.allowed(welcome.devices);
    let open = client_link(&welcome.account, code).filter(|_| allowed && system.opens_client_links());
    let others = [ClientSystem::Windows, ClientSystem::MacOs, ClientSystem::Linux, ClientSystem::Ios, ClientSystem::Android]
        .into_iter()
        .filter(|other| *other != system && other.allowed(welcome.devices))
        .map(ClientSystem::label)
        .collect::<Vec<_>>()
        .join(", ");
    let client = if allowed {
        view! { <a class="button" href=CLIENT_DOWNLOADS rel="noopener noreferrer">{format!("Get the client for {}", system.label())}</a> }.into_any()
    } else {
        view! { <p>{format!("Your company does not allow WorkSpaces on {}. Use another computer.", system.label())}</p> }
            .into_any()
    };
    let web = welcome.web.then(|| view! { <p>"Or without installing anything, " <a href=WEB_CLIENT rel="noopener noreferrer">"in the browser"</a> "."</p> });
    let open =
        open.map(|link| view! { <p><a class="button quiet" href=link>"Open the client with everything filled in"</a></p> });
    let (name, account, code) = (welcome.name.clone(), welcome.account.clone(), code.to_owned());
    view! {
        <h1>"Welcome, " <bdi>{name}</bdi></h1>
        <p class="lead">"Your WorkSpace is ready: a computer in the cloud that you use from any device. Three steps and you are in."</p>
        <ol>
            <li>
                <h2>"Get the client"</h2>
                {client}
                <details>
                    <summary>"Another device?"</summary>
                    <p>{others} ": " <a href=CLIENT_DOWNLOADS rel="noopener noreferrer">"all clients"</a></p>
                </details>
                {web}
            </li>
            <li>
                <h2>"Enter your registration code"</h2>
                <p class="code-line">
                    <code id="code">{code}</code>
                    <button type="button" class="button quiet" id="copy" hidden="">
                        "Copy"
                    </button>
                </p>
                {open}
            </li>
            <li>
                <h2>"Sign in"</h2>
                <p>"With your usual company user name and password:"</p>
                <p class="code-line">
                    <code>{account}</code>
                </p>
            </li>
        </ol>
    }
}

fn contact(contact: &Contact) -> impl IntoView + use<> {
    let phone = contact.phone.clone().map(|phone| {
        let href = format!("tel:{}", phone.replace(' ', ""));
        view! { <p><a class="button quiet" href=href>"Call " {phone}</a></p> }
    });
    let mail = contact.mail.clone().map(|mail| view! { <p>"Mail " <a href=format!("mailto:{mail}")>{mail.clone()}</a></p> });
    let hours = contact.hours.clone().map(|hours| view! { <p class="quiet">{hours}</p> });
    view! {
        <section class="contact">
            <h2>"Something does not work?"</h2>
            <p>"Ask your helpdesk. Your password can't be reset in the client, only by them."</p>
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
    let contact = contact(whom);
    document(title, None, nonce, view! { <h1>{title}</h1> <p class="lead">{words}</p> {contact} })
}

/// Too many openings from one place.
pub fn rate_limited_page(seconds: u32, nonce: &str) -> String {
    let words = format!("This page was opened very often from your network. Wait {seconds} seconds and reload it.");
    document("One moment", None, nonce, view! { <h1>"One moment"</h1> <p class="lead">{words}</p> })
}

/// Frontdesk can't look the link up now.
pub fn unavailable_page(nonce: &str) -> String {
    document(
        "One moment",
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
