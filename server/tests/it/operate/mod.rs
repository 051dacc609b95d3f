//! What operators rely on.

mod away;
mod backup;
mod collector;
mod configured;
mod doctor;
mod password;
mod roles;
mod stop;
mod versions;
mod whole;
mod wire;
