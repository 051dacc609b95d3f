//! Tags: those of WorkSpaces, its directories and IP groups, and apart from them those of Directory Service.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Answer, AwsError, Operations, directory_service,
    workspaces::{PAGE, cut, invalid, paged, read_tags, text},
};
use crate::{Inner, directories::Tags, state::Memory};

/// Of one resource.
pub(super) const MOST: usize = 50;

pub(super) const WORKSPACES: Operations = &[
    ("CreateTags", |inner, request| create(inner, request.input)),
    ("DeleteTags", |inner, request| remove(inner, request.input)),
    ("DescribeTags", |inner, request| Ok(describe(inner, request.input))),
];

pub(super) const DIRECTORY_SERVICE: Operations = &[
    ("AddTagsToResource", |inner, request| add_to_directory(inner, request.input)),
    ("RemoveTagsFromResource", |inner, request| remove_from_directory(inner, request.input)),
    ("ListTagsForResource", |inner, request| list_of_directory(inner, request.input)),
];

/// Keys that begin with `aws:` are AWS's own.
pub(super) fn check_reserved(tags: &Tags) -> Result<(), AwsError> {
    match tags.iter().find(|(key, _)| key.to_lowercase().starts_with("aws:")) {
        Some((key, _)) => Err(AwsError::new("InvalidParameterException", format!("The tag key {key} is reserved."))),
        None => Ok(()),
    }
}

/// New values take the place of old ones of the same key; false if there would be too many.
fn put(tags: &mut Tags, added: Tags) -> bool {
    let mut all = tags.clone();
    for (key, value) in added {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => all.push((key, value)),
        }
    }
    let fits = all.len() <= MOST;
    if fits {
        *tags = all;
    }
    fits
}

fn keys(input: &Value) -> Vec<&str> {
    input["TagKeys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn shown(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Where WorkSpaces keeps the tags of a resource that it still shows.
fn tags_of<'a>(memory: &'a mut Memory, id: &str, now: DateTime<Utc>) -> Option<&'a mut Tags> {
    if id.starts_with("ws-") {
        let mut all = memory.workspaces.iter_mut();
        return all.find(|workspace| workspace.id == id && workspace.state_at(now).is_some()).map(|found| &mut found.tags);
    }
    if id.starts_with("wsipg-") {
        return memory.ip_groups.iter_mut().find(|group| group.id == id).map(|found| &mut found.tags);
    }
    let mut all = memory.registrations.iter_mut();
    all.find(|known| known.directory == id && known.state_at(now).is_some()).map(|found| &mut found.tags)
}

fn missing(id: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", format!("The resource {id} could not be found."))
}

fn create(inner: &Inner, input: &Value) -> Answer {
    let (id, now) = (text(input, "ResourceId"), inner.clock.now());
    let added = read_tags(&input["Tags"]);
    if added.is_empty() {
        return Err(invalid("Tags must not be empty."));
    }
    inner.state.change(|memory| {
        let tags = tags_of(memory, id, now).ok_or_else(|| missing(id))?;
        let full = || AwsError::new("ResourceLimitExceededException", "Your resource limits have been exceeded: tags.");
        if put(tags, added) { Ok(json!({})) } else { Err(full()) }
    })
}

fn remove(inner: &Inner, input: &Value) -> Answer {
    let (id, now) = (text(input, "ResourceId"), inner.clock.now());
    inner.state.change(|memory| {
        let tags = tags_of(memory, id, now).ok_or_else(|| missing(id))?;
        tags.retain(|(key, _)| !keys(input).contains(&key.as_str()));
        Ok(json!({}))
    })
}

/// Of nothing there are none.
fn describe(inner: &Inner, input: &Value) -> Value {
    let tags = tags_of(&mut inner.state.memory(), text(input, "ResourceId"), inner.clock.now()).map(|tags| shown(tags));
    json!({ "TagList": tags.unwrap_or_default() })
}

/// Changes the tags of a connector.
fn change(inner: &Inner, input: &Value, change: impl FnOnce(&mut Tags) -> Result<(), AwsError>) -> Answer {
    let (id, now) = (text(input, "ResourceId"), inner.clock.now());
    inner.state.change(|memory| {
        let found = memory.connectors.iter_mut().find(|known| known.id == id && known.stage_at(now).is_some());
        change(&mut found.ok_or_else(|| directory_service::missing(id))?.tags)?;
        Ok(json!({}))
    })
}

fn add_to_directory(inner: &Inner, input: &Value) -> Answer {
    let added = read_tags(&input["Tags"]);
    check_reserved(&added)?;
    change(inner, input, |tags| {
        let full = || AwsError::new("TagLimitExceededException", "The maximum allowed number of tags was exceeded.");
        if put(tags, added) { Ok(()) } else { Err(full()) }
    })
}

fn remove_from_directory(inner: &Inner, input: &Value) -> Answer {
    change(inner, input, |tags| {
        tags.retain(|(key, _)| !keys(input).contains(&key.as_str()));
        Ok(())
    })
}

fn list_of_directory(inner: &Inner, input: &Value) -> Answer {
    let id = text(input, "ResourceId");
    let memory = inner.state.memory();
    let tags = &memory.connector(id, inner.clock.now()).ok_or_else(|| directory_service::missing(id))?.tags;
    let limit = input["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let wrong_token = || AwsError::new("InvalidNextTokenException", "The NextToken value is not valid.");
    let (rows, next) = cut(shown(tags), &input["NextToken"], limit.unwrap_or(PAGE.max(MOST))).ok_or_else(wrong_token)?;
    Ok(paged("Tags", rows, next))
}
