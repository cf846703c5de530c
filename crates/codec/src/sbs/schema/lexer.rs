use std::fmt;
use std::str::Chars;

use bytestring::ByteString;

use super::Position;

/// Cuts a text into tokens.
pub(super) struct Lexer<'a> {
    text: &'a ByteString,
    rest: Chars<'a>,
    at: Position,
}

/// A token, where it begins, and whether white space or a comment stands before it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Position,
    pub(super) spaced: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name(ByteString),
    /// Any other character, also one that has no meaning.
    Symbol(char),
    End,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a ByteString) -> Self {
        Self { text, rest: text.chars(), at: Position { line: 1, column: 1 } }
    }

    pub(super) fn next(&mut self) -> Token {
        let spaced = self.skip_space();
        let at = self.at;
        let from_here = self.rest.as_str();
        let kind = match self.bump() {
            None => TokenKind::End,
            Some(c) if c.is_ascii_alphabetic() => {
                while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.bump();
                }
                let len = from_here.len() - self.rest.as_str().len();
                TokenKind::Name(self.text.slice_ref(from_here.get(..len).unwrap_or_default()))
            }
            Some(c) => TokenKind::Symbol(c),
        };
        Token { kind, at, spaced }
    }

    /// Skips white space, of which commas are part, and comments; tells whether there was any.
    fn skip_space(&mut self) -> bool {
        let before = self.rest.as_str().len();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | ',' | '\r' | '\n' => {
                    self.bump();
                }
                '#' => {
                    while self.peek().is_some_and(|c| !matches!(c, '\r' | '\n')) {
                        self.bump();
                    }
                }
                _ => break,
            }
        }
        self.rest.as_str().len() < before
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        // "\r\n" is one end of line.
        if c == '\n' || c == '\r' && self.peek() != Some('\n') {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
        Some(c)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Symbol(c) => write!(f, "`{}`", c.escape_debug()),
            Self::End => f.write_str("the end of the text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &'static str) -> Vec<(String, usize, usize)> {
        let text = ByteString::from_static(text);
        let mut lexer = Lexer::new(&text);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next();
            tokens.push((token.kind.to_string(), token.at.line, token.at.column));
            if token.kind == TokenKind::End {
                return tokens;
            }
        }
    }

    #[test]
    fn every_end_of_line_counts_once() {
        for text in ["a\nb", "a\rb", "a\r\nb", "a # ü\nb", "a#\r\nb", "a,\n b"] {
            let (name, line, column) = &tokens(text)[1];
            assert_eq!((&**name, *line), ("`b`", 2), "{text:?}");
            assert_eq!(*column, if text.contains(' ') && text.contains(',') { 2 } else { 1 }, "{text:?}");
        }
        assert_eq!(tokens("a\n\rb")[1].1, 3);
    }

    #[test]
    fn a_comment_may_end_with_the_text() {
        assert_eq!(tokens("a # end"), [("`a`".to_owned(), 1, 1), ("the end of the text".to_owned(), 1, 8)]);
    }

    #[test]
    fn what_has_no_meaning_is_a_symbol() {
        let kinds: Vec<_> = tokens("a_1ü_=\u{b}").into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, ["`a_1`", "`ü`", "`_`", "`=`", "`\\u{b}`", "the end of the text"]);
    }

    #[test]
    fn names_share_the_text() {
        let text = ByteString::from_static("module A");
        let mut lexer = Lexer::new(&text);
        lexer.next();
        let TokenKind::Name(name) = lexer.next().kind else { panic!("no name") };
        assert_eq!(name.as_ptr(), text[7..].as_ptr());
    }
}
