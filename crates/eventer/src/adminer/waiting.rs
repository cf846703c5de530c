use std::collections::VecDeque;
use std::pin::pin;

use hat_event_chatter::{Received, Receiver, Until};

/// With so many bytes of requests waiting, no more are read.
const MAX_LEN: usize = 64 << 10;

/// The requests that came while another was handled.
#[derive(Default)]
pub(super) struct Waiting {
    requests: VecDeque<Received>,
    len: usize,
}

impl Waiting {
    /// Takes the next request; `None` once the connection has ended and none is left.
    pub(super) async fn next(&mut self, receiver: &mut Receiver) -> Option<Received> {
        match self.requests.pop_front() {
            Some(request) => {
                self.len -= len(&request);
                Some(request)
            }
            None => receiver.receive().await.ok(),
        }
    }

    /// Waits for a call, while the connection goes on; the call comes to its end also if the connection ends before.
    pub(super) async fn gather<T>(&mut self, receiver: &mut Receiver, call: impl Future<Output = T>) -> T {
        let mut call = pin!(call);
        loop {
            let until = Until { message: self.len < MAX_LEN, queued_below: None };
            tokio::select! {
                biased;
                result = &mut call => return result,
                received = receiver.advance(until) => match received {
                    Ok(Some(request)) => {
                        self.len += len(&request);
                        self.requests.push_back(request);
                    }
                    Ok(None) => {}
                    Err(_) => return call.await,
                },
            }
        }
    }
}

/// What a request takes; one without data takes something too.
fn len(request: &Received) -> usize {
    size_of::<Received>() + request.data.data.len()
}
