use orchq_metrics::Label;

#[derive(Clone, Copy, Label)]
union Color {
    red: u8,
}

fn main() {}
