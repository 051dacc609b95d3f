//! AWS's own service models: which operations there are, and what their inputs must look like.
//!
//! One walk over shape and value finds every violation of length, pattern, enum, list size, range, required member and
//! JSON type, at any depth, and says it in AWS's words. The models are botocore's, reduced to constraints (Apache-2.0).

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One service's model.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    operations: HashMap<String, Operation>,
    shapes: HashMap<String, Shape>,
    #[serde(skip)]
    patterns: HashMap<String, Regex>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub http: Http,
    input: Option<Reference>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub method: String,
    pub request_uri: String,
}

#[derive(Debug, Deserialize)]
struct Reference {
    shape: String,
}

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    members: HashMap<String, Member>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<Reference>,
    value: Option<Reference>,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    /// Its value is never repeated.
    #[serde(default)]
    sensitive: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    shape: String,
    location_name: Option<String>,
    location: Option<String>,
}

pub(crate) static WORKSPACES: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("../../models/workspaces.json")));
pub(crate) static DIRECTORY_SERVICE: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("../../models/ds.json")));
pub(crate) static SERVICE_QUOTAS: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("../../models/service-quotas.json")));
pub(crate) static SESV2: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("../../models/sesv2.json")));

impl Model {
    #[expect(clippy::expect_used, reason = "the models are part of the program and read by a test")]
    fn read(json: &str) -> Self {
        let mut model: Self = serde_json::from_str(json).expect("a model in the source tree is not readable");
        for shape in model.shapes.values() {
            if let Some(pattern) = &shape.pattern {
                // Rust's expressions know no look-around. The few patterns with it belong to operations that are not here.
                if pattern.contains("(?!") || pattern.contains("(?=") || pattern.contains("(?<") {
                    continue;
                }
                let regex = Regex::new(&translate(pattern)).expect("a pattern in the models is not readable");
                model.patterns.insert(pattern.clone(), regex);
            }
        }
        model
    }

    pub(crate) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    pub(crate) fn operations(&self) -> impl Iterator<Item = (&String, &Operation)> {
        self.operations.iter()
    }

    /// Everything that is wrong with an input, in AWS's words; empty when nothing is.
    pub(crate) fn violations(&self, operation: &Operation, input: &Value) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(shape) = &operation.input {
            self.check(&shape.shape, input, "", &mut found);
        }
        found
    }

    fn check(&self, name: &str, value: &Value, path: &str, found: &mut Vec<String>) {
        let Some(shape) = self.shapes.get(name) else { return };
        if shape.sensitive {
            let before = found.len();
            self.check_shape(shape, value, path, found);
            for violation in found.iter_mut().skip(before) {
                *violation = without_value(violation, path);
            }
        } else {
            self.check_shape(shape, value, path, found);
        }
    }

    fn check_shape(&self, shape: &Shape, value: &Value, path: &str, found: &mut Vec<String>) {
        match (shape.kind.as_str(), value) {
            ("structure", Value::Object(members)) => self.check_structure(shape, members, path, found),
            ("list", Value::Array(entries)) => {
                check_size(shape, entries.len(), value, path, found);
                for (number, entry) in (1..).zip(entries) {
                    if let Some(member) = &shape.member {
                        self.check(&member.shape, entry, &format!("{path}.{number}.member"), found);
                    }
                }
            }
            ("map", Value::Object(entries)) => {
                check_size(shape, entries.len(), value, path, found);
                for (key, entry) in entries {
                    if let Some(member) = &shape.value {
                        self.check(&member.shape, entry, &format!("{path}.{key}.member"), found);
                    }
                }
            }
            ("string", Value::String(text)) => self.check_text(shape, text, path, found),
            ("integer" | "long" | "float" | "double", Value::Number(number)) => {
                let number = number.as_f64().unwrap_or(0.0);
                check_bounds(shape, number, value, path, "value", found);
            }
            ("boolean", Value::Bool(_)) | ("timestamp", Value::Number(_)) | ("timestamp" | "blob", Value::String(_)) => {}
            _ => found.push(violation(value, path, &format!("Member must be of type {}", shape.kind))),
        }
    }

    fn check_structure(&self, shape: &Shape, members: &Map<String, Value>, path: &str, found: &mut Vec<String>) {
        let wire = |name: &str| {
            shape.members.get(name).and_then(|member| member.location_name.clone()).unwrap_or_else(|| name.to_owned())
        };
        let mut names: Vec<_> = shape.members.iter().collect();
        names.sort_by_key(|(name, _)| name.as_str());
        for (name, member) in names {
            let path = join(path, &wire(name));
            // Members in the path or query of a REST request are checked by the router.
            let in_body = member.location.is_none();
            match members.get(&wire(name)).filter(|value| !value.is_null()) {
                Some(value) => self.check(&member.shape, value, &path, found),
                None if in_body && shape.required.contains(name) => {
                    found.push(violation(&Value::Null, &path, "Member must not be null"));
                }
                None => {}
            }
        }
    }

    fn check_text(&self, shape: &Shape, text: &str, path: &str, found: &mut Vec<String>) {
        let value = Value::String(text.to_owned());
        if !shape.values.is_empty() && !shape.values.iter().any(|known| known == text) {
            found.push(violation(&value, path, &format!("Member must satisfy enum value set: [{}]", shape.values.join(", "))));
        }
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        check_bounds(shape, text.chars().count() as f64, &value, path, "length", found);
        if let Some(pattern) = &shape.pattern
            && self.patterns.get(pattern).is_some_and(|regex| !regex.is_match(text))
        {
            found.push(violation(&value, path, &format!("Member must satisfy regular expression pattern: {pattern}")));
        }
    }
}

fn check_size(shape: &Shape, size: usize, value: &Value, path: &str, found: &mut Vec<String>) {
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
    check_bounds(shape, size as f64, value, path, "length", found);
}

fn check_bounds(shape: &Shape, actual: f64, value: &Value, path: &str, of: &str, found: &mut Vec<String>) {
    if let Some(max) = shape.max.filter(|max| actual > *max) {
        found.push(violation(value, path, &format!("Member must have {of} less than or equal to {max}")));
    }
    if let Some(min) = shape.min.filter(|min| actual < *min) {
        found.push(violation(value, path, &format!("Member must have {of} greater than or equal to {min}")));
    }
}

/// `workspaces.1.member.bundleId`: AWS writes member names with a small first letter.
fn join(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let small: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
    if path.is_empty() { small } else { format!("{path}.{small}") }
}

fn violation(value: &Value, path: &str, constraint: &str) -> String {
    let shown = match value {
        Value::Null => "Value null".to_owned(),
        Value::String(text) => format!("Value '{text}'"),
        other => format!("Value '{other}'"),
    };
    format!("{shown} at '{path}' failed to satisfy constraint: {constraint}")
}

/// `Value 'x' at 'password' …` as `Value at 'password' …`.
fn without_value(violation: &str, path: &str) -> String {
    let at = format!(" at '{path}' failed");
    let constraint = violation.rfind(&at).and_then(|place| violation.get(place..)).unwrap_or_default();
    format!("Value{constraint}")
}

/// AWS's patterns are Java's and match the whole text. Java lets `[` stand unescaped in a class where Rust wants it escaped.
fn translate(pattern: &str) -> String {
    let mut translated = String::with_capacity(pattern.len() + 8);
    let (mut in_class, mut escaped) = (false, false);
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if in_class => translated.push('\\'),
            '[' => in_class = true,
            ']' => in_class = false,
            '&' | '~' if in_class => translated.push('\\'),
            _ => {}
        }
        translated.push(character);
    }
    // Java's \p{LD} is a letter or digit.
    format!("(?s)^(?:{})$", translated.replace(r"\p{LD}", r"\p{L}\p{Nd}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_models_and_all_their_patterns_are_readable() {
        for model in [&WORKSPACES, &DIRECTORY_SERVICE, &SESV2] {
            assert!(model.operations().count() > 50);
            assert!(!model.patterns.is_empty());
        }
    }

    fn create(request: Value) -> Vec<String> {
        WORKSPACES.violations(WORKSPACES.operation("CreateWorkspaces").unwrap(), &request)
    }

    #[test]
    fn a_right_request_passes() {
        let request = json!({"Workspaces": [{"DirectoryId": "d-906731a2b4", "UserName": "ada", "BundleId": "wsb-clj85qzj1",
            "WorkspaceProperties": {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60}, "Tags": [{"Key": "a", "Value": "b"}]}]});
        assert_eq!(create(request), Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_violation_is_found_at_any_depth() {
        let right = json!({"DirectoryId": "d-906731a2b4", "UserName": "ada", "BundleId": "wsb-clj85qzj1"});
        let with = |member: &str, value: Value| {
            let mut request = right.clone();
            request[member] = value;
            json!({ "Workspaces": [request] })
        };
        let cases = [
            (json!({}), "Value null at 'workspaces' failed to satisfy constraint: Member must not be null"),
            (json!({"Workspaces": []}), "length greater than or equal to 1"),
            (json!({"Workspaces": vec![right.clone(); 26]}), "length less than or equal to 25"),
            (
                with("BundleId", json!("WSB-1")),
                "'workspaces.1.member.bundleId' failed to satisfy constraint: Member must satisfy regular expression",
            ),
            (with("UserName", json!("")), "length greater than or equal to 1"),
            (with("UserName", json!("x".repeat(64))), "length less than or equal to 63"),
            (
                with("UserName", Value::Null),
                "'workspaces.1.member.userName' failed to satisfy constraint: Member must not be null",
            ),
            (with("UserName", json!(7)), "of type string"),
            (
                with("WorkspaceProperties", json!({"RunningMode": "SOMETIMES"})),
                "workspaceProperties.runningMode' failed to satisfy constraint: Member must satisfy enum",
            ),
            (with("Tags", json!([{"Key": ""}])), "tags.1.member.key"),
            (json!({"Workspaces": "x"}), "of type list"),
        ];
        for (request, words) in cases {
            let found = create(request.clone());
            assert!(found.iter().any(|violation| violation.contains(words)), "{request}: {found:?}");
        }
    }
}
