//! What Hat's syslog handler sends, there and here, and whether a Hat syslog server understands it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use hat_event_interop::{Python, Random};
use hat_event_server::log::{LogConf, Logging};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tracing::Level;

use crate::logging::{LOGGERS, tell};
use crate::trial::{NEWEST, number, seed};

const LONG: Duration = Duration::from_secs(30);
const LEVELS: [(Level, u32, &str); 4] = [
    (Level::ERROR, 40, "ERROR"),
    (Level::WARN, 30, "WARNING"),
    (Level::INFO, 20, "INFORMATIONAL"),
    (Level::DEBUG, 10, "DEBUG"),
];
/// What the reference has to be told of a line.
const FACTS: &str = "%(created).9f %(thread)d %(lineno)d %(process)d";

/// Sends all lines to a syslog server, and writes facts of each into a file.
fn logging(facts: &Path, port: u16, comm_type: &str, queue_size: usize) -> Logging {
    let conf = json!({
        "version": 1, "disable_existing_loggers": false,
        "formatters": {"f": {"format": FACTS}},
        "handlers": {
            "facts": {"class": "logging.FileHandler", "filename": facts, "mode": "w", "formatter": "f"},
            "syslog": {
                "class": "hat.syslog.handler.SyslogHandler", "host": "127.0.0.1", "port": port, "comm_type": comm_type,
                "queue_size": queue_size, "reconnect_delay": 0.01,
            },
        },
        "root": {"level": "DEBUG", "handlers": ["facts", "syslog"]},
    });
    let (conf, warnings) = LogConf::from_value(&conf).unwrap();
    assert_eq!(warnings, []);
    Logging::start(conf).unwrap()
}

/// Tells random lines; records of them for the reference.
fn told(logging: &Logging, facts: &Path, random: &mut Random, count: usize) -> Vec<Value> {
    let lines: Vec<_> =
        (0..count).map(|_| (random.below(LOGGERS.len()), random.pick(&LEVELS), random.text())).collect();
    tracing::subscriber::with_default(logging.subscriber(), || {
        lines.iter().for_each(|(logger, (level, ..), text)| tell(*logger, *level, text));
    });
    assert!(logging.flush(LONG));
    let facts = std::fs::read_to_string(facts).unwrap();
    assert_eq!(facts.lines().count(), count);
    let records = lines.into_iter().zip(facts.lines()).map(|((logger, (_, levelno, _), message), facts)| {
        let facts: Vec<&str> = facts.split(' ').collect();
        let number = |at: usize| facts[at].parse::<u64>().unwrap();
        json!({
            "name": LOGGERS[logger].1, "levelno": levelno, "message": message, "created": facts[0],
            "thread": number(1), "lineno": number(2), "process": number(3),
        })
    });
    records.collect()
}

/// A message with its length before it.
fn frame(stream: &mut impl BufRead) -> Option<String> {
    let mut bytes = Vec::new();
    stream.read_until(b' ', &mut bytes).unwrap();
    let len: u64 = std::str::from_utf8(&bytes).unwrap().strip_suffix(' ')?.parse().unwrap();
    stream.take(len).read_to_end(&mut bytes).unwrap();
    Some(String::from_utf8(bytes).unwrap())
}

/// Without what a message about dropped ones has of its own: time, process, thread, and so its length.
fn comparable(frame: &str) -> String {
    if !frame.contains(" hat.syslog.handler [") {
        return frame.to_owned();
    }
    let words = frame.split(' ').enumerate();
    words.map(|(at, word)| if [0, 2, 5, 9].contains(&at) { "?" } else { word }).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn messages_are_those_of_python() {
    let cases = number("HAT_INTEROP_CASES").unwrap_or(10_000) as usize;
    let mut random = Random::new(seed(&format!("syslog, {cases} messages")), "syslog", 0);
    let mut python = Python::start(NEWEST, "oracle.py").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("facts");
    let program = std::env::args().next().unwrap();
    let mut left = cases;
    while left > 0 {
        let count = random.below(400).min(left - 1) + 1;
        left -= count;
        // With one, the server is there only after the messages.
        let queue_size = random.once_in(3).then(|| random.below(2 * count));
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let mut told = || {
            let logging = logging(&facts, port, "TCP", queue_size.unwrap_or(count));
            (told(&logging, &facts, &mut random, count), logging)
        };
        let ((records, logging), listener) = if queue_size.is_some() {
            (told(), listen(socket))
        } else {
            let listener = listen(socket);
            (told(), listener)
        };
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let mut stream = BufReader::new(stream);
        let question = json!({"program": program, "records": records, "queue_size": queue_size});
        let answer = python.ask("syslog_frames", &[question]).unwrap().remove(0);
        for theirs in answer.as_array().unwrap() {
            assert_eq!(comparable(&frame(&mut stream).unwrap()), comparable(theirs.as_str().unwrap()));
        }
        drop(logging);
        assert_eq!(frame(&mut stream), None);
    }
}

fn listen(socket: TcpSocket) -> TcpListener {
    let listener = socket.listen(8).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    listener
}

#[test]
fn a_hat_syslog_server_understands_all() {
    let mut random = Random::new(seed("syslog server"), "syslog server", 0);
    let mut python = Python::start(NEWEST, "syslog_peer.py").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (facts, pem) = (folder.path().join("facts"), folder.path().join("server.pem"));
    let made = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap();
    std::fs::write(&pem, made.cert.pem() + &made.signing_key.serialize_pem()).unwrap();
    let ports = python.ask("listen", &[json!({"pem": pem})]).unwrap().remove(0);
    for (comm_type, port) in ["UDP", "TCP", "TLS"].iter().zip(ports.as_array().unwrap()) {
        let port = u16::try_from(port.as_u64().unwrap()).unwrap();
        let logging = logging(&facts, port, comm_type, 1000);
        let records = told(&logging, &facts, &mut random, 100);
        let received = python.ask("received", &[json!({"count": 100})]).unwrap().remove(0);
        for (record, received) in records.iter().zip(received.as_array().unwrap()) {
            let severity = LEVELS.iter().find(|(_, number, _)| record["levelno"] == *number).unwrap().2;
            assert_eq!((&received["facility"], &received["severity"]), (&json!("USER"), &json!(severity)));
            let message = record["message"].as_str().filter(|text| !text.is_empty());
            assert_eq!((&received["msg"], &received["msgid"]), (&json!(message), &record["name"]));
            assert_eq!(received["procid"], json!(std::process::id().to_string()));
            assert_eq!(received["app_name"], json!(std::env::args().next().unwrap()));
            let created: f64 = record["created"].as_str().unwrap().parse().unwrap();
            assert!((received["timestamp"].as_f64().unwrap() - created).abs() < 1e-5, "{received}");
            let data: Value = serde_json::from_str(received["data"].as_str().unwrap()).unwrap();
            let text = |key: &str| json!(record[key].to_string());
            let expected = json!({"hat@1": {"name": record["name"], "thread": text("thread"), "funcName": "-", "lineno": text("lineno")}});
            assert_eq!(data, expected);
        }
    }
}
