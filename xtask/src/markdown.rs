//! What checks of the pages read out of Markdown: headings, links, fenced blocks.

/// A page, cut into what is text and what is code.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The anchors of its headings, as mdBook makes them.
    pub(crate) anchors: Vec<String>,
    /// The targets of its links, each with the number of its line.
    pub(crate) links: Vec<(usize, String)>,
    /// The words after the opening of each fenced block, with the number of its line.
    pub(crate) fences: Vec<(usize, String)>,
}

impl Page {
    /// Reads a page: ATX headings, inline links, blocks fenced by backticks.
    pub(crate) fn read(text: &str) -> Self {
        let mut page = Self::default();
        let mut fence: Option<usize> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
            let info = line.trim_start().trim_start_matches('`').trim();
            match fence {
                Some(open) if ticks >= open && info.is_empty() => fence = None,
                Some(_) => {}
                None if ticks >= 3 => {
                    fence = Some(ticks);
                    page.fences.push((number, info.to_owned()));
                }
                None => page.read_text(number, line),
            }
        }
        page
    }

    fn read_text(&mut self, number: usize, line: &str) {
        if let Some((marks, title)) = line.split_once(' ')
            && !marks.is_empty()
            && marks.chars().all(|c| c == '#')
        {
            self.anchors.push(anchor(title));
        }
        // Every second part stands between backticks: code, in which brackets are no links.
        let prose: String = line.split('`').step_by(2).collect();
        for rest in prose.split("](").skip(1) {
            if let Some((target, _)) = rest.split_once(')') {
                self.links.push((number, target.to_owned()));
            }
        }
    }
}

/// The anchor of a heading: letters and digits in lower case, spaces as hyphens, no other signs.
fn anchor(title: &str) -> String {
    let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read() {
        let page = Page::read(
            "# The 12-byte `Timestamp`\n\
             See [one](a.md) and [`two`](b.md#here), not `x[0](y)`.\n\
             ```rust\n\
             # hidden line, [no](link)\n\
             ```\n\
             ````text\n\
             ```\n\
             ````\n\
             #no heading\n",
        );
        assert_eq!(page.anchors, ["the-12-byte-timestamp"]);
        assert_eq!(page.links, [(2, "a.md".to_owned()), (2, "b.md#here".to_owned())]);
        assert_eq!(page.fences, [(3, "rust".to_owned()), (6, "text".to_owned())]);
    }
}
