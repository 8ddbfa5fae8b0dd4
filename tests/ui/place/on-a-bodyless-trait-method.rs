use orchq_metrics::emits;

trait Reject {
    #[emits(tasks_rejected_total)]
    fn reject(&self);
}

struct Queue;

impl Reject for Queue {
    fn reject(&self) {}
}

fn main() {
    Queue.reject();
}
