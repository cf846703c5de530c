use std::sync::Arc;
use std::sync::atomic::Ordering;

use hat_event_chatter::{CloseReason, Outgoing, Received, Receiver, Until};
use hat_event_common::{MsgEventsNotify, MsgInitReq, MsgInitRes, MsgStatusNotify, Sbs, Status};
use tokio::sync::mpsc;

use super::events::{Notification, acknowledge};
use super::{ClientOptions, ConnectError, Shared};
use crate::message::{EVENTS_NOTIFY, INIT_REQ, INIT_RES, QUERY_RES, REGISTER_RES, STATUS_NOTIFY, decode, unexpected};

/// Introduces the client, and returns the server's status if it is let in.
pub(super) async fn introduce(receiver: &mut Receiver, options: &ClientOptions) -> Result<Status, ConnectError> {
    let init = MsgInitReq {
        client_name: options.client_name.as_str().into(),
        client_token: options.client_token.as_deref().map(Into::into),
        subscriptions: options.subscriptions.clone(),
        server_id: options.server_id,
        persisted: options.persisted,
    };
    let data = [init.to_sbs_bytes()];
    // If it cannot be sent, what is received says why.
    let _ = receiver.sender().send(&Outgoing::first(INIT_REQ, &data, true));
    let answer = receiver.receive().await.and_then(|message| match &*message.data.data_type {
        INIT_RES => decode(&message),
        _ => Err(unexpected(&message)),
    });
    match answer {
        Ok(MsgInitRes::Success(status)) => {
            receiver.sender().accept();
            Ok(status)
        }
        Ok(MsgInitRes::Error(error)) => {
            receiver.sender().close();
            receiver.closed().await;
            Err(ConnectError::Refused(error.to_string()))
        }
        Err(reason) => {
            receiver.sender().fail(reason.clone());
            Err(ConnectError::Closed(reason))
        }
    }
}

/// Runs a connection until it ends.
pub(super) async fn run(
    shared: Arc<Shared>,
    mut receiver: Receiver,
    notifications: mpsc::UnboundedSender<Notification>,
) {
    let reason = loop {
        let until = Until {
            message: shared.waiting.load(Ordering::Acquire) < shared.options.max_waiting,
            queued_below: (shared.blocked.load(Ordering::Acquire) > 0).then_some(shared.options.max_unsent),
        };
        let received = tokio::select! {
            biased;
            () = shared.changed.notified() => continue,
            received = receiver.advance(until) => received,
        };
        let taken = match received {
            Ok(None) => {
                shared.room.notify_waiters();
                // Those who waited have to count themselves out before it is asked again.
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Some(message)) => take(&shared, message, &notifications),
            Err(reason) => break reason,
        };
        if let Err(reason) = taken {
            // It is what the connection ends with.
            shared.sender.fail(reason);
        }
    };
    let remote = &receiver.peer().remote;
    if reason.is_orderly() {
        tracing::debug!(%remote, "connection ended: {reason}");
    } else {
        tracing::warn!(%remote, "connection ended: {reason}");
    }
    shared.requests.end(reason);
    shared.room.notify_waiters();
    shared.ended.send_replace(true);
}

/// Does what a message of the server is for.
fn take(
    shared: &Shared,
    message: Received,
    notifications: &mpsc::UnboundedSender<Notification>,
) -> Result<(), CloseReason> {
    match &*message.data.data_type {
        STATUS_NOTIFY => {
            let MsgStatusNotify(status) = decode(&message)?;
            shared.status.send_replace(status);
        }
        EVENTS_NOTIFY => {
            let MsgEventsNotify(events) = decode(&message)?;
            let acknowledge_in = (!message.last).then_some(message.conversation);
            let len = message.data.data.len();
            shared.waiting.fetch_add(len, Ordering::AcqRel);
            if notifications.send(Notification { events, len, acknowledge: acknowledge_in }).is_err() {
                // Nobody wants events any more.
                shared.waiting.fetch_sub(len, Ordering::AcqRel);
                if let Some(conversation) = acknowledge_in {
                    acknowledge(shared, conversation);
                }
            }
        }
        REGISTER_RES | QUERY_RES => shared.requests.answered(message),
        _ => return Err(unexpected(&message)),
    }
    Ok(())
}
