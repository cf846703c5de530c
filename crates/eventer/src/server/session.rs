use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hat_event_chatter::{CloseReason, Outgoing, Received, Receiver, Until};
use hat_event_common::{MsgQueryReq, MsgRegisterReq};

use super::Shared;
use super::call::{Answer, Call, Origin, Request};
use super::registry::Client;
use crate::message::{EVENTS_ACK, QUERY_REQ, REGISTER_REQ, decode, unexpected};

/// So many messages are taken before the calls that are under way are looked at again: not after each, as all of them are
/// then, and not never, as they may have something that others wait for.
const MESSAGES: usize = 64;

/// A client that was let in, and its requests.
///
/// What is under way is a query or registrations. Once a call has begun it is looked at until it ends, whatever else is waited for:
/// it may be its turn, and that of others after it.
pub(super) struct Session<'a> {
    shared: &'a Shared,
    client: &'a Arc<Client>,
    /// Those that have not begun.
    requests: VecDeque<(Request, Origin)>,
    /// Those that are not answered, in the order in which they came.
    calls: VecDeque<(Call<'a>, Origin)>,
    /// What all of them take, without the oldest.
    waiting: usize,
    /// How many messages were taken since the calls were looked at.
    taken: usize,
    /// Why the connection ended, if it did.
    ended: Option<CloseReason>,
}

impl<'a> Session<'a> {
    pub(super) fn new(shared: &'a Shared, client: &'a Arc<Client>) -> Self {
        let (requests, calls) = (VecDeque::new(), VecDeque::new());
        Self { shared, client, requests, calls, waiting: 0, taken: 0, ended: None }
    }

    /// Handles requests until the connection has ended and all calls have.
    pub(super) async fn run(mut self, receiver: &mut Receiver) -> CloseReason {
        let config = &self.shared.config;
        loop {
            poll_fn(|context| {
                self.begin(context);
                Poll::Ready(())
            })
            .await;
            if let Some(reason) = &self.ended {
                if self.calls.is_empty() {
                    return reason.clone();
                }
                poll_fn(|context| self.poll_calls(context)).await;
                continue;
            }
            let is_held_up = !(self.calls.is_empty() && self.requests.is_empty()) && self.is_full();
            let until = Until {
                message: self.waiting < config.max_waiting,
                queued_below: is_held_up.then_some(config.max_unsent),
            };
            let mut advancing = pin!(receiver.advance(until));
            let received = poll_fn(|context| {
                if self.taken >= MESSAGES && self.poll_calls(context).is_ready() {
                    return Poll::Ready(None);
                }
                if let Poll::Ready(received) = advancing.as_mut().poll(context) {
                    self.taken += 1;
                    return Poll::Ready(Some(received));
                }
                self.poll_calls(context).map(|()| None)
            });
            if let Some(received) = received.await {
                self.take(received);
            }
        }
    }

    /// Whether the client has not taken its answers: it gets no more of them until then.
    fn is_full(&self) -> bool {
        self.ended.is_none() && self.client.sender.queued() >= self.shared.config.max_unsent
    }

    /// Begins with what may begin.
    fn begin(&mut self, context: &mut Context<'_>) {
        while let Some((request, _)) = self.requests.front() {
            let may_begin = match (self.calls.front(), request) {
                (None, _) => true,
                (Some((Call::Querying(_), _)), _) | (_, Request::Query(_)) => false,
                (Some(_), Request::Register(_)) => self.calls.len() < self.shared.config.max_registering,
            };
            if !may_begin || self.is_full() {
                return;
            }
            let Some((request, origin)) = self.requests.pop_front() else { return };
            let mut call = Call::begin(self.shared, self.client, request);
            call.poll(&origin, context);
            if self.calls.is_empty() {
                self.waiting -= origin.len;
                if let Call::Answered(answer) = call {
                    self.answer(&origin, answer);
                    continue;
                }
            }
            self.calls.push_back((call, origin));
        }
    }

    /// Looks at all calls, and sends the answers before which none is missing; ready if there was one.
    fn poll_calls(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.taken = 0;
        for (call, origin) in &mut self.calls {
            call.poll(origin, context);
        }
        let before = self.calls.len();
        while !self.is_full()
            && let Some((Call::Answered(answer), origin)) = self.calls.pop_front_if(|(call, _)| call.is_answered())
        {
            self.answer(&origin, answer);
            self.waiting -= self.calls.front().map_or(0, |(_, oldest)| oldest.len);
        }
        if self.calls.len() < before { Poll::Ready(()) } else { Poll::Pending }
    }

    fn answer(&self, origin: &Origin, answer: Answer) {
        match answer {
            Ok(None) => {}
            Ok(Some((data_type, data))) => {
                // If the client is gone, so is the need for the answer.
                let _ = self.client.sender.send(&Outgoing::answer(origin.conversation, data_type, &[data]));
            }
            Err(reason) => self.client.sender.fail(reason),
        }
    }

    /// Keeps a request for later, or does at once what cannot wait.
    fn take(&mut self, received: Result<Option<Received>, CloseReason>) {
        let taken = match received {
            Ok(None) => return,
            Ok(Some(message)) => match &*message.data.data_type {
                EVENTS_ACK => {
                    self.client.acknowledged(message.conversation);
                    return;
                }
                REGISTER_REQ => {
                    decode::<MsgRegisterReq>(&message).map(|request| (Request::Register(request.0), message))
                }
                QUERY_REQ => decode::<MsgQueryReq>(&message).map(|request| (Request::Query(request.0), message)),
                _ => Err(unexpected(&message)),
            },
            Err(reason) => Err(reason),
        };
        match taken {
            Ok((request, message)) => {
                let origin = Origin::of(&message);
                self.waiting += origin.len;
                self.requests.push_back((request, origin));
            }
            Err(reason) => {
                self.client.sender.fail(reason.clone());
                // Nobody waits for it, however long its requests take.
                self.shared.clients().remove(self.client);
                self.ended = Some(reason);
                // Nobody is there for the answers; what was registered before the end is.
                self.requests.retain(|(request, _)| matches!(request, Request::Register(_)));
            }
        }
    }
}
