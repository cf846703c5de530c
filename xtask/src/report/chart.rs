//! Line charts as SVG. Their background is left to the page; their colours are seen on white as on black.

use std::fmt::Write;

use super::scale::Scale;
use super::units::{self, Unit};

/// A part of a chart with axes of its own.
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) x_label: &'static str,
    pub(super) y_label: &'static str,
    pub(super) y_unit: Unit,
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) lines: Vec<Line>,
    /// Places on the x axis that have a name.
    pub(super) marks: Vec<(f64, &'static str)>,
}

/// What a contestant took.
pub(super) struct Line {
    pub(super) name: &'static str,
    /// The number of its colour and shape.
    pub(super) style: usize,
    pub(super) points: Vec<(f64, f64)>,
}

const TEXT: &str = "#7a7a7a";
/// A colour and the dashes of each style; no dashes draw a line through.
const STYLES: [(&str, &str); 5] =
    [("#2878c2", ""), ("#c8640a", "6 3"), ("#c2528b", "6 3"), ("#7f68cc", "2 3"), ("#24895a", "8 3 2 3")];

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 330.0;
/// Of the area with the lines: its top, its height, and how far it is from the sides of its panel.
const TOP: f64 = 62.0;
const AREA: f64 = 212.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 18.0;

/// A chart of panels side by side, with a legend above them.
pub(super) fn svg(panels: &[Panel]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"{TEXT}\">\n"
    );
    legend(&mut svg, panels);
    let width = WIDTH / panels.len() as f64;
    for (i, panel) in (0..).zip(panels) {
        panel.draw(&mut svg, f64::from(i) * width + LEFT, width - LEFT - RIGHT);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The name of each line of any panel beside a piece of it.
fn legend(svg: &mut String, panels: &[Panel]) {
    let mut shown: Vec<&Line> = panels.iter().flat_map(|panel| &panel.lines).collect();
    shown.sort_by_key(|line| line.style);
    shown.dedup_by_key(|line| line.style);
    let mut x = LEFT;
    for line in shown {
        line.draw(svg, &[(x, 14.0), (x + 17.0, 14.0), (x + 34.0, 14.0)]);
        text(svg, (x + 42.0, 18.0), "start", line.name);
        x += 72.0 + 7.0 * line.name.len() as f64;
    }
}

impl Panel {
    /// Draws into an area from `left` on.
    fn draw(&self, svg: &mut String, left: f64, width: f64) {
        let bottom = TOP + AREA;
        let x = |number| left + self.x.place(number) * width;
        let y = |number| bottom - self.y.place(number) * AREA;
        let middle = left + width / 2.0;
        let _ = write!(svg, "<g font-weight=\"bold\">");
        text(svg, (middle, TOP - 22.0), "middle", self.title);
        svg.push_str("</g>\n");
        for tick in self.x.ticks() {
            rule(svg, (x(*tick), TOP), (x(*tick), bottom), "");
            text(svg, (x(*tick), bottom + 17.0), "middle", &units::count_tick(*tick));
        }
        for tick in self.y.ticks() {
            rule(svg, (left, y(*tick)), (left + width, y(*tick)), "");
            text(svg, (left - 7.0, y(*tick) + 4.0), "end", &self.y_unit.write_tick(*tick));
        }
        let is_within = |number: f64| (0.0..=1.0).contains(&self.x.place(number));
        for (number, name) in self.marks.iter().filter(|(number, _)| is_within(*number)) {
            rule(svg, (x(*number), TOP - 4.0), (x(*number), bottom), "3 3");
            text(svg, (x(*number), TOP - 7.0), "middle", name);
        }
        text(svg, (middle, bottom + 38.0), "middle", self.x_label);
        text(svg, (left - LEFT + 4.0, TOP - 22.0), "start", self.y_label);
        for line in &self.lines {
            line.draw(svg, &line.points.iter().map(|point| (x(point.0), y(point.1))).collect::<Vec<_>>());
        }
    }
}

impl Line {
    /// Draws a line through places, with a dot at each.
    fn draw(&self, svg: &mut String, places: &[(f64, f64)]) {
        let (color, dashes) = STYLES[self.style % STYLES.len()];
        let points: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
            points.join(" ")
        );
        for (x, y) in places {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>");
        }
    }
}

fn rule(svg: &mut String, from: (f64, f64), to: (f64, f64), dashes: &str) {
    let opacity = if dashes.is_empty() { 0.3 } else { 0.9 };
    let _ = writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{TEXT}\" stroke-opacity=\"{opacity}\" \
         stroke-dasharray=\"{dashes}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much brighter the brighter of two colours is, as the guidelines on accessibility of the web define it.
    fn contrast(one: &str, other: &str) -> f64 {
        let light = |color: &str| {
            let part = |i: usize| {
                let part = f64::from(u8::from_str_radix(&color[i..i + 2], 16).unwrap()) / 255.0;
                if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) + 0.05
        };
        (light(one) / light(other)).max(light(other) / light(one))
    }

    #[test]
    fn colours_are_seen_in_each_theme_of_the_book() {
        for color in STYLES.iter().map(|(color, _)| *color).chain([TEXT]) {
            for background in ["#ffffff", "#e1e1db", "#161923", "#141617", "#0f1419"] {
                let contrast = contrast(color, background);
                assert!(contrast >= 3.0, "{color} on {background}: {contrast:.1}");
            }
        }
    }

    #[test]
    fn points_are_where_their_numbers_are() {
        let points = vec![(1.0, 1e-9), (10.0, 1e-8), (100.0, 1e-7)];
        let x = Scale::log([1.0, 10_000.0].into_iter());
        let y = Scale::log([1e-9, 1e-5].into_iter());
        let lines = vec![Line { name: "a & b", style: 0, points }];
        let panel = Panel {
            title: "t",
            x_label: "x",
            y_label: "y",
            y_unit: Unit::Seconds,
            x,
            y,
            lines,
            marks: vec![(100.0, "m")],
        };
        let svg = svg(&[panel]);
        let (width, bottom) = (WIDTH - LEFT - RIGHT, TOP + AREA);
        for i in 0..3 {
            let (x, y) = (LEFT + width * f64::from(i) / 4.0, bottom - AREA * f64::from(i) / 4.0);
            assert!(svg.contains(&format!("cx=\"{x:.1}\" cy=\"{y:.1}\"")), "{svg}");
        }
        assert!(svg.contains(">a &amp; b</text>") && svg.contains(">10k</text>") && svg.contains(">100 ns</text>"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }
}
