use hat_event_common::{Message, MsgRegisterRes, Subscription};

/// Keeps of a message the events that match. Returns whether there are any.
pub(super) fn keep(message: &mut Message, matching: &Subscription) -> bool {
    match message {
        Message::RegisterReq(req) => {
            req.0.retain(|event| matching.matches(&event.event_type));
            !req.0.is_empty()
        }
        Message::EventsNotify(notify) => retain(&mut notify.0, matching),
        Message::RegisterRes(MsgRegisterRes::Events(events)) => retain(events, matching),
        Message::QueryRes(res) => retain(&mut res.0.events, matching),
        _ => false,
    }
}

fn retain(events: &mut Vec<hat_event_common::Event>, matching: &Subscription) -> bool {
    events.retain(|event| matching.matches(&event.event_type));
    !events.is_empty()
}
