use orchq_metrics::Label;

macro_rules! digit {
    ($($variant:ident $text:literal,)*) => {
        /// A closed label. The label sets of two of these are few enough to be known beforehand, those of four are not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
        pub(crate) enum Digit {
            $(#[label($text)] $variant,)*
        }
    };
}

digit! {
    D0 "0", D1 "1", D2 "2", D3 "3", D4 "4", D5 "5", D6 "6", D7 "7",
}
