use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use clap::ColorChoice;
use clap::builder::styling::{AnsiColor, Style};

/// Standard output, locked and buffered, and standard error for what went wrong.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    styles: Styles,
    error_style: Style,
}

/// How parts of the output look; all plain where nothing is to be coloured.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Styles {
    /// What one looks for.
    pub(crate) strong: Style,
    /// Names of events.
    pub(crate) name: Style,
    /// What one may overlook.
    pub(crate) faint: Style,
    /// What is wrong.
    pub(crate) wrong: Style,
}

impl Output {
    pub(crate) fn new(color: ColorChoice) -> Self {
        let plain = Style::new();
        let wrong = AnsiColor::Red.on_default().bold();
        let styles = Styles { strong: plain.bold(), name: AnsiColor::Cyan.on_default(), faint: plain.dimmed(), wrong };
        let out = io::stdout().lock();
        Self {
            styles: if in_color(color, out.is_terminal()) { styles } else { Styles::default() },
            error_style: if in_color(color, io::stderr().is_terminal()) { wrong } else { plain },
            out: BufWriter::new(out),
        }
    }

    pub(crate) fn styles(&self) -> Styles {
        self.styles
    }

    /// Whether somebody looks at it, rather than another program.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.get_ref().is_terminal()
    }

    /// Tells on standard error what is wrong, after all that was written so far.
    pub(crate) fn complain(&mut self, what: &str) {
        // There is nobody left to tell if these fail.
        let _ = self.out.flush();
        let style = self.error_style;
        let _ = writeln!(io::stderr(), "{style}error:{style:#} {}", escape(what));
    }

    /// Tells something on standard error that is not wrong.
    pub(crate) fn note(&mut self, what: &str) {
        // There is nobody left to tell if this fails.
        let _ = writeln!(io::stderr(), "{}", escape(what));
    }

    /// Writes what is left.
    pub(crate) fn finish(&mut self) -> Result<(), crate::Failure> {
        Ok(self.out.flush()?)
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.out.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn in_color(choice: ColorChoice, is_terminal: bool) -> bool {
    let forbidden = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !forbidden() && !dumb(),
    }
}

/// Text from outside, fit for one line of a terminal: nothing in it moves the cursor, changes colours or turns the
/// direction of what follows.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            // Controls, line and paragraph separators, marks of direction.
            c if c.is_control()
                || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}') =>
            {
                _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_controls_the_terminal() {
        assert_eq!(escape("küche 21 °C 家"), "küche 21 °C 家");
        assert_eq!(escape("\x1b[31m\n\r\t\0\x7f\u{9b}"), "\\u{1b}[31m\\n\\r\\t\\u{0}\\u{7f}\\u{9b}");
        assert_eq!(escape("\u{202e}abc\u{2066}\u{2028}"), "\\u{202e}abc\\u{2066}\\u{2028}");
    }

    #[test]
    fn colours_are_for_terminals() {
        assert!(in_color(ColorChoice::Always, false));
        assert!(!in_color(ColorChoice::Never, true));
        assert!(!in_color(ColorChoice::Auto, false));
    }
}
