//! The sandbox as its clients see it: over the wire.

// `cfg(test)` is always true here; Clippy goes by it to allow `unwrap` outside the test functions themselves.
#[cfg(test)]
mod aws_clients;
#[cfg(test)]
mod aws_control;
#[cfg(test)]
mod aws_create;
#[cfg(test)]
mod aws_describe;
#[cfg(test)]
mod aws_directories;
#[cfg(test)]
mod aws_faults;
#[cfg(test)]
mod aws_ip_groups;
#[cfg(test)]
mod aws_mail;
#[cfg(test)]
mod aws_network;
#[cfg(test)]
mod aws_program;
#[cfg(test)]
mod aws_registrations;
#[cfg(test)]
mod aws_tags;
#[cfg(test)]
mod aws_wire;
#[cfg(test)]
mod controller;
#[cfg(test)]
mod ldap;
#[cfg(test)]
mod oidc;
