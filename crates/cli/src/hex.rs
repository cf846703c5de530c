/// The digits of bytes, two a byte.
pub(crate) fn encode(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits in either case, with white space anywhere.
pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut data = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (at, byte) in text.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(format!("byte {at} is no hexadecimal digit; --raw takes bytes as they are"));
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => data.push((high << 4 | digit) as u8),
        }
    }
    if high.is_some() { Err("the number of hexadecimal digits is odd".to_owned()) } else { Ok(data) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_a_byte() {
        let data = vec![0x00, 0x0F, 0xAB, 0xC0];
        assert_eq!(encode(&data), "000fabc0");
        assert_eq!(decode(b"000fABc0"), Ok(data.clone()));
        assert_eq!(decode(b" 00 0\nfA\tb c 0\r\n"), Ok(data));
        assert_eq!(decode(b""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_digit_is_told() {
        assert!(decode(b"00 0g").unwrap_err().starts_with("byte 4 is no"));
        assert!(decode("0ü".as_bytes()).unwrap_err().starts_with("byte 1 is no"));
        assert_eq!(decode(b"00 0").unwrap_err(), "the number of hexadecimal digits is odd");
    }
}
