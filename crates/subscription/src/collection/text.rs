use std::ops::Deref;

/// Bytes that mostly lie where this value lies, so that reading them costs no other access to memory.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Short { len: u8, bytes: [u8; Self::SHORT] },
    Long(Box<[u8]>),
}

impl Text {
    /// With this the value takes 64 bytes, what is fetched from memory at once.
    const SHORT: usize = 62;
}

impl From<&[u8]> for Text {
    fn from(text: &[u8]) -> Self {
        let mut bytes = [0; Self::SHORT];
        match bytes.get_mut(..text.len()) {
            Some(start) => {
                start.copy_from_slice(text);
                Self::Short { len: text.len() as u8, bytes }
            }
            None => Self::Long(text.into()),
        }
    }
}

impl Deref for Text {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_kept() {
        for len in [0, 1, 61, 62, 63, 1000] {
            let text: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let kept = Text::from(&text[..]);
            assert_eq!(*kept, text);
            assert_eq!(matches!(kept, Text::Short { .. }), len <= 62);
        }
        assert_eq!(size_of::<Text>(), 64);
    }
}
