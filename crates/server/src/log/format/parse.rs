use super::Piece;
use super::attribute::Attribute;
use super::spec::{Align, Kind, Spec, WIDEST};

/// How attributes are named in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum Style {
    /// `%(name)s`
    Percent,
    /// `{name}`
    Brace,
    /// `$name` or `${name}`
    Dollar,
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The pieces of a format, or why it is none.
pub(super) fn parse(style: Style, format: &str, notes: &mut Vec<String>) -> Result<Vec<Piece>, String> {
    let mut chars = format.chars().peekable();
    let (mut pieces, mut text) = (Vec::new(), String::new());
    while let Some(c) = chars.next() {
        let piece = match (style, c) {
            (Style::Percent, '%') if chars.next_if_eq(&'%').is_none() => percent(&mut chars, notes)?,
            (Style::Brace, '{') if chars.next_if_eq(&'{').is_none() => brace(&mut chars, notes)?,
            (Style::Brace, '}') if chars.next_if_eq(&'}').is_none() => return Err("a } without a {".to_owned()),
            (Style::Dollar, '$') if chars.next_if_eq(&'$').is_none() => dollar(&mut chars, notes)?,
            (_, c) => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
    }
    if pieces.is_empty() {
        return Err("it shows nothing of a line".to_owned());
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// What follows a `%`.
fn percent(chars: &mut Chars<'_>, notes: &mut Vec<String>) -> Result<Piece, String> {
    if chars.next_if_eq(&'(').is_none() {
        return Err("a % is followed neither by ( nor by %".to_owned());
    }
    let name = until(chars, ')')?;
    let mut spec = Spec { align: Align::Right, ..Spec::default() };
    let mut zero = false;
    while let Some(flag) = chars.next_if(|c| "#0- +".contains(*c)) {
        match flag {
            '0' => zero = true,
            '-' => spec.align = Align::Left,
            '+' => spec.sign = Some('+'),
            ' ' => spec.sign = spec.sign.or(Some(' ')),
            // It means nothing for the conversions below.
            _ => {}
        }
    }
    spec.width = number(chars)?.unwrap_or(0);
    if chars.next_if_eq(&'.').is_some() {
        spec.precision = Some(number(chars)?.unwrap_or(0));
    }
    let attribute = Attribute::named(&name, notes);
    spec.kind = match chars.next() {
        Some('s') => Kind::Text,
        Some('d' | 'i' | 'u') => Kind::Integer,
        Some('f' | 'F') => Kind::Float,
        other => return Err(format!("after %({name}) stands {}, known are s, d, i, u, f and F", shown(other))),
    };
    numeric(attribute, &mut spec, &name, notes);
    if zero && spec.kind != Kind::Text && spec.align != Align::Left {
        (spec.align, spec.fill) = (Align::AfterSign, Some('0'));
    }
    Ok(Piece::Attribute(attribute, spec))
}

/// What follows a `{`.
fn brace(chars: &mut Chars<'_>, notes: &mut Vec<String>) -> Result<Piece, String> {
    let inner = until(chars, '}')?;
    let (field, format) = inner.split_once(':').unwrap_or((&inner, ""));
    let (name, conversion) = field.split_once('!').unwrap_or((field, ""));
    if !matches!(conversion, "" | "s") {
        return Err(format!("{{{inner}}} has the conversion {conversion:?}, known is s"));
    }
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(format!("{{{inner}}} names nothing of a line"));
    }
    let attribute = Attribute::named(name, notes);
    // After `!s` a number is text.
    let number_like = attribute.is_number() && conversion.is_empty();
    let mut spec = Spec { align: if number_like { Align::Right } else { Align::Left }, ..Spec::default() };
    let (first, second) = (format.chars().next(), format.chars().nth(1));
    let skipped = if let Some(align) = second.and_then(alignment) {
        (spec.align, spec.fill) = (align, first);
        2
    } else if let Some(align) = first.and_then(alignment) {
        spec.align = align;
        1
    } else {
        0
    };
    let mut rest = format.chars().peekable();
    rest.by_ref().take(skipped).for_each(drop);
    match rest.next_if(|c| "+- ".contains(*c)) {
        Some('-') | None => {}
        sign => spec.sign = sign,
    }
    if rest.next_if_eq(&'0').is_some() && spec.fill.is_none() {
        spec.fill = Some('0');
        if number_like && skipped == 0 {
            spec.align = Align::AfterSign;
        }
    }
    spec.width = number(&mut rest)?.unwrap_or(0);
    if rest.next_if_eq(&'.').is_some() {
        spec.precision = Some(number(&mut rest)?.ok_or("a precision without digits")?);
    }
    spec.kind = match (rest.next(), number_like) {
        (None | Some('s'), false) => Kind::Text,
        (None, true) if spec.precision.is_none() && attribute.is_integer() => Kind::Integer,
        (None, true) if spec.precision.is_none() && spec.sign.is_none() => Kind::Text,
        (Some('d'), true) if spec.precision.is_none() => Kind::Integer,
        (Some('f' | 'F'), true) => Kind::Float,
        (other, _) => return Err(format!("{{{inner}}} is formatted by {}, which is not known here", shown(other))),
    };
    if rest.next().is_some() {
        return Err(format!("{{{inner}}} has too long a format"));
    }
    Ok(Piece::Attribute(attribute, spec))
}

/// What follows a `$`.
fn dollar(chars: &mut Chars<'_>, notes: &mut Vec<String>) -> Result<Piece, String> {
    let name = if chars.next_if_eq(&'{').is_some() {
        until(chars, '}')?
    } else {
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        name
    };
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a $ is not followed by a name".to_owned());
    }
    Ok(Piece::Attribute(Attribute::named(&name, notes), Spec::default()))
}

fn alignment(c: char) -> Option<Align> {
    Some(match c {
        '<' => Align::Left,
        '>' => Align::Right,
        '^' => Align::Center,
        '=' => Align::AfterSign,
        _ => return None,
    })
}

/// Text is no number, whatever the conversion: Python would lose each line.
fn numeric(attribute: Attribute, spec: &mut Spec, name: &str, notes: &mut Vec<String>) {
    if spec.kind != Kind::Text && !attribute.is_number() {
        spec.kind = Kind::Text;
        spec.precision = None;
        if attribute != Attribute::Unknown {
            notes.push(format!("{name:?} is no number and is written as text"));
        }
    }
}

fn until(chars: &mut Chars<'_>, end: char) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match chars.next() {
            Some(c) if c == end => return Ok(text),
            Some(c) => text.push(c),
            None => return Err(format!("a {end} is missing")),
        }
    }
}

/// Digits as a number, if there are any.
fn number(chars: &mut Chars<'_>) -> Result<Option<usize>, String> {
    let mut number = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        chars.next();
        number = Some(number.unwrap_or(0) * 10 + digit as usize);
        if number > Some(WIDEST) {
            return Err(format!("a width or precision is above {WIDEST}"));
        }
    }
    Ok(number)
}

fn shown(c: Option<char>) -> String {
    c.map_or("nothing".to_owned(), |c| format!("{c:?}"))
}
