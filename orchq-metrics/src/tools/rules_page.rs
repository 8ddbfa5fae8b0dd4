//! Every rule, as a page.

use std::fmt::Write as _;

use crate::tools::catalog;

/// The rules of every command as Markdown: the page `docs/rules.md`, which leads on to `docs/engines.md`.
#[must_use]
pub fn rule_list() -> String {
    let mut out = String::from(
        "# Rules\n\nThe description of every finding. `orchq-metrics explain RULE` prints the same text; both come from the \
         statics that findings are made from.\n",
    );
    let mut last = "";
    for (command, rule) in catalog::all() {
        if command != last {
            write!(out, "\n## {command}\n").expect("writing to a string does not fail");
            last = command;
        }
        let (id, severity) = (rule.id, rule.severity);
        let (description, example, help) = (rule.description, rule.example, rule.help);
        write!(out, "\n### {id} ({severity})\n\n{description}\n\n- Example: {example}\n- Help: {help}\n")
            .expect("writing to a string does not fail");
    }
    out += "\nNext: [Engines](engines.md)\n";
    out
}
