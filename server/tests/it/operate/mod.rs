//! What operators rely on.

mod away;
mod backup;
mod collector;
mod configured;
mod doctor;
mod killed;
mod password;
mod quiet;
mod roles;
mod stop;
mod versions;
mod whole;
mod wire;
