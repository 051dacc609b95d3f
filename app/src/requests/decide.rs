//! The form by which somebody decides, whole or person by person.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    RequestId,
    requests::{ItemView, Way},
};

use super::api::DecideRequest;
use crate::ui::{Disclosure, Gloss, PostForm, Posts, Row, Section, SelectField, Table, Td, TextArea, Th, keyed_rows};

/// Approve, refuse, ask back.
#[component]
pub fn Decide(id: RequestId, version: i64, items: Vec<ItemView>) -> impl IntoView {
    let asked: Vec<_> = items.into_iter().filter(|item| item.way == Way::Asked).collect();
    let pending = Posts::pending(DecideRequest::PATH);
    view! {
        <Section title="Your decision" lead="It waits for you.">
            <PostForm action=DecideRequest::PATH label="Your decision">
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="seen" value=version.to_string() />
                <Disclosure summary="Decide person by person">
                    <Singles asked />
                </Disclosure>
                <TextArea
                    name="note"
                    label="Words to who asks"
                    hint="Wanted if you refuse somebody or ask back. They stand in the record."
                />
                <div class="form-actions">
                    <button type="submit" class="button" name="what" value="ask_back" disabled=pending>
                        "Ask back"
                    </button>
                    <button type="submit" class="button danger" name="what" value="refuse" disabled=pending>
                        "Refuse"
                    </button>
                    <button type="submit" class="button primary" name="what" value="approve" disabled=pending>
                        "Approve"
                    </button>
                </div>
            </PostForm>
        </Section>
    }
}

#[component]
fn Singles(asked: Vec<ItemView>) -> impl IntoView {
    let rows = keyed_rows(asked, |item: &ItemView| format!("{} {}", item.id, item.offering), |item| view! { <Single item /> });
    view! {
        <Table caption="Person by person" keys=false>
            <thead>
                <tr>
                    <Th>"Person"</Th>
                    <Th>"Decision"</Th>
                    <Th>"Gets"</Th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
    }
}

#[component]
fn Single(item: ItemView) -> impl IntoView {
    let give = vec![(String::new(), "As the whole".to_owned()), ("no".to_owned(), "Refuse".to_owned())];
    let mut instead = vec![(String::new(), format!("{}, as asked", item.offering_name))];
    instead.extend(item.instead.into_iter().map(|(offering, words)| (offering.to_string(), words)));
    let (decision, gets) = (format!("Decision about {}", item.name), format!("What {} gets", item.name));
    view! {
        <Row>
            <Td label="Person" main=true>
                <bdi>{item.name}</bdi>
                <Gloss>{item.price}</Gloss>
            </Td>
            <Td label="Decision">
                <SelectField
                    name=format!("single[give][of-{}]", item.id)
                    label=decision
                    options=give
                    hide_label=true
                />
            </Td>
            <Td label="Gets">
                <SelectField
                    name=format!("single[instead][of-{}]", item.id)
                    label=gets
                    options=instead
                    hide_label=true
                />
            </Td>
        </Row>
    }
}
