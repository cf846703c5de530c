use std::fmt;

/// So many bytes at the beginning of a message tell all that a [`Head`] has, whatever the message.
const HEAD_LEN: usize = 128;

/// What stands at the beginning of a chatter message.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Number of the message, counted by its sender.
    pub id: i64,
    /// The `id` of the first message of its conversation.
    pub first: i64,
    /// Name of the type of its data, with the module.
    pub data_type: &'a [u8],
    /// How the data begin: no more than fits into the first bytes of the message.
    pub data: &'a [u8],
}

impl Head<'_> {
    /// The integers with which the data begin, such as the number of items of an array or the option of a choice.
    pub fn integers<const N: usize>(&self) -> Option<[i64; N]> {
        let mut data = self.data;
        let mut integers = [0; N];
        for number in &mut integers {
            *number = integer(&mut data)?;
        }
        Some(integers)
    }
}

/// Received bytes that begin no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMessage;

impl fmt::Display for NoMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was received is no message")
    }
}

impl std::error::Error for NoMessage {}

/// Cuts received bytes into messages and looks at the head of each, so that receiving costs a load generator little.
///
/// It is no part of what is measured and of what is tested: the crate `chatter` cuts with care, this one in a hurry.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    /// The beginning of a message, while too little of it has come.
    kept: Vec<u8>,
    /// What is still to come of a message whose head was seen.
    skip: usize,
}

impl Heads {
    /// Whether nothing of a message is still to come.
    pub fn is_between(&self) -> bool {
        self.skip == 0 && self.kept.is_empty()
    }

    /// Takes the next bytes of a stream, and shows the head of each message as soon as it is there.
    ///
    /// # Errors
    ///
    /// [`NoMessage`], after which no more should be fed.
    pub fn feed(&mut self, mut piece: &[u8], mut on: impl FnMut(Head<'_>)) -> Result<(), NoMessage> {
        loop {
            let skipped = self.skip.min(piece.len());
            self.skip -= skipped;
            piece = &piece[skipped..];
            if piece.is_empty() {
                return Ok(());
            }
            let had = self.kept.len();
            let seen = if had == 0 {
                piece
            } else {
                self.kept.extend(&piece[..piece.len().min(HEAD_LEN - had)]);
                &self.kept
            };
            let Some((head, total_len)) = head(seen)? else {
                if had == 0 {
                    self.kept.extend(piece);
                }
                return Ok(());
            };
            on(head);
            self.skip = total_len - had;
            self.kept.clear();
        }
    }
}

/// The head of the message that begins here and the length of all of it, if enough of it is there.
fn head(seen: &[u8]) -> Result<Option<(Head<'_>, usize)>, NoMessage> {
    let Some((&prefix_len, rest)) = seen.split_first() else { return Ok(None) };
    let prefix_len = usize::from(prefix_len);
    if prefix_len > 4 {
        return Err(NoMessage);
    }
    let Some((digits, rest)) = rest.split_at_checked(prefix_len) else { return Ok(None) };
    let len = digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit));
    let total_len = 1 + prefix_len + len;
    if seen.len() < total_len.min(HEAD_LEN) {
        return Ok(None);
    }
    let mut body = &rest[..len.min(rest.len())];
    body = &body[..body.len().min(HEAD_LEN - 1 - prefix_len)];
    fields(body).map(|head| Some((head, total_len))).ok_or(NoMessage)
}

fn fields(mut body: &[u8]) -> Option<Head<'_>> {
    let (id, first) = (integer(&mut body)?, integer(&mut body)?);
    body = body.get(3..)?;
    let name_len = usize::try_from(integer(&mut body)?).ok()?;
    let (data_type, mut data) = body.split_at_checked(name_len)?;
    integer(&mut data)?;
    Some(Head { id, first, data_type, data })
}

/// An SBS integer.
fn integer(data: &mut &[u8]) -> Option<i64> {
    let mut number = if data.first()? & 0x40 == 0 { 0 } else { -1 };
    loop {
        let (byte, rest) = data.split_first()?;
        *data = rest;
        number = number << 7 | i64::from(byte & 0x7F);
        if byte & 0x80 != 0 {
            return Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use hat_event_chatter::{Msg, MsgData};

    use super::*;
    use crate::Random;

    /// Of each message its id, the id of the first, its type and the first integer of its data.
    type Seen = Vec<(i64, i64, Vec<u8>, Option<i64>)>;

    fn messages(random: &mut Random) -> (Vec<u8>, Seen) {
        let (mut stream, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..20 {
            let (id, first) = (random.integer(), random.integer());
            let data_type = random.pick(&["HatEventer.MsgEventsNotify", "HatChatter.Ping", "a"]);
            let len = random.pick(&[0, 1, 30, 90, 127, 128, 129, 300, 70_000]);
            let data = vec![0x81; len];
            let msg = Msg {
                id,
                first,
                owner: random.once_in(2),
                token: true,
                last: random.once_in(2),
                data: MsgData { data_type: data_type.into(), data: data.into() },
            };
            stream.extend(msg.to_frame());
            expected.push((id, first, data_type.into(), (len > 0).then_some(1)));
        }
        (stream, expected)
    }

    #[test]
    fn heads_do_not_depend_on_the_cuts() {
        for case in 0..200 {
            let mut random = Random::new(1, "heads", case);
            let (stream, expected) = messages(&mut random);
            let (mut heads, mut seen, mut rest) = (Heads::default(), Seen::new(), &stream[..]);
            while !rest.is_empty() {
                let longest = random.pick(&[1, 10, 200, 100_000]);
                let (piece, after) = rest.split_at((1 + random.below(longest)).min(rest.len()));
                rest = after;
                heads
                    .feed(piece, |head| {
                        let first = head.integers::<1>().map(|[first]| first);
                        seen.push((head.id, head.first, head.data_type.into(), first));
                    })
                    .unwrap();
            }
            assert_eq!(seen, expected);
            assert!(heads.is_between());
        }
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for bytes in [&[255; 300][..], &[1, 0, 0], &[1, 3, 0x81, 0x81, 0], b"HTTP/1.1 400 Bad Request"] {
            assert_eq!(Heads::default().feed(bytes, |_| ()), Err(NoMessage));
        }
    }
}
