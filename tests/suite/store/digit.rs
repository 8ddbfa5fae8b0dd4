use orchq_metrics::Label;

macro_rules! digit {
    ($($variant:ident $text:literal,)*) => {
        /// A closed label with so many values that two of it fit a family known beforehand, and four do not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
        pub(crate) enum Digit {
            $(#[label($text)] $variant,)*
        }
    };
}

digit! {
    D0 "0", D1 "1", D2 "2", D3 "3", D4 "4", D5 "5", D6 "6", D7 "7",
}
