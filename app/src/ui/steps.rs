//! Where one is: in a wizard, or on the way of one thing.

use leptos::prelude::*;
use leptos_router::components::A;

use super::{Icon, IconName};

/// Where a wizard's step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    Done,
    Current,
    Todo,
}

/// One step of a wizard; without `href` it can't be opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLink {
    pub label: String,
    pub href: Option<String>,
    pub state: StepState,
}

/// A wizard's steps.
#[component]
pub fn Steps(steps: Vec<StepLink>) -> impl IntoView {
    let steps = steps
        .into_iter()
        .zip(1..)
        .map(|(step, number)| {
            let class = match step.state {
                StepState::Done => "step done",
                StepState::Current => "step current",
                StepState::Todo => "step",
            };
            let current = (step.state == StepState::Current).then_some("step");
            let mark = match step.state {
                StepState::Done => view! { <Icon name=IconName::Check /> }.into_any(),
                StepState::Current | StepState::Todo => number.to_string().into_any(),
            };
            let done = (step.state == StepState::Done).then(|| view! { <span class="hidden">", done"</span> });
            let words = view! {
                <span class="step-mark" aria-hidden="true">
                    {mark}
                </span>
                <span>{step.label} {done}</span>
            };
            let inner = match step.href.filter(|_| step.state != StepState::Current) {
                Some(href) => view! { <A href=href>{words}</A> }.into_any(),
                None => view! { <span class="step-here">{words}</span> }.into_any(),
            };
            view! {
                <li class=class aria-current=current>
                    {inner}
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label="Steps">
            <ol class="steps">{steps}</ol>
        </nav>
    }
}

/// The way of one thing, for instance queued → sent → opened; what is reached is marked.
#[component]
pub fn Track(
    /// What goes this way.
    #[prop(into)]
    label: String,
    steps: Vec<(String, bool)>,
) -> impl IntoView {
    let steps = steps
        .into_iter()
        .map(|(word, reached)| {
            view! {
                <li class:reached=reached>
                    {reached.then(|| view! { <Icon name=IconName::Check /> })} {word}
                    <span class="hidden">{if reached { ", done" } else { ", not yet" }}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <ol class="track" aria-label=label>
            {steps}
        </ol>
    }
}
