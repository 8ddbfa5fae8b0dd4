#![allow(irrefutable_let_patterns)]

use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(queue_depth)]
fn depth(pool: Pool, priority: Priority, busy: bool) {
    (queue_depth { pool, priority });
    &queue_depth { pool, priority };
    _ = queue_depth { pool, priority };
    queue_depth { pool, priority }.clone();
    std::mem::forget(queue_depth { pool, priority });
    if busy { queue_depth { pool, priority } } else { queue_depth { pool, priority } };
    match busy {
        true => queue_depth { pool, priority },
        false => {
            queue_depth { pool, priority };
            queue_depth { pool, priority }
        }
    };
    match (queue_depth { pool, priority }) {
        _ => {}
    }
    if let _ = (queue_depth { pool, priority }) {}
    for _ in [queue_depth { pool, priority }] {}
    match (queue_depth { pool, priority }) {
        _depth => {}
    }
    let _ = vec![queue_depth { pool, priority }];
    let _ = async { queue_depth { pool, priority } };
    let _ = || queue_depth { pool, priority };
    let _at @ _ = queue_depth { pool, priority };
    let bound = queue_depth { pool, priority };
    let _ = bound;
    let passed = queue_depth { pool, priority };
    drop(passed);
    let _handle = queue_depth { pool, priority }.handle();
    let depth = || {
        let _: orchq_metrics::Emission<_, _> = queue_depth { pool, priority };
    };
    depth();
    // Recorded, kept, or handed on.
    queue_depth { pool, priority }.set(1);
    let handle = queue_depth { pool, priority }.handle();
    handle.set(1);
    let kept = queue_depth { pool, priority };
    kept.set(1);
    let _ = Some(queue_depth { pool, priority });
}

fn main() {}
