//! A desk that answers questions, with a metric of every form.

use beside::desk::{with_contract, with_prometheus, without_metrics};

use crate::{lines, samples};

macro_rules! driven {
    ($desk:ident) => {{
        let desk = $desk::Desk::new(8);
        let _refused = desk.admit(9, "1").is_err() && desk.admit(0, &"1".repeat(101)).is_err();
        let _admitted = desk.admit(0, "1").is_ok();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answers = runtime.block_on(async {
            // A question that nobody waits for is not answered, and does not stay in flight.
            tokio::select! {
                biased;
                answer = desk.answer($desk::Route::Ask, "5") => panic!("{answer:?}, and nobody waited"),
                () = std::future::ready(()) => {}
            }
            (desk.answer($desk::Route::Look, "21").await.ok(), desk.answer($desk::Route::Ask, "x").await.ok())
        });
        assert_eq!(answers, (Some(42), None));
        let (balance, skew) = (desk.pay("north", 2.5, 1.0), desk.read_clock(1.0, 1.25));
        assert_eq!((balance, skew), (-1.5, -0.25));
        desk
    }};
}

#[test]
fn the_pages_have_the_same_samples() {
    driven!(without_metrics);
    let (by_hand, by_contract) = (driven!(with_prometheus).page(), driven!(with_contract).page());
    assert_eq!(samples(&by_contract), samples(&by_hand));
    assert_eq!(samples(&by_contract).len(), 13, "{by_contract}");
    let of_types = |page: &str| {
        let of_family = |line: &&str| line.starts_with("# ") && !line.contains("orchq_metrics_");
        let mut types: Vec<_> = page.lines().filter(of_family).map(str::to_owned).collect();
        types.sort_unstable();
        types
    };
    assert_eq!(of_types(&by_contract), of_types(&by_hand));
}

#[test]
fn a_contract_takes_few_more_lines_than_the_metrics_alone() {
    let [without, by_hand, by_contract] =
        ["desk/without_metrics.rs", "desk/with_prometheus.rs", "desk/with_contract.rs"].map(lines);
    let (by_hand, by_contract) = (by_hand - without, by_contract - without);
    assert!(by_contract <= 3 * by_hand, "{by_contract} lines with a contract, {by_hand} with the crate prometheus");
}
