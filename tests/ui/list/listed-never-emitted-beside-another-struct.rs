use orchq_metrics::emits;
use orchq_metrics::v1::*;

struct Point {
    x: i64,
}

impl Point {
    fn set(&self, x: i64) -> bool {
        self.x == x
    }
}

#[emits(queue_depth)]
fn depth() {
    Point { x: 1 }.set(2);
}

fn main() {
    depth();
}
