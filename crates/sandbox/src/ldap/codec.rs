//! The wire format. ldap3_proto keeps filter values as text, but `objectGUID` and `objectSid` are asked for with binary
//! ones; these are turned into hexadecimal text on the way in.

use std::io;

use ldap3_lber::{
    parse::Parser,
    structure::{PL, StructureTag},
};
use ldap3_proto::{LdapCodec, LdapMsg};
use tokio_util::{
    bytes::{Buf, BytesMut},
    codec::{Decoder, Encoder},
};

/// A request is longer than the usual limit when it asks for many people by id.
const LONGEST_REQUEST: usize = 1 << 20;
const DEEPEST: usize = 128;
/// `[APPLICATION 3]`: SearchRequest.
const SEARCH_REQUEST: u64 = 3;
/// The filter's place in a SearchRequest.
const FILTER: usize = 6;

pub(super) struct Codec {
    answers: LdapCodec,
}

impl Codec {
    pub(super) fn new() -> Self {
        Self { answers: LdapCodec::new(Some(LONGEST_REQUEST), Some(DEEPEST)) }
    }
}

impl Decoder for Codec {
    type Item = LdapMsg;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<LdapMsg>> {
        if buffer.is_empty() {
            return Ok(None);
        }
        if buffer.len() > LONGEST_REQUEST {
            return Err(io::Error::other("the request is too long"));
        }
        let (rest, mut message) = match Parser::new(DEEPEST).parse(buffer) {
            Ok((rest, message)) => (rest.len(), message),
            Err(error) if error.is_incomplete() => return Ok(None),
            Err(_) => return Err(io::Error::other("not BER")),
        };
        buffer.advance(buffer.len() - rest);
        make_text(&mut message);
        LdapMsg::try_from(message).map(Some).map_err(|error| io::Error::other(format!("not LDAP: {error:?}")))
    }
}

impl Encoder<LdapMsg> for Codec {
    type Error = io::Error;

    fn encode(&mut self, message: LdapMsg, buffer: &mut BytesMut) -> io::Result<()> {
        self.answers.encode(message, buffer)
    }
}

fn make_text(message: &mut StructureTag) {
    let PL::C(parts) = &mut message.payload else { return };
    let Some(operation) = parts.get_mut(1).filter(|operation| operation.id == SEARCH_REQUEST) else { return };
    let PL::C(fields) = &mut operation.payload else { return };
    if let Some(filter) = fields.get_mut(FILTER) {
        walk(filter);
    }
}

/// Visits every assertion: and, or, not hold filters; the others hold an attribute and a value.
fn walk(filter: &mut StructureTag) {
    let PL::C(parts) = &mut filter.payload else { return };
    if matches!(filter.id, 0..=2) {
        parts.iter_mut().for_each(walk);
        return;
    }
    let [attribute, value] = parts.as_mut_slice() else { return };
    if let (PL::P(name), PL::P(bytes)) = (&attribute.payload, &mut value.payload)
        && is_binary(&String::from_utf8_lossy(name))
    {
        *bytes = hex::encode(&*bytes).into_bytes();
    }
}

/// Attributes whose values are compared as hexadecimal text.
pub(super) fn is_binary(name: &str) -> bool {
    name.eq_ignore_ascii_case("objectGUID") || name.eq_ignore_ascii_case("objectSid")
}
