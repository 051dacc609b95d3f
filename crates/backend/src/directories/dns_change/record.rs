//! What is kept of a change, to print or to take away.

use model::{
    DirectoryId, DnsChangeId, Error,
    access::{Act, Actor},
    directories::{DnsChange, DnsWorkspace},
};

use super::store;
use crate::{Fault, Services, fault::told, sheet};

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
    write(workspaces).map_err(told)
}

fn write(workspaces: Vec<DnsWorkspace>) -> Result<String, Fault> {
    let row = |workspace: DnsWorkspace| {
        [
            workspace.id.to_string(),
            workspace.computer_name.unwrap_or_default(),
            workspace.user_name,
            workspace.state.unwrap_or_else(|| "gone".to_owned()),
            workspace.told.as_str().to_owned(),
            workspace.note.unwrap_or_default(),
            workspace.by.unwrap_or_default(),
            workspace.at.map(|at| at.machine).unwrap_or_default(),
        ]
    };
    let columns = ["workspace", "computer name", "user", "state", "result", "note", "by", "at"];
    sheet::write(columns, workspaces.into_iter().map(row))
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
        let text = write(vec![row]).unwrap();
        assert_eq!(
            text,
            "workspace,computer name,user,state,result,note,by,at\r\n\
             ws-000000001,WSAMZN-1,anna,gone,skipped,\"'=HYPERLINK(\"\"http://x\"\"),\"\"y\"\"\",,\r\n"
        );
    }
}
