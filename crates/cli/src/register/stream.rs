use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};

use hat_event_common::{Event, RegisterEvent};
use hat_event_eventer::{Client, RequestError};
use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Args;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::Output;

/// An event and the number of its line.
type Line = (u64, RegisterEvent);

/// Registers the events of a file line by line.
pub(super) async fn run(path: &Path, args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let (client, _events) = args.server.connect(args.server.options()).await?;
    let mut lines = read(path.to_owned());
    let progress = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let mut registered = 0;
    let mut waiting = JoinSet::new();
    let mut failure = None;
    let mut is_reading = true;
    while is_reading || !waiting.is_empty() {
        let mut read = Vec::new();
        tokio::select! {
            biased;
            Some(done) = waiting.join_next() => match done.unwrap_or(Err((0, RequestError::Failure))) {
                Ok(count) => {
                    registered += count;
                    progress.set_message(format!("{registered} events"));
                    progress.tick();
                }
                // The first one that failed counts; what waits comes to its end.
                Err((line, error)) => {
                    failure.get_or_insert(Stop::Request(line, error));
                    is_reading = false;
                }
            },
            count = lines.recv_many(&mut read, args.batch as usize), if is_reading && waiting.len() < args.window as usize => {
                is_reading = count > 0;
            }
        }
        let mut batch = Vec::new();
        for line in read {
            match line {
                Ok(line) => batch.push(line),
                Err(error) => {
                    failure.get_or_insert(Stop::Input(error));
                    is_reading = false;
                }
            }
        }
        if !batch.is_empty() {
            waiting.spawn(register(client.clone(), batch));
        }
    }
    progress.finish_and_clear();
    client.async_close().await;
    let unit = if registered == 1 { "event" } else { "events" };
    writeln!(out, "{registered} {unit} registered")?;
    match failure {
        None => Ok(Exit::Done),
        Some(Stop::Input(error)) => Err(error),
        Some(Stop::Request(line, error)) => {
            out.complain(&format!("{} from line {line} on", args.server.failure(&error)));
            Ok(if error == RequestError::Failure { Exit::No } else { Exit::Failed })
        }
    }
}

/// Why no more is registered.
enum Stop {
    Input(Failure),
    /// The line with which a batch begins that was not registered.
    Request(u64, RequestError),
}

/// Registers a batch, and returns how many events it had.
async fn register(client: Client, batch: Vec<Line>) -> Result<usize, (u64, RequestError)> {
    let first = batch.first().map_or(0, |(line, _)| *line);
    let events: Vec<RegisterEvent> = batch.into_iter().map(|(_, event)| event).collect();
    client.register_with_response(&events).await.map(|events| events.len()).map_err(|error| (first, error))
}

/// Reads lines in a thread of its own, some ahead of what is taken. An error is the last.
fn read(path: PathBuf) -> mpsc::Receiver<Result<Line, Failure>> {
    let (sender, receiver) = mpsc::channel(10_000);
    std::thread::spawn(move || {
        let file = match input::open(&path) {
            Ok(file) => file,
            Err(error) => return drop(sender.blocking_send(Err(error))),
        };
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            let line = line.map_err(|error| error.to_string()).and_then(|line| parse(&line));
            let line = match line {
                Ok(Some(event)) => Ok((number, event)),
                Ok(None) => continue,
                Err(error) => Err(Failure::input(&path, format!("line {number}: {error}"))),
            };
            let is_last = line.is_err();
            if sender.blocking_send(line).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

/// The event of a line that is not empty.
fn parse(line: &str) -> Result<Option<RegisterEvent>, String> {
    if line.trim().is_empty() {
        return Ok(None);
    }
    let event = serde_json::from_str::<RegisterEvent>(line).or_else(|error| {
        // One that was registered before, by this server or another.
        let registered = serde_json::from_str::<Event>(line).map_err(|_| error.to_string())?;
        let Event { event_type, source_timestamp, payload, .. } = registered;
        Ok(RegisterEvent { event_type, source_timestamp, payload })
    });
    event.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_events_to_register_or_registered_ones() {
        let event = parse(r#"{"type": ["a", "b"], "payload": {"data_type": "json", "data": 1.50}}"#).unwrap().unwrap();
        assert_eq!(event.event_type.to_string(), "a/b");
        assert_eq!(event.payload.unwrap().as_json().unwrap().text(), "1.50");
        let id = r#""id": {"server": 1, "session": 2, "instance": 3}"#;
        let line = format!(
            r#"{{{id}, "type": ["c"], "timestamp": {{"s": 1, "us": 2}}, "source_timestamp": null, "payload": null}}"#
        );
        assert_eq!(parse(&line).unwrap().unwrap().event_type.to_string(), "c");
        assert_eq!(parse(" \r"), Ok(None));
        assert!(parse(r#"{"type": ["a"], "payloads": 1}"#).unwrap_err().contains("unknown field `payloads`"));
        assert!(parse("{").unwrap_err().contains("EOF"));
    }
}
