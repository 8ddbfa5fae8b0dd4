//! Shards that go from one thread to the next.

use model::{Counters, Workers, check, spawn};

use super::A;

#[test]
fn threads_that_come_and_go_lose_nothing() {
    check(Some(3), || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let counts = move |n| {
            move || {
                let worker = workers.begin();
                counters.add(&worker, A, n);
                counters.add(&worker, A, n);
            }
        };
        // One shard has been given back, which one of the two takes.
        counts(100)();
        let (first, second) = (spawn(counts(1)), spawn(counts(10)));
        let earlier = counters.sum(A).expect("it was made");
        let later = counters.sum(A).expect("it was made");
        assert!(earlier <= later && (200..=222).contains(&later), "{earlier} and then {later}");
        first.join().expect("no panic");
        second.join().expect("no panic");
        assert_eq!(counters.sum(A), Some(222));
        assert!(workers.shards() <= 2);
    });
}
