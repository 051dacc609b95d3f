//! A list on its way in, pasted or as a file: the form's fields as they come over the wire.

use leptos::server_fn::codec::MultipartData;
use model::Error;

/// What the form said.
#[derive(Debug)]
pub(crate) struct List {
    /// The other fields, by name.
    fields: Vec<(String, String)>,
    /// The file's name, made fit to be shown.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl List {
    /// One of the other fields; empty if it is not there.
    pub(crate) fn field(&self, field: &str) -> String {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// An id among the other fields.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is not there, or none.
    pub(crate) fn id<T: std::str::FromStr>(&self, field: &str) -> Result<T, Error> {
        self.field(field).trim().parse().map_err(|_| Error::NotFound)
    }
}

/// Longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

fn incomplete() -> Error {
    Error::invalid("list", "The list did not come whole. Nothing of it was taken. Try again.")
}

/// Reads the fields as [`form`] does, and wants a list among them.
///
/// # Errors
/// As [`form`]; [`Error::Invalid`] on the field `list` too if nothing came.
pub(crate) async fn list(data: MultipartData, largest: usize) -> Result<List, Error> {
    let list = form(data, largest).await?;
    if list.bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("list", "Paste a list or choose a file first."));
    }
    Ok(list)
}

/// Reads the fields: `text`, `file`, and others that are short; a file counts more than what was pasted. What is larger than
/// `largest` bytes is read to its end and thrown away, so that the browser gets the answer.
///
/// # Errors
/// [`Error::Invalid`] on the field `list`: too much came, or it broke off.
pub(crate) async fn form(data: MultipartData, largest: usize) -> Result<List, Error> {
    let mut form = data.into_inner().ok_or_else(incomplete)?;
    let (mut fields, mut pasted, mut file) = (Vec::new(), Vec::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(|_| incomplete())? {
        let (field_name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(ToOwned::to_owned));
        let (mut bytes, mut too_large) = (Vec::new(), false);
        while let Some(chunk) = field.chunk().await.map_err(|_| incomplete())? {
            too_large |= bytes.len() + chunk.len() > largest;
            if !too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        if too_large {
            let most = largest >> 20;
            return Err(Error::invalid("list", format!("The list is larger than {most} MB. Nothing of it was taken. Split it.")));
        }
        match field_name.as_str() {
            "text" => pasted = bytes,
            "file" if !bytes.is_empty() => file = Some((file_name.unwrap_or_default(), bytes)),
            "file" => {}
            _ => fields.push((field_name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    let (name, bytes) = file.unwrap_or_else(|| ("Pasted list".to_owned(), pasted));
    let shown = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    Ok(List { fields, name: shown, bytes })
}
