//! Pages that stand by themselves, for when Frontdesk can't show one of its own: whole documents with their own style, no
//! script, and nothing else to load.

use leptos::prelude::*;
use model::Part;

use crate::access::Theme;

/// The product's colours, and what these pages are made of.
const STYLE: &str = concat!(include_str!("../../style/tokens.css"), include_str!("plain.css"));

/// How long a page waits before it asks again, in seconds; also what `Retry-After` says.
pub const RETRY_AFTER: u32 = 15;

/// What these pages may load: their own style, nothing else.
pub fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// What the pages need to know of the request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub theme: Theme,
    /// The style's nonce, which the policy names.
    pub nonce: String,
    /// The id under which the log has it.
    pub request_id: String,
    /// The address if it can simply be asked for again; `None` for what was sent to be done.
    pub again: Option<String>,
}

fn document(title: &'static str, asked: &Asked, refresh: bool, body: impl IntoView + 'static) -> String {
    let refresh = refresh.then(|| view! { <meta http-equiv="refresh" content=RETRY_AFTER.to_string() /> });
    let page = view! {
        <html lang="en" data-theme=asked.theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {refresh}
                <link rel="icon" href="data:," />
                <title>{format!("{title} · Frontdesk")}</title>
                <style nonce=asked.nonce.clone() inner_html=STYLE></style>
            </head>
            <body>
                <main>
                    <section>
                        <p class="brand">"Frontdesk"</p>
                        <h1>{title}</h1>
                        {body}
                        <p class="quiet">{format!("The log has this request as {}.", asked.request_id)}</p>
                    </section>
                </main>
            </body>
        </html>
    };
    format!("<!doctype html>{}", page.to_html())
}

/// Without this part no page can be shown. It says which one it is, what was kept and what goes on meanwhile, and asks again by
/// itself where nothing was sent.
pub fn unavailable_page(part: Part, asked: &Asked) -> String {
    let sent = asked
        .again
        .is_none()
        .then(|| view! { <p>"What you just sent was not taken. Nothing was changed by it; send it again later."</p> });
    let turns =
        asked.again.is_some().then(|| view! { <p>{format!("This page asks again by itself every {RETRY_AFTER} seconds.")}</p> });
    let again = asked.again.clone().unwrap_or_else(|| "/".to_owned());
    let body = view! {
        <p>{format!("{part} does not answer, so Frontdesk can't show its pages or sign anybody in. The server itself is up.")}</p>
        {sent}
        <h2>"What still works"</h2>
        <ul>
            <li>"Desktops that people have. They don't need Frontdesk."</li>
            <li>"Launches that AWS has accepted: AWS goes on creating them."</li>
        </ul>
        <h2>"What waits"</h2>
        <ul>
            <li>"Rows that are not sent yet, invitations, and the links in invitations. They go on by themselves; nothing is lost or done twice."</li>
        </ul>
        {turns}
        <a class="button" href=again>
            "Try again now"
        </a>
    };
    document("One part is away", asked, asked.again.is_some(), body)
}

/// A handler panicked: our mistake.
pub fn crash_page(asked: &Asked) -> String {
    let body = view! {
        <p>"Frontdesk made a mistake here. What was saved before is kept. Tell your administrator the number below."</p>
        <a class="button" href="/">
            "Go to the start page"
        </a>
    };
    document("That did not work", asked, false, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(again: Option<&str>) -> Asked {
        Asked { theme: Theme::Dark, nonce: "n0nce".into(), request_id: "0af1".into(), again: again.map(Into::into) }
    }

    #[test]
    fn a_part_that_is_away_is_named_and_nothing_is_loaded() {
        let page = unavailable_page(Part::Database, &asked(Some("/launches?q=\"><script>")));
        assert!(page.contains("The database does not answer") && page.contains("0af1"), "{page}");
        assert!(page.contains("data-theme=\"dark\"") && page.contains("<style nonce=\"n0nce\">"), "{page}");
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("url("), "{page}");
        assert!(page.contains("http-equiv=\"refresh\"") && !page.contains("What you just sent"));
    }

    #[test]
    fn what_was_sent_is_not_sent_again_by_itself() {
        let page = unavailable_page(Part::Database, &asked(None));
        assert!(page.contains("What you just sent was not taken") && !page.contains("http-equiv=\"refresh\""), "{page}");
    }
}
