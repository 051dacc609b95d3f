//! The words of the welcome page, in each language that invited people are written to.

use model::{directories::Language, invitations::ClientSystem};

/// What the page says; `{}` is where a name or a system goes.
pub(super) struct Words {
    pub title: &'static str,
    pub hello: &'static str,
    pub welcome: &'static str,
    pub preparing: &'static str,
    pub gone: &'static str,
    pub trouble: &'static str,
    pub ready: &'static str,
    pub get_client: &'static str,
    pub client_for: &'static str,
    pub not_allowed: &'static str,
    pub this_computer: &'static str,
    pub other_device: &'static str,
    pub all_clients: &'static str,
    pub without_client: &'static str,
    pub in_browser: &'static str,
    pub enter_code: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub open_filled: &'static str,
    pub sign_in: &'static str,
    pub usual_account: &'static str,
    pub not_working: &'static str,
    pub ask_helpdesk: &'static str,
    pub call: &'static str,
    pub mail: &'static str,
}

const ENGLISH: Words = Words {
    title: "Your WorkSpace",
    hello: "Hello ",
    welcome: "Welcome, ",
    preparing: "Your WorkSpace is being prepared, which takes about 15 minutes. This page will change by itself.",
    gone: "This WorkSpace is not there any more. If you still need one, ask your helpdesk.",
    trouble: "Something is wrong with your WorkSpace, and your helpdesk has to look at it. Please call them.",
    ready: "Your WorkSpace is ready: a computer in the cloud that you use from any device. Three steps and you are in.",
    get_client: "Get the client",
    client_for: "Get the client for {}",
    not_allowed: "Your company does not allow WorkSpaces on {}. Use another computer.",
    this_computer: "your computer",
    other_device: "Another device?",
    all_clients: "all clients",
    without_client: "Or without installing anything, ",
    in_browser: "in the browser",
    enter_code: "Enter your registration code",
    copy: "Copy",
    copied: "Copied",
    open_filled: "Open the client with everything filled in",
    sign_in: "Sign in",
    usual_account: "With your usual company user name and password:",
    not_working: "Something does not work?",
    ask_helpdesk: "Ask your helpdesk. Your password can\u{2019}t be reset in the client, only by them.",
    call: "Call ",
    mail: "Mail ",
};

const GERMAN: Words = Words {
    title: "Ihr WorkSpace",
    hello: "Guten Tag ",
    welcome: "Willkommen, ",
    preparing: "Ihr WorkSpace wird vorbereitet, das dauert etwa 15 Minuten. Diese Seite ändert sich von selbst.",
    gone: "Diesen WorkSpace gibt es nicht mehr. Wenn Sie noch einen brauchen, fragen Sie Ihren Helpdesk.",
    trouble: "Mit Ihrem WorkSpace stimmt etwas nicht, Ihr Helpdesk muss ihn ansehen. Bitte rufen Sie dort an.",
    ready: "Ihr WorkSpace ist bereit: ein Computer in der Cloud, den Sie von jedem Gerät aus benutzen. Drei Schritte, und Sie sind drin.",
    get_client: "Holen Sie sich den Client",
    client_for: "Client für {} holen",
    not_allowed: "Ihr Unternehmen erlaubt WorkSpaces nicht auf {}. Benutzen Sie einen anderen Computer.",
    this_computer: "Ihren Computer",
    other_device: "Ein anderes Gerät?",
    all_clients: "alle Clients",
    without_client: "Oder ohne etwas zu installieren, ",
    in_browser: "im Browser",
    enter_code: "Geben Sie Ihren Registrierungscode ein",
    copy: "Kopieren",
    copied: "Kopiert",
    open_filled: "Client öffnen, alles ist schon ausgefüllt",
    sign_in: "Melden Sie sich an",
    usual_account: "Mit Ihrem gewohnten Benutzernamen und Passwort der Firma:",
    not_working: "Etwas klappt nicht?",
    ask_helpdesk: "Fragen Sie Ihren Helpdesk. Im Client kann Ihr Passwort nicht zurückgesetzt werden, das kann nur er.",
    call: "Anrufen: ",
    mail: "E-Mail ",
};

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::De => &GERMAN,
        }
    }

    /// A sentence about the reader's system.
    pub(super) fn about(&self, sentence: &str, system: ClientSystem) -> String {
        let name = if system == ClientSystem::Unknown { self.this_computer } else { system.label() };
        sentence.replace("{}", name)
    }
}
