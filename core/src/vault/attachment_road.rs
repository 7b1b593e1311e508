//! Attachments between this device and the server: one request and its believed answer each.

use cairn_wire::attachment::{Ask, Fetched, State, States, put_body};
use cairn_wire::digest::{Hash, VerifyingKey};
use cairn_wire::hello::Purpose;
use cairn_wire::id::AttachmentId;
use cairn_wire::path;
use cairn_wire::refusal::{Reason, Refusal};

use super::sync::{RETRIES, Tally, send};
use super::{ServerAddress, Vault};
use crate::error::Error;
use crate::sync::{Advice, Alarm, advice, signed};
use crate::transport::Transport;

/// What came back, and what proves that it is the answer to this question.
struct Answer {
    body: Vec<u8>,
    nonce: [u8; 16],
}

impl Vault {
    /// How far the server holds these, in their order; at most [`cairn_wire::limits::ATTACHMENTS`] of them.
    pub(super) fn attachment_states(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        attachments: &[AttachmentId],
        tally: &mut Tally<'_>,
    ) -> Result<Vec<State>, Error> {
        let ask = Ask::States(attachments.to_vec());
        let answer = self.ask_of_attachments(transport, server, &ask, &[], tally)?;
        self.believed_states(&answer, attachments.len(), &server.key)
    }

    /// Gives the server pieces of an attachment from number `first` on; `hashes` are of all its pieces, sent
    /// along where the first one is. A request holds at most [`cairn_wire::limits::REQUEST`] octets. Gives how
    /// far the server holds it now: also where that is not what was meant, because it held less before
    /// or the attachment was dropped.
    ///
    /// If the road breaks the server has kept every piece that reached it whole.
    #[expect(clippy::too_many_arguments, reason = "a road, an attachment, and what is sent of it")]
    pub(super) fn put_attachment(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        attachment: AttachmentId,
        hashes: &[Hash],
        first: u64,
        pieces: &[Vec<u8>],
        tally: &mut Tally<'_>,
    ) -> Result<State, Error> {
        let body = put_body((first == 0).then_some(hashes), pieces);
        let ask = Ask::Put { attachment, first };
        let answer = self.ask_of_attachments(transport, server, &ask, &body, tally)?;
        let states = self.believed_states(&answer, 1, &server.key)?;
        Ok(states.first().copied().unwrap_or(State::Unknown))
    }

    /// Fetches pieces of an attachment from number `first` on, at most `budget` octets but at least one piece
    /// if there is one. Nothing about them is proved but by opening them.
    pub(super) fn fetch_attachment_pieces(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        attachment: AttachmentId,
        first: u64,
        budget: u64,
        tally: &mut Tally<'_>,
    ) -> Result<Fetched, Error> {
        let ask = Ask::Fetch { attachment, first, budget };
        let answer = self.ask_of_attachments(transport, server, &ask, &[], tally)?;
        Fetched::decode(&answer.body).map_err(|_| Error::Refused { reason: Reason::Malformed })
    }

    /// Has the server drop these and never take them again; only a coordinator may. At most
    /// [`cairn_wire::limits::ATTACHMENTS`] of them; [`State::Dropped`] for each that is gone.
    pub(super) fn drop_attachments(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        attachments: &[AttachmentId],
        tally: &mut Tally<'_>,
    ) -> Result<Vec<State>, Error> {
        let ask = Ask::Drop(attachments.to_vec());
        let answer = self.ask_of_attachments(transport, server, &ask, &[], tally)?;
        self.believed_states(&answer, attachments.len(), &server.key)
    }

    /// One request; a wrong clock is mended and the request repeated.
    fn ask_of_attachments(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        ask: &Ask,
        body: &[u8],
        tally: &mut Tally<'_>,
    ) -> Result<Answer, Error> {
        let workspace = self.stored_workspace()?;
        let mut tries = 0;
        loop {
            let (time, purpose, ask) = (self.time()?, Purpose::Attachments, ask.encode());
            let question = signed(&self.device, workspace, &server.key, time, purpose, ask, body)?;
            let reply = send(transport, path::ATTACHMENTS, question.bytes, tally)?;
            if reply.status == 200 {
                return Ok(Answer { body: reply.body, nonce: question.nonce });
            }
            let refusal =
                Refusal::decode(&reply.body).map_err(|_| Error::Refused { reason: Reason::Malformed })?;
            tries += 1;
            if advice(refusal.reason) != Advice::Retry || tries > RETRIES {
                return Err(Error::Refused { reason: refusal.reason });
            }
            self.mend_clock(refusal.server_time)?;
        }
    }

    fn believed_states(
        &self,
        answer: &Answer,
        asked: usize,
        server: &VerifyingKey,
    ) -> Result<Vec<State>, Error> {
        let malformed = Error::Refused { reason: Reason::Malformed };
        let Ok((states, signature)) = States::decode(&answer.body) else { return Err(malformed) };
        let (workspace, device) = (self.stored_workspace()?, self.device.id());
        if !states.verify(&signature, server, workspace, device, &answer.nonce) {
            return Err(Error::Tampered(Alarm::BadSignature));
        }
        if states.0.len() == asked { Ok(states.0) } else { Err(malformed) }
    }
}
