//! A list of people on its way in: the form's fields as they come over the wire.

use leptos::server_fn::codec::MultipartData;
use model::{DraftId, Error, launches::LARGEST_LIST};

/// What the form said.
#[derive(Debug)]
pub(super) struct List {
    pub draft: DraftId,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Longest name of a file that is kept, in characters.
const LONGEST_NAME: usize = 120;

fn incomplete() -> Error {
    Error::invalid("list", "The list did not come whole. Nothing was added. Try again.")
}

/// Reads the fields; a file counts more than what was pasted. What is too large is read to its end and thrown away, so that the
/// browser gets the answer.
///
/// # Errors
/// [`Error::Invalid`] on the field `list`: nothing came, too much did, or it broke off.
pub(super) async fn list(data: MultipartData) -> Result<List, Error> {
    let mut form = data.into_inner().ok_or_else(incomplete)?;
    let (mut draft, mut pasted, mut file) = (None, Vec::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(|_| incomplete())? {
        let (field_name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(ToOwned::to_owned));
        let (mut bytes, mut too_large) = (Vec::new(), false);
        while let Some(chunk) = field.chunk().await.map_err(|_| incomplete())? {
            too_large |= bytes.len() + chunk.len() > LARGEST_LIST;
            if !too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        if too_large {
            let most = LARGEST_LIST >> 20;
            return Err(Error::invalid("list", format!("The list is larger than {most} MB. Nothing was added. Split it.")));
        }
        match field_name.as_str() {
            "draft" => draft = std::str::from_utf8(&bytes).ok().and_then(|id| id.trim().parse().ok()),
            "text" => pasted = bytes,
            "file" if !bytes.is_empty() => file = Some((file_name.unwrap_or_default(), bytes)),
            _ => {}
        }
    }
    let draft = draft.ok_or(Error::NotFound)?;
    let (name, bytes) = file.unwrap_or_else(|| ("Pasted list".to_owned(), pasted));
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("list", "Paste a list or choose a file first."));
    }
    let shown = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    Ok(List { draft, name: shown, bytes })
}
