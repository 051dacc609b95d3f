//! Where settings come from: the TOML file, the environment over it, and files that hold single values (`…_file`). Every error
//! names the setting and never shows its value.

use std::{fs, path::Path};

use backend::settings::SettingError;
use config::{ConfigError, Value, ValueKind};
use serde::de::DeserializeOwned;

/// Settings that are a file's path themselves, although their names end as those do that hold a value.
const PATHS: [&str; 1] = ["ca_file"];
const SUFFIX: &str = "_file";

/// Reads all settings.
///
/// # Errors
/// The file can't be read, a setting is missing, unknown, given twice or of the wrong kind, or its `_file` can't be read.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, SettingError> {
    let file = config::File::from(path).format(config::FileFormat::Toml);
    let environment = config::Environment::with_prefix("FRONTDESK").prefix_separator("__").separator("__");
    let built = config::Config::builder().add_source(file).add_source(environment).build();
    let mut settings = built.map_err(|error| SettingError::new(path.display().to_string(), without_lines(&error)))?.cache;
    fill_in(&mut settings, "")?;
    serde_path_to_error::deserialize(settings).map_err(|error| named(&error.path().to_string(), error.inner()))
}

/// Puts the contents of files in the place of the settings that name them.
fn fill_in(value: &mut Value, place: &str) -> Result<(), SettingError> {
    match &mut value.kind {
        ValueKind::Table(table) => {
            let given: Vec<String> = table.keys().filter(|key| key.ends_with(SUFFIX)).cloned().collect();
            for key in given.iter().filter(|key| !PATHS.contains(&key.as_str())) {
                let Some(name) = key.strip_suffix(SUFFIX) else { continue };
                let (setting, named_by) = (join(place, name), join(place, key));
                if table.contains_key(name) {
                    return Err(SettingError::new(setting, format!("is given twice, by itself and by {named_by}")));
                }
                let Some(file) = table.remove(key) else { continue };
                let file = file.into_string().map_err(|_| SettingError::new(&named_by, "is not a file's path"))?;
                let text = fs::read_to_string(&file).map_err(|error| SettingError::new(&named_by, format!("{file}: {error}")))?;
                table.insert(name.to_owned(), Value::new(Some(&file), text.trim_end_matches(['\r', '\n']).to_owned()));
            }
            table.iter_mut().try_for_each(|(key, value)| fill_in(value, &join(place, key)))
        }
        ValueKind::Array(values) => {
            values.iter_mut().enumerate().try_for_each(|(index, value)| fill_in(value, &format!("{place}[{index}]")))
        }
        _ => Ok(()),
    }
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

/// The setting that an error is about. `place` is how far the reading had come: a table's for what it lacks.
fn named(place: &str, error: &ConfigError) -> SettingError {
    let place = if place == "." { "" } else { place };
    match error {
        ConfigError::At { error, .. } => named(place, error),
        ConfigError::NotFound(field) => {
            SettingError::new(join(place, field.rsplit(['.', ']']).next().unwrap_or(field)), "is missing")
        }
        ConfigError::Type { expected, .. } => SettingError::new(place, format!("is not {expected}")),
        ConfigError::Message(text) if text.starts_with("unknown field `") => {
            let field = text.split('`').nth(1).unwrap_or_default();
            let named_already = place == field || place.ends_with(&format!(".{field}"));
            SettingError::new(if named_already { place.to_owned() } else { join(place, field) }, "is no setting")
        }
        ConfigError::Message(text) if text.starts_with("data did not match any variant") => {
            SettingError::new(place, "is not of the right kind")
        }
        other => SettingError::new(place, other),
    }
}

/// The parser's words without the lines of the file that it shows: they may hold a secret.
fn without_lines(error: &ConfigError) -> String {
    let text = error.to_string();
    let lines = text.lines().filter(|line| !line.contains(" | ") && !line.trim_end().ends_with('|'));
    lines.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}
