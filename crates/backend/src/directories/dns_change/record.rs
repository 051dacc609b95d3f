//! What is kept of a change, to print or to take away.

use csv::WriterBuilder;
use model::{
    DirectoryId, DnsChangeId, Error,
    access::{Act, Actor},
    directories::{DnsChange, DnsWorkspace},
};

use super::store;
use crate::{Fault, Services, fault::told};

/// The change with all of its WorkSpaces.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub async fn record(
    services: &Services,
    actor: &Actor,
    directory: &DirectoryId,
    id: DnsChangeId,
) -> model::Result<(DnsChange, Vec<DnsWorkspace>)> {
    actor.authorize_in(Act::ManageDirectories, directory)?;
    let (change, _) = store::one(services, directory, id).await.map_err(told)?.ok_or(Error::NotFound)?;
    Ok((change, store::all(services, id).await.map_err(told)?))
}

/// The same WorkSpaces as CSV, which can be filled in and imported again.
///
/// # Errors
/// As [`record`].
pub async fn csv(services: &Services, actor: &Actor, directory: &DirectoryId, id: DnsChangeId) -> model::Result<String> {
    let (_, workspaces) = record(services, actor, directory, id).await?;
    write(&workspaces).map_err(|error| told(Fault::Bug(format!("CSV of a DNS change: {error}"))))
}

fn write(workspaces: &[DnsWorkspace]) -> Result<String, Box<dyn std::error::Error>> {
    let mut writer = WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(["workspace", "computer name", "user", "state", "result", "note", "by", "at"])?;
    for workspace in workspaces {
        let cells = [
            workspace.id.as_str(),
            workspace.computer_name.as_deref().unwrap_or_default(),
            &workspace.user_name,
            workspace.state.as_deref().unwrap_or("gone"),
            workspace.told.as_str(),
            workspace.note.as_deref().unwrap_or_default(),
            workspace.by.as_deref().unwrap_or_default(),
            workspace.at.as_ref().map_or("", |at| at.machine.as_str()),
        ];
        writer.write_record(cells.map(harmless))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// A spreadsheet takes what begins so for a formula, and runs it; and where the country's list separator is a semicolon, what stands
/// after one begins a cell too.
fn harmless(cell: &str) -> String {
    let cell = cell.replace([';', '\t', '\r'], ",");
    if cell.starts_with(['=', '+', '-', '@', ',']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::directories::Told;

    #[test]
    fn the_file_can_be_opened_without_harm() {
        let row = DnsWorkspace {
            id: "ws-000000001".parse().unwrap(),
            user_name: "anna".into(),
            computer_name: Some("WSAMZN-1".into()),
            state: None,
            told: Told::Skipped,
            note: Some("=HYPERLINK(\"http://x\"),\"y\"".into()),
            by: None,
            at: None,
            late: false,
        };
        let text = write(&[row]).unwrap();
        assert_eq!(
            text,
            "workspace,computer name,user,state,result,note,by,at\r\n\
             ws-000000001,WSAMZN-1,anna,gone,skipped,\"'=HYPERLINK(\"\"http://x\"\"),\"\"y\"\"\",,\r\n"
        );
    }
}
