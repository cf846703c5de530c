use std::borrow::Cow;

use super::attribute::Content;

/// A width or precision beyond this is refused: a line would be longer than anything that it tells.
pub(super) const WIDEST: usize = 1000;

/// How an attribute is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) kind: Kind,
    pub(super) align: Align,
    pub(super) fill: Option<char>,
    pub(super) sign: Option<char>,
    /// In characters.
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// As Python's `str` writes it.
    #[default]
    Text,
    Integer,
    Float,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Left,
    Right,
    Center,
    /// Filled between the sign and the digits.
    AfterSign,
}

impl Spec {
    pub(super) fn write(&self, content: &Content<'_>, out: &mut String) {
        let number = match content {
            Content::Integer(number) => *number as f64,
            Content::Float(number) => *number,
            Content::Text(_) => 0.0,
        };
        let text: Cow<'_, str> = match (self.kind, content) {
            (Kind::Text, Content::Text(text)) => Cow::Borrowed(text),
            (Kind::Text | Kind::Integer, Content::Integer(number)) => number.to_string().into(),
            (Kind::Text, Content::Float(number)) => shortest(*number).into(),
            (Kind::Integer, _) => format!("{:.0}", number.trunc().abs()).into(),
            (Kind::Float, _) => format!("{:.*}", self.precision.unwrap_or(6), number.abs()).into(),
        };
        let text = match (self.kind, self.precision) {
            (Kind::Text, Some(precision)) => text.chars().take(precision).collect::<String>().into(),
            (Kind::Integer, Some(digits)) => format!("{text:0>digits$}").into(),
            _ => text,
        };
        let negative = self.kind == Kind::Float && number.is_sign_negative() || number.trunc() < 0.0;
        let sign = match (self.kind, self.sign) {
            (Kind::Text, _) => String::new(),
            (_, _) if negative => "-".to_owned(),
            (_, sign) => sign.map(String::from).unwrap_or_default(),
        };
        let len = text.chars().count() + sign.len();
        let missing = self.width.saturating_sub(len);
        let (before, between, after) = match self.align {
            Align::Left => (0, 0, missing),
            Align::Right => (missing, 0, 0),
            Align::Center => (missing / 2, 0, missing - missing / 2),
            Align::AfterSign => (0, missing, 0),
        };
        let fill = self.fill.unwrap_or(' ');
        out.extend(std::iter::repeat_n(fill, before));
        out.push_str(&sign);
        out.extend(std::iter::repeat_n(fill, between));
        out.push_str(&text);
        out.extend(std::iter::repeat_n(fill, after));
    }
}

/// As Python's `repr`: of two numbers with the fewest digits that are equally near, that with the even last one.
fn shortest(number: f64) -> String {
    let text = format!("{number:?}");
    match text.split_once('.') {
        Some((_, digits)) if !digits.contains('e') => format!("{number:.*}", digits.len()),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_those_of_python() {
        for (number, text) in [
            (1_795_660_721.378_906_3, "1795660721.3789062"),
            (1_795_660_721.378_899, "1795660721.378899"),
            (2.0, "2.0"),
            (0.5, "0.5"),
        ] {
            assert_eq!(shortest(number), text);
        }
    }
}
