//! The design system: the only home of ARIA patterns and of the class names that `style/` knows.
//!
//! Pages put these together and add no markup of their own beyond headings, paragraphs and lists. Everything works without
//! JavaScript; what hydration adds (keys, copy buttons) is in `keys`, `live` and `copy`.

mod badge;
mod button;
#[cfg(feature = "ssr")]
mod chart;
mod choice;
mod copy;
mod empty;
mod error;
mod field;
mod filter;
mod frame;
mod icon;
pub mod keys;
pub mod live;
mod notice;
mod page;
mod paging;
mod post;
mod progress;
mod reading;
mod section;
mod states;
mod steps;
mod table;
mod theme;
mod time;

pub use badge::{Badge, Tone};
pub use button::{Button, Disclosure, LinkButton, Look};
#[cfg(feature = "ssr")]
pub use chart::{Bars, FleetChart, MonthChart, Spark};
pub use choice::{Checkbox, ChoiceCard, ChoiceCards};
pub use copy::CopyButton;
pub use empty::Empty;
pub use error::{ErrorPanel, ErrorSummary, error_of, loaded};
pub use field::{FileField, SearchField, SelectField, TextArea, TextField};
pub use filter::FilterBar;
pub use frame::{Allowed, Frame, may};
pub use icon::{Icon, IconName};
pub use live::TurnsByItself;
pub use notice::{Live, Notice};
pub use page::{Back, Page, PageHeader};
pub use paging::{Pager, Pagination, page_request, second_page_request, text, url, use_query_map};
pub use post::{PostForm, Posts, UploadForm};
pub use progress::{BudgetBar, Progress, Segment, Shares, batch_segments, launch_segments};
pub use reading::{Reading, reading};
pub use section::{Code, CodeBlock, Fact, Facts, Gloss, Section};
pub use states::{ActionBadge, InvitationBadge, ItemBadge, WorkspaceBadge};
pub use steps::{StepLink, StepState, Steps, Track};
pub use table::{BulkBar, Row, SelectAll, SelectCell, SelectionForm, Table, Td, Th, keyed_rows};
pub use time::{FreshnessLine, When};
