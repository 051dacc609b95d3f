//! The reader's choice of colours, kept in a cookie so that the server knows it before the first byte.

use serde::{Deserialize, Serialize};

/// Colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of `data-theme` on the document; `None` leaves it to the system.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }
}

#[cfg(feature = "ssr")]
mod cookie {
    use http::{HeaderValue, header, request::Parts};

    use super::Theme;

    const NAME: &str = "frontdesk-theme";
    /// A year, in seconds.
    const LIFETIME: u32 = 31_536_000;

    impl Theme {
        /// What the request's cookie says; the system's colours if it says nothing of use.
        pub fn of(parts: &Parts) -> Self {
            parts
                .headers
                .get_all(header::COOKIE)
                .iter()
                .filter_map(|cookies| cookies.to_str().ok())
                .flat_map(|cookies| cookies.split(';'))
                .filter_map(|cookie| cookie.trim().split_once('='))
                .find(|(name, _)| *name == NAME)
                .and_then(|(_, value)| [Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == value))
                .unwrap_or_default()
        }

        /// The `Set-Cookie` that keeps the choice.
        pub fn cookie(self) -> HeaderValue {
            match self {
                Self::System => HeaderValue::from_static("frontdesk-theme=; Path=/; Max-Age=0; SameSite=Lax; Secure; HttpOnly"),
                Self::Light | Self::Dark => {
                    let cookie = format!("{NAME}={}; Path=/; Max-Age={LIFETIME}; SameSite=Lax; Secure; HttpOnly", self.as_str());
                    HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""))
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn read(cookies: &str) -> Theme {
            let (parts, ()) = http::Request::builder().header("cookie", cookies).body(()).unwrap().into_parts();
            Theme::of(&parts)
        }

        #[test]
        fn the_cookie_is_read_among_others_and_never_trusted() {
            assert_eq!(read("a=b; frontdesk-theme=dark; c=d"), Theme::Dark);
            assert_eq!(read("frontdesk-theme=\"><script>"), Theme::System);
            assert_eq!(read("x-frontdesk-theme=dark"), Theme::System);
        }

        #[test]
        fn what_is_set_is_read_again() {
            for theme in [Theme::Light, Theme::Dark] {
                let cookie = theme.cookie();
                assert_eq!(read(cookie.to_str().unwrap()), theme);
            }
        }
    }
}
