use orchq_metrics::emits;
use orchq_metrics::v1::{Pool, Priority, queue_depth};

mod elsewhere {
    #[derive(Debug)]
    #[allow(non_camel_case_types)]
    pub struct queue_depth {
        pub x: u64,
    }
}

#[emits(queue_depth)]
fn depth(pool: Pool, priority: Priority) {
    println!("{:?}", elsewhere::queue_depth { x: 1 });
    queue_depth { pool, priority }.set(1);
}

fn main() {}
