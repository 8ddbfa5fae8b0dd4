use orchq_metrics::emits;

#[emits(tasks_rejected_total)]
struct Queue {
    length: usize,
}

fn main() {
    let _ = Queue { length: 0 }.length;
}
