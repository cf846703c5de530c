use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hat_event_chatter::{CloseReason, Conversation, Outgoing, Receiver, Until};
use hat_event_common::{MsgInitReq, MsgInitRes, Sbs, Subscription};

use super::registry::Client;
use super::session::Session;
use super::{ConnectionInfo, Shared};
use crate::message::{INIT_REQ, INIT_RES, decode, unexpected};

/// Serves a connection until it ends.
pub(super) async fn serve(shared: &Shared, mut receiver: Receiver) {
    let reason = match introduce(shared, &mut receiver).await {
        Ok(client) => {
            let _registered = Registered { shared, client: &client };
            let reason = Session::new(shared, &client).run(&mut receiver).await;
            // What was said before the end still goes out.
            tokio::join!(receiver.closed(), shared.handler.disconnected(&client.info));
            reason
        }
        Err(reason) => reason,
    };
    // What was said before the end still goes out.
    receiver.closed().await;
    let remote = &receiver.peer().remote;
    if reason.is_slow_peer() {
        let count = shared.cut_off.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(%remote, count, "client cut off: {reason}");
    } else if reason.is_orderly() {
        tracing::debug!(%remote, "connection ended: {reason}");
    } else {
        tracing::warn!(%remote, "connection ended: {reason}");
    }
}

/// Has a client forgotten at the latest when its connection is served no more, also if a handler panics.
struct Registered<'a> {
    shared: &'a Shared,
    client: &'a Arc<Client>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.shared.clients().remove(self.client);
    }
}

/// Lets a client in that introduces itself and is not refused.
async fn introduce(shared: &Shared, receiver: &mut Receiver) -> Result<Arc<Client>, CloseReason> {
    let message = receiver.receive().await?;
    let init = match &*message.data.data_type {
        INIT_REQ => decode::<MsgInitReq>(&message),
        _ => Err(unexpected(&message)),
    };
    let init = init.inspect_err(|reason| receiver.sender().fail(reason.clone()))?;
    let subscription = Subscription::new(init.subscriptions).map_err(|error| error.to_string());
    let info = subscription.map(|subscription| {
        Arc::new(ConnectionInfo {
            id: shared.next_id(),
            peer: receiver.peer().clone(),
            client_name: init.client_name.to_string(),
            client_token: init.client_token.map(|token| token.to_string()),
            subscription,
            server_id: init.server_id,
            persisted: init.persisted,
        })
    });
    let info = match info {
        Ok(info) => info,
        Err(error) => return Err(refuse(receiver, message.conversation, &error).await),
    };
    let connected = to_its_end(receiver, shared.handler.connected(&info)).await;
    if let Err(error) = connected {
        return Err(refuse(receiver, message.conversation, &error.to_string()).await);
    }
    let client = Arc::new(Client::new(info, receiver.sender().clone()));
    if shared.clients().insert(&client, message.conversation).is_err() {
        // It ended while it was let in.
        shared.handler.disconnected(&client.info).await;
        return Err(receiver.closed().await);
    }
    tracing::debug!(remote = %client.info.peer.remote, name = client.info.client_name, "client connected");
    Ok(client)
}

/// Tells a client why it is refused, and waits for the end of its connection.
async fn refuse(receiver: &mut Receiver, init: Conversation, error: &str) -> CloseReason {
    tracing::warn!(remote = %receiver.peer().remote, "client refused: {error}");
    let data = [MsgInitRes::Error(error.to_owned().into()).to_sbs_bytes()];
    if receiver.sender().send(&Outgoing::answer(init, INIT_RES, &data)).is_ok() {
        receiver.sender().close();
    }
    receiver.closed().await
}

/// Waits for a call, while the connection goes on; the call comes to its end also if the connection ends before.
async fn to_its_end<T>(receiver: &mut Receiver, call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    tokio::select! {
        biased;
        result = &mut call => result,
        // Without a message to wait for it returns only at the end.
        _ = receiver.advance(Until::default()) => call.await,
    }
}
