//! Reads the text exposition format, as far as looking up series needs it.

/// A parsed `/metrics` page.
#[derive(Debug)]
pub struct Scrape(Vec<Series>);

/// One line of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The name; a histogram has three of them.
    pub name: String,
    /// The labels, in the order of the page.
    pub labels: Vec<(String, String)>,
    /// The value.
    pub value: f64,
}

impl Series {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str())
    }

    fn parse(line: &str) -> Option<Self> {
        let name_end = line.find(['{', ' '])?;
        let (name, mut rest) = line.split_at(name_end);
        let mut labels = Vec::new();
        if let Some(inside) = rest.strip_prefix('{') {
            rest = inside;
            while !rest.starts_with('}') {
                let (label, after) = rest.trim_start_matches(',').split_once("=\"")?;
                let (value, after) = unquote(after)?;
                labels.push((label.to_owned(), value));
                rest = after;
            }
            rest = &rest[1..];
        }
        let value = rest.split_whitespace().next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), labels, value })
    }
}

/// Reads up to the closing quote; gives the unescaped text and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (end, '"') => return Some((value, &text[end + 1..])),
            (_, '\\') => match chars.next()?.1 {
                'n' => value.push('\n'),
                escaped => value.push(escaped),
            },
            (_, plain) => value.push(plain),
        }
    }
}

impl Scrape {
    /// Parses a page; lines that are not samples are left out.
    pub fn parse(page: &str) -> Self {
        let samples = page.lines().filter(|line| !line.starts_with('#'));
        Self(samples.filter_map(Series::parse).collect())
    }

    /// The series of that name that carry all of `labels`.
    pub fn series<'a>(&'a self, name: &'a str, labels: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = &'a Series> {
        self.0
            .iter()
            .filter(move |series| series.name == name)
            .filter(move |series| labels.iter().all(|&(label, value)| series.label(label) == Some(value)))
    }

    /// The sum over those series.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.series(name, labels).map(|series| series.value).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_and_comments_are_not() {
        let page = "# HELP a text\n# TYPE a counter\na{x=\"1\",y=\"q\\\"u\\\\o\\nte} \"} 2.5\na{x=\"2\"} 4 123\nb 7\n";
        let scrape = Scrape::parse(page);
        assert_eq!(scrape.sum("a", &[]), 6.5);
        assert_eq!(scrape.sum("a", &[("x", "2")]), 4.0);
        assert_eq!(scrape.sum("b", &[]), 7.0);
        assert_eq!(scrape.series("a", &[]).next().unwrap().label("y"), Some("q\"u\\o\nte} "));
    }
}
