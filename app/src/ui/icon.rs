//! Every picture of the interface, drawn in a 16-unit square with the colour of the text around it.

use leptos::prelude::*;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    Back,
    Check,
    Clock,
    Code,
    Coins,
    Copy,
    Cross,
    Desktop,
    Directory,
    Down,
    Gauge,
    Home,
    Info,
    Key,
    Launch,
    Mail,
    Menu,
    Moon,
    Next,
    People,
    Phone,
    Plus,
    Record,
    Request,
    Scales,
    Search,
    SignOut,
    Stop,
    Sun,
    System,
    Tag,
    Warning,
}

impl IconName {
    fn strokes(self) -> &'static str {
        match self {
            Self::Back => r#"<path d="M10 3 5 8l5 5"/>"#,
            Self::Check => r#"<circle cx="8" cy="8" r="6.25"/><path d="m5.25 8.25 2 2 3.5-4.25"/>"#,
            Self::Clock => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 4.5V8l2.25 1.5"/>"#,
            Self::Code => r#"<path d="M5 4 1.75 8 5 12M11 4l3.25 4L11 12M9.25 2.75l-2.5 10.5"/>"#,
            Self::Coins => {
                r#"<ellipse cx="8" cy="4.25" rx="5.75" ry="2.25"/><path d="M2.25 4.25v7.5C2.25 13 4.75 14 8 14s5.75-1 5.75-2.25v-7.5M2.25 8c0 1.25 2.5 2.25 5.75 2.25S13.75 9.25 13.75 8"/>"#
            }
            Self::Copy => {
                r#"<rect x="5.75" y="5.75" width="7.5" height="7.5" rx="1.5"/><path d="M10.25 3.5v-.25a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h.25"/>"#
            }
            Self::Cross => r#"<path d="M5.25 1.75h5.5l3.5 3.5v5.5l-3.5 3.5h-5.5l-3.5-3.5v-5.5z"/><path d="m6 6 4 4m0-4-4 4"/>"#,
            Self::Desktop => r#"<rect x="1.75" y="2.5" width="12.5" height="8.5" rx="1.25"/><path d="M8 11v2.5m-2.75 0h5.5"/>"#,
            Self::Directory => {
                r#"<rect x="5.75" y="1.75" width="4.5" height="3.5" rx=".75"/><rect x="1.75" y="10.75" width="4.5" height="3.5" rx=".75"/><rect x="9.75" y="10.75" width="4.5" height="3.5" rx=".75"/><path d="M8 5.25V8M4 10.75V8h8v2.75"/>"#
            }
            Self::Down => r#"<path d="m4 6 4 4 4-4"/>"#,
            Self::Gauge => r#"<path d="M3.5 13a6.25 6.25 0 1 1 9 0M8 9l3-3.5"/>"#,
            Self::Home => r#"<path d="M2.25 7 8 2.25 13.75 7v6.25a.5.5 0 0 1-.5.5H10V9.5H6v4.25H2.75a.5.5 0 0 1-.5-.5z"/>"#,
            Self::Info => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 7.25v4M8 4.75v.01"/>"#,
            Self::Key => r#"<circle cx="5.25" cy="10.75" r="3"/><path d="m7.5 8.5 6-6M11 5l2 2"/>"#,
            Self::Launch => {
                r#"<path d="M6.25 9.75 4 7.5c1.25-3.25 4-5.5 9.5-5.25C13.75 7.75 11.75 10.5 8.5 12z"/><path d="M5.75 12.25c-.75 1-2.25 1.5-3.5 1.5 0-1.25.5-2.75 1.5-3.5"/><circle cx="9.75" cy="6.25" r="1"/>"#
            }
            Self::Mail => r#"<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.25"/><path d="m2 4.5 6 4.75 6-4.75"/>"#,
            Self::Menu => r#"<path d="M2.25 4.25h11.5M2.25 8h11.5M2.25 11.75h11.5"/>"#,
            Self::Moon => r#"<path d="M13.5 9.75A6 6 0 0 1 6.25 2.5a6 6 0 1 0 7.25 7.25z"/>"#,
            Self::Next => r#"<path d="m6 3 5 5-5 5"/>"#,
            Self::People => {
                r#"<circle cx="6" cy="5.25" r="2.5"/><path d="M1.75 13.25c0-2.5 1.75-4 4.25-4s4.25 1.5 4.25 4M10.5 3a2.5 2.5 0 0 1 0 4.5M12 9.5c1.5.5 2.25 1.75 2.25 3.75"/>"#
            }
            Self::Phone => {
                r#"<path d="M3.25 2.25h2.5l1.25 3.5-1.75 1.25a8 8 0 0 0 3.75 3.75l1.25-1.75 3.5 1.25v2.5a1 1 0 0 1-1 1A10.5 10.5 0 0 1 2.25 3.25a1 1 0 0 1 1-1z"/>"#
            }
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Record => r#"<path d="M3.25 1.75h6.5l3 3v9.5h-9.5z"/><path d="M5.5 7h5M5.5 9.5h5M5.5 12h3"/>"#,
            Self::Request => {
                r#"<rect x="2.75" y="2.75" width="10.5" height="11.5" rx="1.25"/><path d="M5.75 1.75h4.5v2h-4.5zM8 7v4.5M5.75 9.25h4.5"/>"#
            }
            Self::Scales => {
                r#"<path d="M8 2v12M5 14h6M3 4.5h10M3 4.5 1.25 9.25a2 2 0 0 0 3.5 0zM13 4.5l-1.75 4.75a2 2 0 0 0 3.5 0z"/>"#
            }
            Self::Search => r#"<circle cx="7" cy="7" r="4.75"/><path d="m10.5 10.5 3.75 3.75"/>"#,
            Self::SignOut => r#"<path d="M9.5 2.25H3.25v11.5H9.5M6.5 8h7.25M11 5.25 13.75 8 11 10.75"/>"#,
            Self::Stop => r#"<circle cx="8" cy="8" r="6.25"/><path d="M5 8h6"/>"#,
            Self::Sun => {
                r#"<circle cx="8" cy="8" r="2.75"/><path d="M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9"/>"#
            }
            Self::System => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" fill="currentColor"/>"#,
            Self::Tag => r#"<path d="M2.25 2.25H8l5.75 5.75L8 13.75 2.25 8z"/><path d="M5.25 5.25v.01"/>"#,
            Self::Warning => r#"<path d="M8 1.75 14.75 13.75H1.25z"/><path d="M8 6v3.75M8 11.75v.01"/>"#,
        }
    }
}

/// A picture beside a word; screen readers skip it.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false" inner_html=name.strokes()></svg> }
}
