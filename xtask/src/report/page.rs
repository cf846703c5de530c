//! The sections of a page that a command writes; the text around them is written by people.

use crate::Result;

const END: &str = "<!-- end -->";

/// The page with what stands between the marks of a section replaced.
pub(super) fn replace(page: &str, section: &str, text: &str) -> Result<String> {
    let mark = format!("<!-- growth {section}: made by cargo xtask compare --report -->");
    let (before, rest) = page.split_once(&mark).ok_or_else(|| format!("the page has no line {mark}"))?;
    let (old, after) = rest.split_once(END).ok_or_else(|| format!("after {mark} there is no {END}"))?;
    if old.contains("<!-- growth ") || after.contains(&mark) {
        return Err(format!("the section {section} has no end of its own, or is there twice").into());
    }
    Ok(format!("{before}{mark}\n\n{}\n\n{END}{after}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "<!-- growth a: made by cargo xtask compare --report -->";
    const B: &str = "<!-- growth b: made by cargo xtask compare --report -->";

    #[test]
    fn a_section_is_replaced_and_nothing_else() {
        let page = format!("# Page\n\n{A}\nold\n{END}\n\ntext\n\n{B}\n{END}\nrest\n");
        let page = replace(&page, "b", "\nnew b\n").unwrap();
        assert_eq!(page, format!("# Page\n\n{A}\nold\n{END}\n\ntext\n\n{B}\n\nnew b\n\n{END}\nrest\n"));
        let page = replace(&page, "a", "new a").unwrap();
        assert_eq!(page, format!("# Page\n\n{A}\n\nnew a\n\n{END}\n\ntext\n\n{B}\n\nnew b\n\n{END}\nrest\n"));
        assert_eq!(replace(&page, "a", "new a").unwrap(), page);
    }

    #[test]
    fn broken_marks_are_told() {
        let error = |page: &str| replace(page, "a", "").unwrap_err().to_string();
        assert!(error("no mark").contains("has no line <!-- growth a:"));
        assert!(error(A).contains("there is no <!-- end -->"));
        assert!(error(&format!("{END}{A}")).contains("there is no <!-- end -->"));
        assert!(error(&format!("{A}\n{B}\n{END}")).contains("no end of its own"));
        assert!(error(&format!("{A}\n{END}\n{A}\n{END}")).contains("twice"));
    }
}
