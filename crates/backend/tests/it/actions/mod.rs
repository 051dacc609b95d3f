//! What is done to WorkSpaces: choosing it and saying yes (`start`), and what the engine makes of AWS's answers (`engine`).

mod engine;
mod start;

use backend::workspaces::{
    self,
    act::{self, Yes},
};
use chrono::TimeDelta;
use model::{
    BatchId, PageRequest, WorkspaceId,
    access::{Actor, Role},
    workspaces::{ActionState, BatchItem, WorkspaceAction},
};

use crate::house::{House, helpdesk, person};

const MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

fn admin() -> Actor {
    person(Role::Admin, None)
}

/// AutoStop WorkSpaces of these people, at AWS and in the mirror, in that state.
async fn fleet(house: &House, state: &str, accounts: &[&str]) -> Vec<WorkspaceId> {
    let mut ids = Vec::new();
    for (number, account) in (1..).zip(accounts) {
        let id = house.workspace(number, account, state).await;
        house.at_aws(id.as_str(), account);
        let mut memory = house.sandbox.state().memory();
        let made = memory.workspaces.last_mut().unwrap();
        (made.running_mode, made.auto_stop_minutes, made.state) = ("AUTO_STOP".into(), Some(60), Some(state.into()));
        ids.push(id);
    }
    house.execute("update workspace set running_mode = 'AUTO_STOP', auto_stop_minutes = 60").await;
    ids
}

async fn prepare(house: &House, action: WorkspaceAction, ids: &[WorkspaceId]) -> BatchId {
    act::prepare(&house.services, &admin(), action, ids.to_vec()).await.unwrap()
}

fn yes(typed: &str) -> Yes {
    Yes { typed: typed.into(), reason: "the project ended".into() }
}

async fn started(house: &House, action: WorkspaceAction, ids: &[WorkspaceId]) -> BatchId {
    let id = prepare(house, action, ids).await;
    let word = act::confirm(&house.services, &admin(), id).await.unwrap().word().unwrap_or_default();
    act::start(&house.services, &admin(), id, action, yes(&word)).await.unwrap()
}

async fn items(house: &House, id: BatchId) -> Vec<BatchItem> {
    let page = PageRequest { number: 1, size: 100 };
    act::batch(&house.services, &helpdesk(), id, None, page).await.unwrap().1.rows
}

async fn states(house: &House, id: BatchId) -> Vec<ActionState> {
    let mut items = items(house, id).await;
    items.sort_by(|a, b| a.user_name.cmp(&b.user_name));
    items.into_iter().map(|item| item.state).collect()
}

/// Moves the time on and runs jobs until the batch is done.
async fn work(house: &House, id: BatchId) {
    for _ in 0..12 {
        house.run_waiting().await;
        let page = PageRequest::default();
        if act::batch(&house.services, &helpdesk(), id, None, page).await.unwrap().0.counts.is_done() {
            return;
        }
        house.sandbox.clock().advance(TimeDelta::seconds(40));
    }
    panic!("the batch does not come to an end: {:?}", items(house, id).await);
}

async fn mirrored(house: &House, id: &WorkspaceId) -> String {
    workspaces::get(&house.services, &helpdesk(), id.clone()).await.unwrap().workspace.state
}

/// What the record says of an action on one person's WorkSpace: phase, outcome and detail, in order.
async fn recorded(house: &House, action: &str) -> Vec<(String, Option<String>, Option<String>)> {
    sqlx::query_as("select phase, outcome, detail from audit where action = $1 order by id")
        .bind(action)
        .fetch_all(&house.db)
        .await
        .unwrap()
}
