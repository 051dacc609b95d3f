//! What operators rely on.

mod away;
mod backup;
mod configured;
mod doctor;
mod roles;
mod stop;
mod versions;
mod whole;
mod wire;
