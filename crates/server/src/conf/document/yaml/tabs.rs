//! Tabs before what begins on a line, where PyYAML wants spaces.

use granit_parser::{Event, ScalarStyle, Span, StructureStyle};

use super::{Place, Remark};

/// Which lines begin inside of something: there, tabs are as good as spaces.
pub(super) struct Tabs {
    inside: Vec<bool>,
    /// How many lists and mappings in brackets are not at their end, and the line of the first.
    brackets: usize,
    first: usize,
}

impl Tabs {
    pub(super) fn new(text: &str) -> Self {
        Self { inside: vec![false; text.lines().count()], brackets: 0, first: 0 }
    }

    pub(super) fn event(&mut self, event: &Event, span: &Span) {
        match event {
            Event::SequenceStart(StructureStyle::Flow, ..) | Event::MappingStart(StructureStyle::Flow, ..) => {
                if self.brackets == 0 {
                    self.first = span.start.line();
                }
                self.brackets += 1;
            }
            // What is in brackets has brackets too.
            Event::SequenceEnd | Event::MappingEnd if self.brackets > 0 => {
                self.brackets -= 1;
                if self.brackets == 0 {
                    self.cover(self.first, span.end.line());
                }
            }
            Event::Scalar(_, style, ..) if self.brackets == 0 => {
                // Of text in a block the parser tells where the text itself begins, on a line of its own.
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                // What ends where a line begins has nothing on it.
                let last = span.end.line() - usize::from(span.end.col() == 0);
                self.cover(span.start.line() - usize::from(is_block), last);
            }
            _ => {}
        }
    }

    /// The lines behind the first, counted from 1, up to the last.
    fn cover(&mut self, first: usize, last: usize) {
        for line in self.inside.iter_mut().take(last).skip(first) {
            *line = true;
        }
    }

    pub(super) fn remarks(&self, text: &str) -> impl Iterator<Item = Remark> {
        text.lines().zip(&self.inside).enumerate().filter(|(_, (_, inside))| !**inside).filter_map(|(i, (line, _))| {
            let column = before(line).find('\t')? + 1;
            let message = "a tab, at which the reference stops in most such places; write spaces".to_owned();
            Some(Remark { place: Place { line: i + 1, column }, message })
        })
    }
}

/// What stands before that which begins on a line: blanks, and the signs of lists and mappings.
fn before(line: &str) -> &str {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    let mut rest = line.trim_start_matches(is_blank);
    while let Some(behind) = rest.strip_prefix(['-', '?', ':']).filter(|behind| behind.starts_with(is_blank)) {
        rest = behind.trim_start_matches(is_blank);
    }
    line.strip_suffix(rest).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    fn places(text: &str) -> Vec<String> {
        let (_, _, remarks) = super::super::parse(text).unwrap();
        remarks.iter().map(|remark| format!("{}:{}", remark.place.line, remark.place.column)).collect()
    }

    /// PyYAML 6.0.3 reads none of these.
    #[test]
    fn tabs_that_the_reference_does_not_read_are_told() {
        for (text, found) in [
            ("a:\n \tb: 1\n", "2:2"),
            ("-\ta\n", "1:2"),
            ("a:\n  - \tb\n", "2:5"),
            ("- a\n\t\n- b\n", "2:1"),
            ("a: 1\n\t# c\nb: 2\n", "2:1"),
            ("\ta: 1\n", "1:1"),
            ("? a\n:\tb\n", "2:2"),
            ("-\t{b: 1}\n", "1:2"),
            ("a: [[],\n  \t1]\nb:\n \tc: 1\n", "4:2"),
        ] {
            assert_eq!(places(text), [found], "{text:?}");
        }
    }

    /// And all of these.
    #[test]
    fn other_tabs_are_fine() {
        for text in [
            "a:\t1\t# c\n",
            "a: [\n  \t1, {\n  \tb: c\n  \t}\n  \t]\n",
            "[\n\t1\n\t]\n",
            "a: 'x\n\ty'\nb: \"x\\\n\ty\"\n",
            "a: |\n  x\n  \ty\nb: 1\n",
            "a: >\n  \tx\n",
            "a: x\n  \ty\n",
            "a: !!str\t1\n",
            "a:\t\n  b: 1\n",
        ] {
            assert_eq!(places(text), Vec::<String>::new(), "{text:?}");
        }
    }
}
