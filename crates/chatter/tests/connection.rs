//! Two sides of a connection in one thread, with a time of their own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hat_event_chatter::{
    CloseReason, ClosedError, Config, Connection, FrameSplitter, Msg, MsgData, Outgoing, Received, StreamError,
};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

/// Two sides, the bytes between them, and what each received.
struct Pair {
    now: Instant,
    sides: [Connection; 2],
    received: [Vec<Received>; 2],
    /// What each side has sent.
    sent: [Vec<u8>; 2],
}

impl Pair {
    fn new(config: Config) -> Self {
        let now = Instant::now();
        let side = || Connection::new(config.clone(), now);
        Self { now, sides: [side(), side()], received: Default::default(), sent: Default::default() }
    }

    fn accepted() -> Self {
        Self::new(Config { handshake_timeout: None, ..Config::default() })
    }

    fn send(&mut self, side: usize, data_type: &str) -> Result<(), ClosedError> {
        let now = self.now;
        self.sides[side].send(now, &Outgoing::first(data_type, &[], false)).map(drop)
    }

    /// Carries bytes until nothing moves.
    fn settle(&mut self) {
        loop {
            let mut moved = false;
            for side in 0..2 {
                while let Some(bytes) = self.sides[side].poll_output() {
                    moved = true;
                    self.sent[side].extend_from_slice(&bytes);
                    self.sides[1 - side].handle_bytes(self.now, &bytes);
                    self.sides[side].handle_written(self.now, bytes.len());
                }
                while let Some(message) = self.sides[side].poll_message(self.now) {
                    moved = true;
                    self.received[side].push(message);
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Lets time pass, with all that is due on the way.
    fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(due) = self.sides.iter().filter_map(Connection::poll_timeout).min().filter(|due| *due <= end) {
            self.now = due;
            let now = self.now;
            self.sides.iter_mut().for_each(|side| side.handle_timeout(now));
            self.settle();
        }
        self.now = end;
    }

    fn sent_types(&self, side: usize) -> Vec<String> {
        let mut splitter = FrameSplitter::new();
        splitter.feed(&self.sent[side]);
        let frames = std::iter::from_fn(|| splitter.next_frame().unwrap());
        frames.map(|frame| frame.decode().unwrap().data.data_type.to_string()).collect()
    }
}

fn msg(id: i64, first: i64, owner: bool, last: bool, data_type: &str, data: &[u8]) -> Msg {
    let data = MsgData { data_type: data_type.into(), data: data.to_vec().into() };
    Msg { id, first, owner, token: true, last, data }
}

#[test]
fn conversations_are_those_of_the_reference() {
    let mut pair = Pair::accepted();
    let now = pair.now;
    let asked = pair.sides[0].send(now, &Outgoing::first("A.Ask", &[Bytes::from_static(b"?")], true)).unwrap();
    pair.send(0, "A.Tell").unwrap();
    pair.settle();
    let question = pair.received[1][0].clone();
    assert!(question.first && !question.last && question.token && !question.conversation.owner);
    pair.send(1, "A.Other").unwrap();
    pair.sides[1].send(now, &Outgoing::answer(question.conversation, "A.Answer", &[])).unwrap();
    pair.settle();
    let answer = &pair.received[0][1];
    assert_eq!((answer.conversation, answer.first, answer.last), (asked, false, true));
    let frames = |msgs: &[Msg]| msgs.iter().flat_map(|msg| msg.to_frame().to_vec()).collect::<Vec<u8>>();
    assert_eq!(pair.sent[0], frames(&[msg(1, 1, true, false, "A.Ask", b"?"), msg(2, 2, true, true, "A.Tell", b"")]));
    assert_eq!(pair.sent[1], frames(&[msg(1, 1, true, true, "A.Other", b""), msg(2, 1, false, true, "A.Answer", b"")]));
}

#[test]
fn silence_is_broken_by_pings_and_nobody_else_hears_them() {
    let mut pair = Pair::accepted();
    pair.pass(19 * SECOND);
    assert!(pair.sent[0].is_empty() && pair.sent[1].is_empty());
    pair.send(0, "A.B").unwrap();
    pair.settle();
    // Side 1 has heard something, side 0 has not.
    pair.pass(2 * SECOND);
    assert_eq!(pair.sent_types(0), ["A.B", "HatChatter.Ping"]);
    assert_eq!(pair.sent_types(1), ["HatChatter.Pong"]);
    pair.pass(1000 * SECOND);
    assert!(pair.sides.iter().all(Connection::is_open));
    assert_eq!((pair.received[0].len(), pair.received[1].len()), (0, 1));
    let ping = msg(2, 2, true, false, "HatChatter.Ping", b"").to_frame();
    let pong = msg(1, 2, false, true, "HatChatter.Pong", b"").to_frame();
    assert!(pair.sent[0].windows(ping.len()).any(|bytes| bytes == ping));
    assert!(pair.sent[1].starts_with(&pong));
}

#[test]
fn a_peer_that_says_nothing_is_given_up_even_if_it_reads_nothing_either() {
    let now = Instant::now();
    let config = Config { handshake_timeout: None, write_timeout: 1000 * SECOND, ..Config::default() };
    let mut side = Connection::new(config, now);
    side.send(now, &Outgoing::first("A.B", &[], false)).unwrap();
    assert_eq!(side.poll_timeout(), Some(now + 20 * SECOND));
    side.handle_timeout(now + 20 * SECOND);
    side.handle_timeout(now + 39 * SECOND);
    assert!(side.is_open());
    side.handle_timeout(now + 40 * SECOND);
    assert_eq!(side.close_reason(), Some(&CloseReason::PingTimeout(20 * SECOND)));
    assert_eq!((side.poll_timeout(), side.poll_output()), (None, None));
}

#[test]
fn any_byte_is_a_sign_of_life() {
    let now = Instant::now();
    let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
    let frame = msg(1, 1, true, true, "A.B", &[0; 100]).to_frame();
    for (number, byte) in (1..).zip(&frame) {
        let now = now + number * 15 * SECOND;
        side.handle_timeout(now);
        side.handle_bytes(now, &[*byte]);
    }
    assert_eq!(side.poll_message(now).unwrap().data.data, vec![0; 100]);
    assert_eq!(side.queued(), 0, "nobody was asked");
}

#[test]
fn without_a_delay_nobody_is_asked() {
    let now = Instant::now();
    let side = Connection::new(Config { ping_delay: None, handshake_timeout: None, ..Config::default() }, now);
    assert_eq!(side.poll_timeout(), None);
}

#[test]
fn who_is_not_accepted_has_little_time_and_little_room() {
    let mut pair = Pair::new(Config::default());
    pair.send(0, "A.B").unwrap();
    pair.pass(4 * SECOND);
    pair.sides[0].accept();
    pair.pass(1 * SECOND);
    assert_eq!(pair.sides[1].close_reason(), Some(&CloseReason::HandshakeTimeout(5 * SECOND)));
    assert!(pair.sides[0].is_open());

    let (small, large) = (msg(1, 1, true, true, "A.B", &[0; 65_000]), msg(2, 2, true, true, "A.B", &[0; 70_000]));
    let bytes = [small.to_frame(), large.to_frame(), small.to_frame()].concat();
    let now = pair.now;
    let mut side = Connection::new(Config::default(), now);
    side.handle_bytes(now, &bytes);
    assert!(side.poll_message(now).is_some());
    // In the middle of what was received at once.
    side.accept();
    assert!(side.poll_message(now).is_some() && side.poll_message(now).is_some() && side.is_open());

    let mut side = Connection::new(Config::default(), now);
    side.handle_bytes(now, &bytes);
    assert!(side.poll_message(now).is_some() && side.poll_message(now).is_none() && !side.is_open());
    side.handle_end();
    let error = StreamError::TooLong { message: small.to_frame().len() as u64, max_len: 65_536 };
    assert_eq!(side.close_reason(), Some(&CloseReason::Stream(error)));
}

#[test]
fn absurd_lengths_cost_nothing() {
    let now = Instant::now();
    let mut prefixes = vec![vec![0xFF; 256], vec![4, 0x04, 0, 0, 1]];
    prefixes.push([&[255][..], &[0; 247], &[1, 0, 0, 0, 0, 0, 0, 0]].concat());
    for prefix in prefixes {
        let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
        side.handle_bytes(now, &prefix);
        assert_eq!(side.poll_message(now), None);
        assert!(!side.is_open());
        assert_eq!(side.unread(), 0);
        assert!(side.take_input().capacity() < 1024);
    }
    let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
    side.handle_bytes(now, &[4, 0x03, 0xFF, 0xFF, 0xFF, 1, 2, 3]);
    assert_eq!((side.poll_message(now), side.is_open(), side.unread()), (None, true, 8));
    assert!(side.take_input().capacity() < 1024);
}

#[test]
fn who_does_not_read_is_cut_off() {
    let now = Instant::now();
    let config = Config { handshake_timeout: None, max_queued: 1000, ..Config::default() };
    let mut side = Connection::new(config.clone(), now);
    let data = [Bytes::from(vec![0; 5000])];
    // What waits before a message counts, not the message.
    side.send(now, &Outgoing::first("A.B", &data, false)).unwrap();
    let queued = side.queued();
    assert_eq!(side.send(now, &Outgoing::first("A.B", &[], false)), Err(ClosedError));
    assert_eq!(side.close_reason(), Some(&CloseReason::Queue(queued)));
    assert!(side.close_reason().unwrap().is_slow_peer());
    assert_eq!(side.queued(), 0);

    let mut side = Connection::new(Config { ping_delay: None, ..config }, now);
    side.send(now, &Outgoing::first("A.B", &data, false)).unwrap();
    let mut at = now;
    for _ in 0..10 {
        at += 9 * SECOND;
        side.handle_timeout(at);
        side.handle_written(at, 1);
    }
    assert!(side.is_open(), "it reads, if slowly");
    side.handle_timeout(at + 10 * SECOND);
    assert_eq!(side.close_reason(), Some(&CloseReason::WriteTimeout(10 * SECOND)));
}

#[test]
fn closing_sends_what_waits_and_waits_for_the_end() {
    let mut pair = Pair::accepted();
    pair.send(0, "A.B").unwrap();
    let now = pair.now;
    pair.sides[0].close(now);
    assert_eq!(pair.send(0, "A.C"), Err(ClosedError));
    assert!(!pair.sides[0].is_output_ended());
    pair.send(1, "A.D").unwrap();
    pair.settle();
    assert_eq!((pair.received[0].len(), pair.received[1].len()), (0, 1), "who closes does not listen any more");
    assert!(pair.sides[0].is_output_ended() && pair.sides[0].close_reason().is_none());
    pair.sides[1].handle_end();
    assert_eq!(pair.sides[1].poll_message(now), None);
    assert_eq!(pair.sides[1].close_reason(), Some(&CloseReason::Peer));
    pair.sides[0].handle_end();
    assert_eq!(pair.sides[0].close_reason(), Some(&CloseReason::Requested));

    // A peer that never ends, or never reads, is not waited for.
    for settle in [true, false] {
        let mut pair = Pair::accepted();
        pair.send(0, "A.B").unwrap();
        let now = pair.now;
        pair.sides[0].close(now);
        if settle {
            pair.settle();
        }
        pair.sides[0].handle_timeout(now + SECOND / 2);
        assert_eq!(pair.sides[0].close_reason(), Some(&CloseReason::Requested));
    }
}

#[test]
fn answers_to_what_was_sent_before_the_end_are_sent() {
    let now = Instant::now();
    let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
    side.handle_bytes(now, &msg(1, 1, true, false, "A.Ask", b"").to_frame());
    side.handle_end();
    let question = side.poll_message(now).unwrap();
    side.send(now, &Outgoing::answer(question.conversation, "A.Answer", &[])).unwrap();
    assert_eq!(side.poll_message(now), None);
    assert_eq!(side.close_reason(), None);
    let answer = side.poll_output().unwrap();
    assert_eq!(answer, msg(1, 1, false, true, "A.Answer", b"").to_frame());
    side.handle_written(now, answer.len());
    assert_eq!(side.close_reason(), Some(&CloseReason::Peer));
}

#[test]
fn wherever_a_stream_ends_what_was_whole_is_received() {
    let messages = [
        msg(1, 1, true, true, "A.B", b"abc"),
        msg(2, 1, false, true, "A.C", b""),
        msg(3, 3, true, false, "A.D", &[0; 300]),
    ];
    let frames: Vec<Bytes> = messages.iter().map(Msg::to_frame).collect();
    let bytes = frames.concat();
    for end in 0..=bytes.len() {
        let now = Instant::now();
        let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
        side.handle_bytes(now, &bytes[..end]);
        side.handle_end();
        let whole = std::iter::from_fn(|| side.poll_message(now)).count();
        let ends = frames.iter().scan(0, |at, frame| {
            *at += frame.len();
            Some(*at)
        });
        let last = ends.filter(|at| *at <= end).collect::<Vec<_>>();
        assert_eq!(whole, last.len());
        let begin = last.last().copied().unwrap_or(0);
        let expected = match end - begin {
            0 => CloseReason::Peer,
            _ => CloseReason::Stream(StreamError::Truncated { message: begin as u64, end: end as u64 }),
        };
        assert_eq!(side.close_reason(), Some(&expected), "{end}");
    }
}

#[test]
fn damaged_messages_end_the_connection_behind_those_before() {
    let now = Instant::now();
    let mut side = Connection::new(Config { handshake_timeout: None, ..Config::default() }, now);
    let mut bytes = msg(1, 1, true, true, "A.B", b"").to_frame().to_vec();
    bytes.extend([1, 2, 0, 0]);
    side.handle_bytes(now, &bytes);
    assert!(side.poll_message(now).is_some());
    side.send(now, &Outgoing::first("A.C", &[], false)).unwrap();
    assert_eq!(side.poll_message(now), None);
    assert!(side.poll_output().is_some(), "what was said before is still sent");
    side.handle_timeout(now + SECOND);
    assert!(matches!(side.close_reason(), Some(CloseReason::Stream(StreamError::Decode { .. }))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever both sides send, and however the bytes are cut, each receives what the other sent, in order.
    #[test]
    fn any_cuts_are_the_same_messages(
        sends in prop::collection::vec((0..2usize, prop::collection::vec(0..5000usize, 0..4), any::<bool>()), 0..30),
        cuts in prop::collection::vec(1..3000usize, 1..20),
    ) {
        let now = Instant::now();
        let config = Config { handshake_timeout: None, ..Config::default() };
        let mut sides = [Connection::new(config.clone(), now), Connection::new(config, now)];
        let mut expected: [Vec<Msg>; 2] = Default::default();
        for (side, parts, last) in sends {
            let parts: Vec<Bytes> = parts.into_iter().map(|len| vec![len as u8; len].into()).collect();
            let outgoing = Outgoing { conversation: None, token: true, last, data_type: "A.B", data: &parts };
            sides[side].send(now, &outgoing).unwrap();
            let id = expected[side].len() as i64 + 1;
            expected[side].push(msg(id, id, true, last, "A.B", &parts.concat()));
        }
        for side in 0..2 {
            let sent: Vec<u8> = std::iter::from_fn(|| sides[side].poll_output()).flatten().collect();
            prop_assert_eq!(&sent, &expected[side].iter().flat_map(|msg| msg.to_frame().to_vec()).collect::<Vec<_>>());
            let mut received = Vec::new();
            let mut rest = &sent[..];
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*cut).min(rest.len()));
                rest = behind;
                // Read into the connection's own buffer, as the driver does.
                let mut input = sides[1 - side].take_input();
                input.extend_from_slice(piece);
                sides[1 - side].handle_input(now, input);
                received.extend(std::iter::from_fn(|| sides[1 - side].poll_message(now)));
            }
            let expected: Vec<Received> = expected[side].iter().cloned().map(Received::from).collect();
            prop_assert_eq!(received, expected);
        }
    }
}
