use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hat_event_chatter::{ClosedError, Conversation, Outgoing, Sender};
use hat_event_common::{Event, EventTypeCollection, Sbs, Status, TreeEventTypeCollection};
use tokio::sync::oneshot;

use super::notification::{Ack, Notification};
use super::{ConnectionId, ConnectionInfo};
use crate::message::{EVENTS_NOTIFY, INIT_RES, STATUS_NOTIFY};

/// All clients that are let in, and which events go to whom.
#[derive(Debug)]
pub(super) struct Registry {
    status: Status,
    clients: BTreeMap<ConnectionId, Arc<Client>>,
    /// Those who want events when they are registered.
    registered: Wanting,
    /// Those who want events once they are persisted.
    persisted: Wanting,
}

/// Clients by what they subscribed to.
#[derive(Debug, Default)]
struct Wanting {
    count: usize,
    collection: TreeEventTypeCollection<Arc<Client>>,
}

/// A client that is let in.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) info: Arc<ConnectionInfo>,
    pub(super) sender: Sender,
    /// Who waits for acknowledgements, by the first id of their conversation.
    acks: Mutex<HashMap<i64, oneshot::Sender<()>>>,
}

impl Registry {
    pub(super) fn new(status: Status) -> Self {
        Self { status, clients: BTreeMap::new(), registered: Wanting::default(), persisted: Wanting::default() }
    }

    pub(super) fn infos(&self) -> Vec<Arc<ConnectionInfo>> {
        self.clients.values().map(|client| Arc::clone(&client.info)).collect()
    }

    pub(super) fn status(&self) -> Status {
        self.status
    }

    pub(super) fn set_status(&mut self, status: Status) {
        if self.status == status {
            return;
        }
        self.status = status;
        let data = [status.to_sbs_bytes()];
        for client in self.clients.values() {
            // Who is closed meanwhile needs no status.
            let _ = client.sender.send(&Outgoing::first(STATUS_NOTIFY, &data, false));
        }
    }

    /// Lets a client in. Its answer tells the status, and is sent before anything else that concerns it.
    pub(super) fn insert(&mut self, client: &Arc<Client>, init: Conversation) -> Result<(), ClosedError> {
        let data = [Bytes::from_static(&[0x80]), self.status.to_sbs_bytes()];
        client.sender.accept();
        client.sender.send(&Outgoing::answer(init, INIT_RES, &data))?;
        let info = &client.info;
        if !info.subscription.query_types().is_empty() {
            let wanting = self.wanting(info.persisted);
            wanting.count += 1;
            wanting.collection.add(&info.subscription, Arc::clone(client));
        }
        self.clients.insert(info.id, Arc::clone(client));
        Ok(())
    }

    /// Forgets a client, if it is there; nobody waits for its acknowledgements any more.
    pub(super) fn remove(&mut self, client: &Arc<Client>) {
        let is_known = self.clients.remove(&client.info.id).is_some();
        if is_known && !client.info.subscription.query_types().is_empty() {
            let wanting = self.wanting(client.info.persisted);
            wanting.count -= 1;
            wanting.collection.remove(client);
        }
        client.acks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Sends events to those who want them; returns what to wait for, if acknowledgements are wanted.
    pub(super) fn notify(&mut self, events: &[Event], persisted: bool, with_ack: bool) -> Vec<Ack> {
        let Wanting { count, collection } = self.wanting(persisted);
        if *count == 0 {
            return Vec::new();
        }
        let mut notification = Notification::default();
        for event in events {
            let mut encoded = notification.event(event);
            collection.visit(&event.event_type, &mut |client| {
                if client.info.server_id.is_none_or(|server| server == event.id.server) {
                    encoded.add(client);
                }
            });
        }
        let mut acks = Vec::new();
        notification.send(|client, data| acks.extend(client.send_events(data, with_ack)));
        acks
    }

    fn wanting(&mut self, persisted: bool) -> &mut Wanting {
        if persisted { &mut self.persisted } else { &mut self.registered }
    }
}

impl Client {
    pub(super) fn new(info: Arc<ConnectionInfo>, sender: Sender) -> Self {
        Self { info, sender, acks: Mutex::default() }
    }

    /// The client has handled the events of a conversation.
    pub(super) fn acknowledged(&self, conversation: Conversation) {
        // Numbers of its own conversations are others.
        if !conversation.owner {
            return;
        }
        let ack = self.acks.lock().unwrap_or_else(PoisonError::into_inner).remove(&conversation.first);
        if let Some(ack) = ack {
            // Whoever does not wait any more needs no answer.
            let _ = ack.send(());
        }
    }

    /// Sends events; if it was possible and an acknowledgement is wanted, returns what waits for it.
    fn send_events(self: &Arc<Self>, data: &[Bytes], with_ack: bool) -> Option<Ack> {
        // Held until it is known what is waited for: the answer may be here at once.
        let mut acks = self.acks.lock().unwrap_or_else(PoisonError::into_inner);
        let conversation = self.sender.send(&Outgoing::first(EVENTS_NOTIFY, data, with_ack)).ok()?;
        with_ack.then(|| {
            let (sender, receiver) = oneshot::channel();
            acks.insert(conversation.first, sender);
            Ack { client: Arc::clone(self), acknowledged: receiver }
        })
    }
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        self.info.id == other.info.id
    }
}

impl Eq for Client {}

impl Hash for Client {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.info.id.hash(state);
    }
}
