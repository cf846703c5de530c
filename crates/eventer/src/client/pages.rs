use std::collections::VecDeque;

use hat_event_common::{Event, EventId, QueryParams};

use super::{Client, RequestError};

/// All results of a query, page by page, see [`Client::query_all`].
#[derive(Debug)]
pub struct Pages {
    client: Client,
    /// Of the next page; `None` after the last.
    params: Option<QueryParams>,
}

impl Pages {
    pub(super) fn new(client: Client, params: QueryParams) -> Self {
        Self { client, params: Some(params) }
    }

    /// Asks for the next page; `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`Client::query`], and [`RequestError::Invalid`] if the server says that more follow, but nothing can be asked for
    /// behind the page. It is asked for the same page again after an error.
    pub async fn next(&mut self) -> Result<Option<Vec<Event>>, RequestError> {
        let Some(params) = &self.params else { return Ok(None) };
        let result = self.client.query(params.clone()).await?;
        let mut next = None;
        if result.more_follows {
            let last = result.events.last().ok_or(RequestError::Invalid("more events follow an empty page"))?;
            let after = after(params.clone(), last.id);
            next = Some(
                after.ok_or(RequestError::Invalid("more of the latest events follow, which cannot be asked for"))?,
            );
        }
        self.params = next;
        Ok(Some(result.events))
    }

    /// Asks for all pages that are left.
    ///
    /// # Errors
    ///
    /// As [`Self::next`]; the events that came before are lost.
    pub async fn collect(mut self) -> Result<Vec<Event>, RequestError> {
        let mut events = VecDeque::new();
        while let Some(page) = self.next().await? {
            events.extend(page);
        }
        Ok(events.into())
    }
}

/// The query for what comes after an event.
fn after(params: QueryParams, id: EventId) -> Option<QueryParams> {
    match params {
        QueryParams::Latest(_) => None,
        QueryParams::Timeseries(mut params) => {
            params.last_event_id = Some(id);
            Some(params.into())
        }
        QueryParams::Server(mut params) => {
            params.last_event_id = Some(id);
            Some(params.into())
        }
    }
}
