//! The fields of a desktop: bundle, running mode, volumes, encryption, tags. A launch has them, and so has an offering.

use leptos::prelude::*;
use model::{FieldError, launches::DesktopForm, workspaces::Bundle};

use crate::ui::{Checkbox, ChoiceCard, ChoiceCards, Disclosure, Gloss, SearchField, TextArea, TextField, error_of};

/// All of them, named `desktop[…]`. Their form has a field `turn` beside them, which says that only fewer bundles are wanted.
#[component]
pub fn DesktopFields(
    form: DesktopForm,
    bundles: Vec<Bundle>,
    /// Only bundles with all of these words; the chosen one always.
    shown: String,
    errors: Vec<FieldError>,
) -> impl IntoView {
    let for_volumes = errors.clone();
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let is_auto = form.running_mode != "ALWAYS_ON";
    view! {
        <Bundles bundles chosen=form.bundle.clone() shown error=error("bundle") />
        <ChoiceCards name="running_mode" legend="Running mode" error=error("running_mode")>
            <ChoiceCard name="desktop[running_mode]" value="AUTO_STOP" title="AutoStop" checked=is_auto>
                <Gloss>"Stops when nobody uses it and starts at sign-in. Billed by the hour beside a small monthly fee."</Gloss>
            </ChoiceCard>
            <ChoiceCard name="desktop[running_mode]" value="ALWAYS_ON" title="AlwaysOn" checked=!is_auto>
                <Gloss>"Always there at once. Billed by the month."</Gloss>
            </ChoiceCard>
        </ChoiceCards>
        <TextField
            name="desktop[auto_stop_hours]"
            id="auto_stop_hours"
            label="Hours until AutoStop"
            value=form.auto_stop_hours.clone()
            hint="Whole hours, 1 to 48. Only for AutoStop."
            error=error("auto_stop_hours")
            inputmode="numeric"
            short=true
        />
        <Volumes form=form.clone() errors=for_volumes />
        <TextArea
            name="desktop[tags]"
            id="tags"
            label="Tags"
            value=form.tags.clone()
            hint="One a line, written key=value. They go on each WorkSpace."
            error=error("tags")
            rows=3
        />
    }
}

/// What a bundle has, in words.
fn describe(bundle: &Bundle) -> String {
    let volumes = match (bundle.root_gib, bundle.user_gib) {
        (Some(root), Some(user)) => format!(", {root} GB + {user} GB"),
        _ => String::new(),
    };
    format!("{}{} · {} · {}{volumes}", bundle.compute, size(&bundle.compute), bundle.system, bundle.protocol.as_str())
}

/// vCPU and memory of the compute types that AWS documents.
fn size(compute: &str) -> &'static str {
    match compute {
        "VALUE" => " (1 vCPU, 2 GB)",
        "STANDARD" => " (2 vCPU, 4 GB)",
        "PERFORMANCE" => " (2 vCPU, 8 GB)",
        "POWER" => " (4 vCPU, 16 GB)",
        "POWERPRO" => " (8 vCPU, 32 GB)",
        _ => "",
    }
}

#[component]
fn Bundles(bundles: Vec<Bundle>, chosen: String, shown: String, error: String) -> impl IntoView {
    let wanted = shown.to_lowercase();
    let fits = |bundle: &Bundle| {
        let words = format!("{} {}", bundle.name, describe(bundle)).to_lowercase();
        wanted.split_whitespace().all(|word| words.contains(word)) || bundle.id.as_str() == chosen
    };
    let cards = bundles
        .iter()
        .filter(|bundle| fits(bundle))
        .map(|bundle| {
            let (what, checked) = (describe(bundle), bundle.id.as_str() == chosen);
            let owner = if bundle.owner == "AMAZON" { "by AWS" } else { "your own" };
            view! {
                <ChoiceCard name="desktop[bundle]" value=bundle.id.to_string() title=bundle.name.clone() checked>
                    <Gloss>{what} " · " {owner}</Gloss>
                </ChoiceCard>
            }
        })
        .collect::<Vec<_>>();
    let none = match (bundles.is_empty(), cards.is_empty()) {
        (true, _) => Some("AWS has not told its bundles yet, which takes a minute. Narrow looks again, and keeps what is typed."),
        (false, true) => Some("No bundle has all of these words."),
        (false, false) => None,
    };
    view! {
        <div class="filters">
            <SearchField name="turn[narrow]" label="Narrow the bundles" value=shown placeholder="windows 11, ubuntu, power …" />
            <button type="submit" class="button" name="turn[to]" value="narrow">
                "Narrow"
            </button>
        </div>
        <ChoiceCards name="bundle" legend="Bundle" error>
            {none.map(|words| view! { <Gloss>{words}</Gloss> })}
            <div class="cards-scroll" tabindex="0" role="group" aria-label="Bundles">{cards}</div>
        </ChoiceCards>
    }
}

/// Larger volumes than the bundle's, and their encryption: most desktops want neither, so they are folded in.
#[component]
fn Volumes(form: DesktopForm, errors: Vec<FieldError>) -> impl IntoView {
    let error = move |field: &str| error_of(&errors, field).unwrap_or_default();
    let wrong = ["root_gib", "user_gib", "encryption_key"].iter().any(|field| !error(field).is_empty());
    let set = form.encrypt_root || form.encrypt_user || !form.root_gib.is_empty() || !form.user_gib.is_empty();
    view! {
        <Disclosure summary="Volumes and encryption" id="volumes" open={wrong || set}>
            <TextField
                name="desktop[root_gib]"
                id="root_gib"
                label="Root volume in GB (optional)"
                value=form.root_gib
                hint="Empty: as in the bundle. AWS takes 80 GB, or 175 to 2000 GB."
                error=error("root_gib")
                inputmode="numeric"
                short=true
            />
            <TextField
                name="desktop[user_gib]"
                id="user_gib"
                label="User volume in GB (optional)"
                value=form.user_gib
                hint="Empty: as in the bundle. Beside 80 GB AWS takes 10, 50 or 100 GB; beside more, 100 to 2000 GB."
                error=error("user_gib")
                inputmode="numeric"
                short=true
            />
            <Checkbox
                name="desktop[encrypt_root]"
                value="true"
                label="Encrypt the root volume"
                hint="Can\u{2019}t be changed later. The launch takes up to an hour, and no image can be made of it."
                checked=form.encrypt_root
            />
            <Checkbox
                name="desktop[encrypt_user]"
                value="true"
                label="Encrypt the user volume"
                hint="Can\u{2019}t be changed later."
                checked=form.encrypt_user
            />
            <TextField
                name="desktop[encryption_key]"
                id="encryption_key"
                label="KMS key (optional)"
                value=form.encryption_key
                hint="ARN or alias of a symmetric key. Empty: AWS\u{2019}s own key for WorkSpaces."
                error=error("encryption_key")
                autocomplete="off"
            />
        </Disclosure>
    }
}
