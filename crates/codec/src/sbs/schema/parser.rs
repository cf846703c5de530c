use bytestring::ByteString;

use super::lexer::{Lexer, Token, TokenKind};
use super::{Definition, Entry, Expression, Module, Name, SchemaError, SchemaErrorKind};

/// How deep types may stand within types: the parser recurses so far.
const MAX_NESTING: usize = 128;

/// Parses the text of one module.
///
/// The language is that of the reference's `hat.sbs.parser`. White space has to stand between definitions, entries and
/// arguments, and may stand everywhere else but around the dot of a reference.
pub(crate) fn parse(label: &str, text: &ByteString) -> Result<Module, SchemaError> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next();
    let mut parser = Parser { label, lexer, token };

    match &parser.token.kind {
        TokenKind::Name(keyword) if keyword == "module" => parser.advance(),
        _ => return Err(parser.expected("`module`")),
    };
    let name = parser.name("name of the module")?;
    let mut definitions = Vec::new();
    while parser.token.kind != TokenKind::End {
        parser.separated_from(!definitions.is_empty())?;
        definitions.push(parser.definition()?);
    }
    Ok(Module { label: label.to_owned(), name, definitions })
}

struct Parser<'a> {
    label: &'a str,
    lexer: Lexer<'a>,
    /// The next token.
    token: Token,
}

impl Parser<'_> {
    fn definition(&mut self) -> Result<Definition, SchemaError> {
        let name = self.name("name of a type")?;
        let mut parameters = Vec::new();
        if self.at_symbol('(') {
            self.advance();
            while !self.at_symbol(')') {
                parameters.push(self.name("name of a parameter or `)`")?);
            }
            self.advance();
        }
        self.symbol('=', if parameters.is_empty() { "`=` or parameters in `( )`" } else { "`=`" })?;
        Ok(Definition { name, parameters, body: self.expression(0)? })
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, SchemaError> {
        if depth > MAX_NESTING {
            return Err(self.error(SchemaErrorKind::TooDeep(MAX_NESTING)));
        }
        let name = self.name("a type")?;
        match &*name.text {
            "Record" => return Ok(Expression::Record(self.entries(depth, "name of a field")?)),
            "Choice" => return Ok(Expression::Choice(self.entries(depth, "name of an option")?)),
            _ => {}
        }
        let (module, name) = if self.at_symbol('.') && !self.token.spaced {
            self.advance();
            if self.token.spaced {
                return Err(self.expected("name of a type directly after the dot"));
            }
            (Some(name), self.name("name of a type")?)
        } else {
            (None, name)
        };
        let mut arguments = Vec::new();
        if self.at_symbol('(') {
            self.advance();
            while !self.at_symbol(')') {
                self.separated_from(!arguments.is_empty())?;
                arguments.push(self.expression(depth + 1)?);
            }
            self.advance();
        }
        Ok(Expression::Reference { module, name, arguments })
    }

    fn entries(&mut self, depth: usize, expected: &'static str) -> Result<Vec<Entry>, SchemaError> {
        self.symbol('{', "`{`")?;
        let mut entries = Vec::new();
        // There is at least one.
        while entries.is_empty() || !self.at_symbol('}') {
            self.separated_from(!entries.is_empty())?;
            let name = self.name(expected)?;
            self.symbol(':', "`:`")?;
            entries.push(Entry { name, body: self.expression(depth + 1)? });
        }
        self.advance();
        Ok(entries)
    }

    fn name(&mut self, expected: &'static str) -> Result<Name, SchemaError> {
        match &self.token.kind {
            TokenKind::Name(text) => {
                let text = text.clone();
                Ok(Name { text, at: self.advance().at })
            }
            _ => Err(self.expected(expected)),
        }
    }

    fn symbol(&mut self, symbol: char, expected: &'static str) -> Result<(), SchemaError> {
        if !self.at_symbol(symbol) {
            return Err(self.expected(expected));
        }
        self.advance();
        Ok(())
    }

    fn at_symbol(&self, symbol: char) -> bool {
        self.token.kind == TokenKind::Symbol(symbol)
    }

    /// Checks that white space stands before a name that follows something else of its kind.
    fn separated_from(&self, something: bool) -> Result<(), SchemaError> {
        match self.token.kind {
            TokenKind::Name(_) if something && !self.token.spaced => Err(self.expected("white space or a comma")),
            _ => Ok(()),
        }
    }

    fn advance(&mut self) -> Token {
        let next = self.lexer.next();
        std::mem::replace(&mut self.token, next)
    }

    #[cold]
    fn expected(&self, expected: &'static str) -> SchemaError {
        self.error(SchemaErrorKind::Syntax { expected, found: self.token.kind.to_string() })
    }

    #[cold]
    fn error(&self, kind: SchemaErrorKind) -> SchemaError {
        SchemaError::new(self.label, self.token.at, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Result<Module, String> {
        parse("test", &text.into()).map_err(|error| error.to_string())
    }

    #[test]
    fn comments_commas_and_any_line_end_are_white_space() {
        let text = |space: &str| {
            ["module", "M", "A(x, y)=Record{a:x b:Array(y)}", "B", "=", "A(None Other.T)", ""].join(space)
        };
        let shown = ["A(x y) = Record{a: x() b: Array(y())}", "B() = A(None() Other.T())"];
        for space in ["\n", "\r", "\r\n", " ", "\t", ",", " , ", "# comment }{\n", "\n\n#\r#\r\n "] {
            assert_eq!(show(&module(&text(space)).unwrap()), shown, "{space:?}");
        }
        assert!(module("module M A = None # at the end").is_ok());
        assert!(module("# first\nmodule M").unwrap().definitions.is_empty());
    }

    fn show(module: &Module) -> Vec<String> {
        let join = |names: &[Name]| names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(" ");
        module
            .definitions
            .iter()
            .map(|d| format!("{}({}) = {}", d.name.text, join(&d.parameters), show_expression(&d.body)))
            .collect()
    }

    fn show_expression(expression: &Expression) -> String {
        let entries = |entries: &[Entry]| {
            let entry = |entry: &Entry| format!("{}: {}", entry.name.text, show_expression(&entry.body));
            entries.iter().map(entry).collect::<Vec<_>>().join(" ")
        };
        match expression {
            Expression::Reference { module, name, arguments } => {
                let module = module.as_ref().map(|module| format!("{}.", module.text)).unwrap_or_default();
                let arguments: Vec<_> = arguments.iter().map(show_expression).collect();
                format!("{module}{}({})", name.text, arguments.join(" "))
            }
            Expression::Record(fields) => format!("Record{{{}}}", entries(fields)),
            Expression::Choice(options) => format!("Choice{{{}}}", entries(options)),
        }
    }

    #[test]
    fn names_may_begin_with_the_name_of_a_builtin() {
        let module = module("module M A = IntegerList B = NoneType C = RecordX D = Records(Arrays)").unwrap();
        assert_eq!(
            show(&module),
            ["A() = IntegerList()", "B() = NoneType()", "C() = RecordX()", "D() = Records(Arrays())"]
        );
    }

    #[test]
    fn errors_say_where_and_what_was_expected() {
        for (text, error) in [
            ("", "test:1:1: expected `module`, found the end of the text"),
            ("modul M", "test:1:1: expected `module`, found `modul`"),
            ("module\n=", "test:2:1: expected name of the module, found `=`"),
            ("module M A", "test:1:11: expected `=` or parameters in `( )`, found the end of the text"),
            ("module M A(x = None", "test:1:14: expected name of a parameter or `)`, found `=`"),
            ("module M A =", "test:1:13: expected a type, found the end of the text"),
            ("module M A = Record", "test:1:20: expected `{`, found the end of the text"),
            ("module M A = Record{ }", "test:1:22: expected name of a field, found `}`"),
            ("module M\r\nA = Choice{a None}", "test:2:14: expected `:`, found `None`"),
            ("module M A = Record{a: None", "test:1:28: expected name of a field, found the end of the text"),
            ("module M A = Record{a: Array(None)b: None}", "test:1:35: expected white space or a comma, found `b`"),
            ("module M A = B(C(D)E)", "test:1:20: expected white space or a comma, found `E`"),
            ("module M A = Array(None)B = None", "test:1:25: expected white space or a comma, found `B`"),
            ("module M A = B .C", "test:1:16: expected name of a type, found `.`"),
            ("module M A = B. C", "test:1:17: expected name of a type directly after the dot, found `C`"),
            ("module M A = B.C.D", "test:1:17: expected name of a type, found `.`"),
            ("module M A = é", "test:1:14: expected a type, found `é`"),
        ] {
            assert_eq!(module(text).unwrap_err(), error, "{text:?}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| format!("module M A = {}None{}", "Array(".repeat(depth), ")".repeat(depth));
        assert!(module(&nested(MAX_NESTING)).is_ok());
        let error = "types stand within types more than 128 levels deep";
        for depth in [MAX_NESTING + 1, 1_000_000] {
            assert!(module(&nested(depth)).unwrap_err().ends_with(error));
        }
    }
}
