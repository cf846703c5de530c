//! The values of one query type: mostly one, which then needs no memory of its own.

#[derive(Default)]
pub(crate) enum Values {
    #[default]
    None,
    One(u32),
    Many(Vec<u32>),
}

impl Values {
    pub(crate) fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    pub(crate) fn push(&mut self, value: u32) {
        match self {
            Self::None => *self = Self::One(value),
            Self::One(first) => *self = Self::Many(vec![*first, value]),
            Self::Many(values) => values.push(value),
        }
    }

    pub(crate) fn remove(&mut self, value: u32) {
        match self {
            Self::One(held) if *held == value => *self = Self::None,
            Self::Many(values) => values.retain(|held| *held != value),
            _ => {}
        }
    }
}
