//! The commands that do not check a scrape.

use std::fs;

use super::Folder;

#[test]
fn explain_knows_every_rule_and_suggests_one_for_another_word() {
    let folder = Folder::new("explain");
    let all = folder.run(&["explain"]);
    assert_eq!(all.code, 0, "{all:?}");
    for (_, rule) in orchq_metrics::Rule::all() {
        assert!(all.out.contains(&format!("  {} ", rule.id)), "{} is not listed", rule.id);
        let one = folder.run(&["explain", rule.id]);
        assert_eq!(one.code, 0);
        assert!(
            one.out.contains(rule.description) && one.out.contains(rule.example) && one.out.contains(rule.help),
            "{one:?}"
        );
    }
    let unknown = folder.run(&["explain", "metric-without-sites"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("did you mean `metric-without-site`?"), "{unknown:?}");
}

#[test]
fn no_line_of_a_help_has_more_than_a_hundred_columns() {
    let folder = Folder::new("help");
    let help = |command: &[&str]| folder.run(&[command, &["--help"]].concat()).out;
    let all = help(&[]);
    let commands = all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"lint") && commands.contains(&"completions"), "{all}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        for text in [&all, &help(&[command])] {
            let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 100).collect();
            assert!(long.is_empty() && text.contains("Usage: "), "{command}: {long:#?}");
        }
    }
}

#[test]
fn completions_know_the_commands() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = folder.run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{ran:?}");
        for command in ["lint", "sites", "rules", "fleet", "export", "diff", "document", "explain"] {
            assert!(ran.out.contains(command), "{shell} does not complete {command}");
        }
    }
}

/// The contract of this repository, with a change.
fn contract_with(change: impl FnOnce(&mut orchq_metrics::OwnedContract)) -> String {
    let mut contract = orchq_metrics::OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    change(&mut contract);
    contract.to_json()
}

#[test]
fn a_change_names_what_breaks_whom() {
    let folder = Folder::new("diff");
    folder.write("old.json", contract_with(|_| ()));
    folder.write("new.json", contract_with(|contract| contract.metrics[4].name = "queue_length".to_owned()));
    folder.write("alert.yml", "groups: [{name: g, rules: [{alert: Long, expr: queue_depth > 100}]}]\n");
    let same = folder.run(&["diff", "old.json", "old.json"]);
    assert!(same.code == 0 && same.out.contains("nothing changed"), "{same:?}");

    let ran = folder.run(&["diff", "old.json", "new.json", "--consumers", "alert.yml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let declare = "declare `renamed_from = \"queue_depth\"`";
    for expected in ["demands 2.0.0", declare, "alert `Long` in group `g`", "alert.yml:1:48"] {
        assert!(ran.out.contains(expected), "{expected}: {}", ran.out);
    }
    // With the major version raised, the change is not an error.
    folder.write(
        "new.json",
        contract_with(|contract| {
            contract.metrics[4].name = "queue_length".to_owned();
            contract.version = "2.0.0".to_owned();
        }),
    );
    assert_eq!(folder.run(&["diff", "old.json", "new.json"]).code, 0);
    // A binary holds its contract too: this one is the repository's own.
    let binary = std::env::current_exe().expect("this test");
    let ran = folder.run(&["diff", "old.json", binary.to_str().expect("UTF-8")]);
    assert!(ran.code == 0 && ran.out.contains("nothing changed"), "{ran:?}");
    let ran = folder.run(&["diff", "old.json", "alert.yml"]);
    assert!(ran.code == 2 && ran.err.contains("this is a text, not a binary"), "{ran:?}");
}

#[test]
fn a_declared_rename_breaks_nobody_and_the_old_name_can_be_kept_alive() {
    let folder = Folder::new("diff-renamed");
    let old = contract_with(|_| ());
    let declared =
        r#""name": "queue_length", "renamed_from": {"name": "queue_depth", "since": "1.1.0", "until": "2.0.0"},"#;
    let new = old.replacen(r#""version": "1.0.0""#, r#""version": "1.1.0""#, 1);
    let without_fingerprint = |line: &&str| !line.contains("\"fingerprint\"");
    let new: String = new.lines().filter(without_fingerprint).collect();
    folder.write("new.json", new.replacen(r#""name": "queue_depth","#, declared, 1));
    folder.write("old.json", old);
    folder.write("alert.yml", "groups: [{name: g, rules: [{alert: Long, expr: queue_depth > 100}]}]\n");
    let ran = folder.run(&["diff", "old.json", "new.json", "--consumers", "alert.yml"]);
    assert_eq!(ran.code, 0, "{ran:?}");

    folder.write(
        "dropped.json",
        contract_with(|contract| {
            contract.metrics[4].name = "queue_length".to_owned();
            contract.version = "2.0.0".to_owned();
        }),
    );
    let ran = folder.run(&["diff", "new.json", "dropped.json"]);
    assert!(ran.code == 0 && ran.out.contains("record: queue_depth\n"), "{ran:?}");
    let ran = folder.run(&["diff", "new.json", "dropped.json", "--format", "json"]);
    let details = &ran.json()["details"];
    assert_eq!(details["diff"]["demanded"], "1.2.0");
    assert!(details["compatibility_rules"].as_str().expect("a text").contains("record: queue_depth\n"));
}

#[test]
fn every_consumer_of_a_removed_metric_is_named() {
    let folder = Folder::new("diff-consumers");
    folder.write("old.json", contract_with(|_| ()));
    folder.write("new.json", contract_with(|contract| drop(contract.metrics.remove(4))));
    let rules: Vec<_> = (0..30).map(|bound| format!("{{alert: A{bound}, expr: queue_depth > {bound}}}")).collect();
    folder.write("alerts.yml", format!("groups: [{{name: g, rules: [{}]}}]\n", rules.join(", ")));
    let ran = folder.run(&["diff", "old.json", "new.json", "--consumers", "alerts.yml", "--format", "json"]);
    let broken = ran.found().into_iter().filter(|(rule, _)| rule == "diff-consumer-breaks").count();
    assert_eq!((ran.code, broken), (1, 30), "{ran:?}");
}

#[test]
fn rules_are_checked_against_the_contract_that_is_named() {
    let folder = Folder::new("rules");
    folder.write("alert.yml", "groups: [{name: g, rules: [{alert: Long, expr: queue_depth > 100}]}]\n");
    folder.write("other.json", contract_with(|contract| contract.metrics[4].name = "queue_length".to_owned()));
    assert_eq!(folder.run(&["rules", "alert.yml"]).code, 0);
    // Where no contract is named, foreign queries may be of another.
    folder.write("foreign.yml", "groups: [{name: g, rules: [{alert: Hot, expr: node_load1 > 90}]}]\n");
    let ran = folder.run(&["rules", "foreign.yml"]);
    let error =
        "none of the 1 queries uses a metric of orchqueue 1.0.0; name the contract to check against with --contract";
    assert!(ran.code == 2 && ran.err.contains(error), "{ran:?}");
    assert_eq!(folder.run(&["rules", "foreign.yml", "alert.yml"]).code, 0);
    let ran = folder.run(&["rules", "alert.yml", "--contract", "other.json", "--format", "json"]);
    assert_eq!(ran.found(), [("rules-unknown-metric".to_owned(), "queue_depth".to_owned())]);
    folder.write("orchq-metrics.toml", "contract = \"other.json\"\nnamespace = [\"oq_\"]\n");
    // A name outside the contract's namespace is not checked, unless it is nearly one of the contract's.
    folder.write("other.yml", "groups: [{name: g, rules: [{alert: Hot, expr: gpu_temperature > 90}]}]\n");
    assert_eq!(folder.run(&["rules", "other.yml"]).code, 0);
    let ran = folder.run(&["rules", "other.yml", "--unused", "--format", "json"]);
    assert_eq!(ran.found().iter().filter(|(rule, _)| rule == "metric-unused").count(), 13);
    folder.write("orchq-metrics.toml", "target-labels = [\"cluster\"]\n");
    folder.write(
        "target.yml",
        "groups: [{name: g, rules: [{record: a:b:c, expr: 'sum by (cluster, zone) (queue_depth)'}]}]\n",
    );
    let ran = folder.run(&["rules", "target.yml", "--format", "json"]);
    assert_eq!(ran.found().len(), 1, "{ran:?}");
    assert_eq!(folder.run(&["rules", "target.yml", "--target-label", "zone"]).code, 0);
    folder.write("empty.yml", "groups: []\n");
    assert_eq!(folder.run(&["rules", "empty.yml"]).code, 3);
}

#[test]
fn an_exported_contract_can_be_read_back() {
    let folder = Folder::new("export");
    for (format, files) in [
        ("json", &["contract.lock.json"] as &[&str]),
        ("markdown", &["orchqueue-metrics.md"]),
        ("weaver", &["manifest.yaml", "orchqueue.yaml"]),
        ("rules", &["orchqueue-rules.yml", "orchqueue-rules-tests.yml"]),
        ("dashboard", &["orchqueue-dashboard.json"]),
    ] {
        let written = folder.run(&["export", "--format", format, "--out", format]);
        assert_eq!((written.code, written.out.as_str()), (0, ""), "{written:?}");
        let printed = folder.run(&["export", "--format", format]);
        let several = files.len() > 1;
        assert_eq!((printed.code, printed.err.contains("with --out")), (if several { 2 } else { 0 }, several));
        let mut names: Vec<_> = fs::read_dir(folder.0.join(format))
            .expect("the folder was made")
            .map(|file| file.expect("it is a file").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort_unstable();
        let mut files = files.to_vec();
        files.sort_unstable();
        assert_eq!(names, files);
        for name in names {
            let text = fs::read_to_string(folder.0.join(format).join(&name)).expect("it is text");
            assert!(several || printed.out == text, "{name} is not what is printed");
        }
    }
    for arguments in [
        &["rules", "rules/orchqueue-rules.yml", "dashboard/orchqueue-dashboard.json", "--unused", "--fail-on", "note"]
            as &[&str],
        &["document", "markdown/orchqueue-metrics.md", "--fail-on", "note"],
        &["diff", "json/contract.lock.json", "json/contract.lock.json", "--fail-on", "note"],
        &["document", "markdown/orchqueue-metrics.md", "--contract", "json/contract.lock.json"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    }
    let document = fs::read_to_string(folder.0.join("markdown/orchqueue-metrics.md")).expect("it is text");
    let ran = folder.run_with_input(&["document", "-"], &document.replacen("- queue_depth\n", "- queue_dept\n", 1));
    assert!(ran.code == 1 && ran.out.contains("did you mean `queue_depth`?"), "{ran:?}");
    assert_eq!(folder.run_with_input(&["document", "-"], "# Nothing\n").code, 3);
    // Where no contract is named, a document that has none of its metrics may be of another.
    let foreign = "# Metrics\n\n- orders_total\n  - type: counter\n  - labels: none\n";
    let ran = folder.run_with_input(&["document", "-"], foreign);
    let error = "none of the 1 metrics is one of orchqueue 1.0.0; name the contract to check against with --contract";
    assert!(ran.code == 2 && ran.err.contains(error), "{ran:?}");
    let named = &["document", "-", "--contract", "json/contract.lock.json"];
    assert_eq!(folder.run_with_input(named, foreign).code, 1);
}

#[test]
fn a_binary_is_read_and_another_file_is_an_error() {
    let folder = Folder::new("sites");
    let this = std::env::current_exe().expect("this test");
    let this = this.to_str().expect("UTF-8");
    // The functions of a test do not count.
    let ran = folder.run(&["sites", this, "--list", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.found()
            .iter()
            .any(|(rule, subject)| (rule.as_str(), subject.as_str()) == ("metric-without-site", "queue_depth"))
    );
    assert_eq!(ran.json()["details"][0]["contract"], "orchqueue");
    let ran = folder.run(&["sites", this, "--list", "--contract-name", "process"]);
    assert!(ran.out.contains("contract process 1.0.0: "), "{ran:?}");
    let ran = folder.run(&["sites", this, "--contract-name", "none"]);
    assert!(ran.code == 2 && ran.err.contains("no binary has a contract `none`, but `"), "{ran:?}");
    folder.write("script", "#!/bin/sh\n");
    let ran = folder.run(&["sites", "script"]);
    assert!(ran.code == 2 && ran.err.contains("this is a script"), "{ran:?}");
    let ran = folder.run(&["sites", "/bin/sh", "--format", "json"]);
    assert_eq!((ran.code, ran.found()[0].0.as_str()), (1, "no-records"), "{ran:?}");
    let ran = folder.run(&["sites", "/bin/sh"]);
    assert!(ran.out.ends_with("1 error in 0 records\n"), "{ran:?}");
    // As in `target/release/*`.
    let ran = folder.run(&["sites", ".", "script", this, "--format", "json"]);
    assert!(ran.code == 1 && !ran.found().is_empty(), "{ran:?}");
    assert!(ran.err.contains("note: . is skipped: this is a folder") && ran.err.contains("note: script is"), "{ran:?}");
    let ran = folder.run(&["sites", "."]);
    assert!(ran.code == 2 && ran.err.contains("cannot read .: this is a folder; name the binaries in it"), "{ran:?}");
}
