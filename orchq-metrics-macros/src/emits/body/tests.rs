//! Bodies as text, and which braces in them are a struct literal's.

use super::*;

/// The paths of the literals, in order; `m` is the metric that the cases are about.
fn literals(body: &str) -> Vec<String> {
    walked(body).into_iter().filter(|(path, _)| path.ends_with('m')).map(|(path, _)| path).collect()
}

/// Each literal's path, and the `cfg`s that apply to it.
fn walked(body: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let tokens: TokenStream = body.parse().expect("the case is made of tokens");
    rewrite(tokens, &mut |literal| {
        let path = literal.path.to_string().replace(' ', "");
        found.push((path, literal.cfgs.to_string().replace(' ', "")));
        TokenStream::new()
    });
    found
}

#[test]
fn literals_are_distinguished_from_other_braces() {
    for (body, expected) in [
        ("m { a }.inc();", &["m"][..]),
        ("v1::m { a }.inc(); ::x::v1::m { a }.inc();", &["v1::m", "::x::v1::m"]),
        ("let x = m { a };", &["m"]),
        ("let (x, y): (A, B) = (m { a }, m { b });", &["m", "m"]),
        ("return m { a }.inc()", &["m"]),
        ("return ::m { a }.inc()", &["::m"]),
        ("m { a: m { b } }", &["m", "m"]),
        ("|| m { a }.inc()", &["m"]),
        ("|x| m { a }.inc()", &["m"]),
        ("select! { x = y => m { a }.inc(), }", &["m"]),
        ("select! { x = y, if z => m { a }.inc(), }", &["m"]),
        ("if m { a } == x {}", &[]),
        ("if (m { a }) == x { m { b }.inc() }", &["m", "m"]),
        ("x == m { a }", &["m"]),
        ("if x { m { a }.inc() } else { m { b }.inc() }", &["m", "m"]),
        ("if x {} m { a }.inc();", &["m"]),
        ("match x { A => m { a }.inc(), _ if y => m { b }.inc(), _ => {} }", &["m", "m"]),
        ("match x { _ if y == 0 => m { a }.inc(), _ => {} }", &["m"]),
        ("for x in xs { m { a }.inc(); }", &["m"]),
        ("while let Some(x) = xs.next() { m { a }.inc(); }", &["m"]),
        ("x { ..m { a } }", &["m"]),
        ("impl A for B { fn f() { m { a }.inc() } }", &["m"]),
        ("impl A<X, Y> for m { fn f() { m { a }.inc() } }", &["m"]),
        ("struct S { m: u8 } m { a }.inc();", &["m"]),
        ("struct S; m { a }.inc();", &["m"]),
        ("let f: for<'a> fn(&'a u8) = g; m { a }.inc();", &["m"]),
        ("let x = if y? { m { a } } else { m { b } };", &["m", "m"]),
        ("for i in 0.. { if i > 2 { break; } } m { a }.inc();", &["m"]),
        ("if pick::<A, B>() < x {} m { a }.inc();", &["m"]),
        ("#[emits(m)] fn f() -> A<{ 1 + 1 }> { m { a }.inc() } m { b }.inc();", &["m"]),
        ("macro_rules! x { () => { m { a }.inc() } } x!();", &["m"]),
        ("macro_rules! x { () => { m { a }.inc() } } if y { f(|| z![x!{}]) }", &["m"]),
        ("macro_rules! x { () => { m { a }.inc() } } pub(crate) use x;", &["m"]),
        ("assert!(x, stringify!(m { a })); m { b }.inc();", &["m"]),
        ("let stringify = m { a }; if stringify != y { stringify.inc() }", &["m"]),
    ] {
        assert_eq!(literals(body), expected, "{body}");
    }
}

#[test]
fn what_only_looks_like_one() {
    for body in [
        // Blocks.
        "if x > m {} ",
        "if m { 1 } else { 2 }",
        "while m { }",
        "match m { _ => {} }",
        "for x in 0..m { }",
        "for x in m { }",
        "for &x in m { }",
        "if pick::<A, B>() < m { }",
        "if x { h } else { h }.inc()",
        "let x = unsafe { h }.inc();",
        "if let A { b } = m { }",
        "if x == 1 && y < m { }",
        "else if m { }",
        "match x { m if m => {} _ => {} }",
        "if f(x) == m { return; }",
        "while x != m { x += 1; }",
        // Patterns.
        "let m { a } = x;",
        "let Some(m { a }) = x else { return };",
        "let m { a }: T = x;",
        "if let m { a } = x { }",
        "if let Some(m { a }) = x { }",
        "while let m { a } = x { }",
        "if let 1..=9 = x && let m { a } = y { }",
        "for m { a } in xs { }",
        "match x { m { a } => {} }",
        "match x { m { a } | n { a } => {} }",
        "match x { m { a } if y => {} }",
        "|m { a }| a",
        "|m { a }: T| a",
        "m { a } = x;",
        // Declarations.
        "struct m { a: u8 }",
        "union m { a: u8 }",
        "enum E { m { a: u8 } }",
        "impl m { }",
        "impl A for m { }",
        "trait m { }",
        "fn f() -> m { todo }",
        "mod m { }",
        "mod q { fn f() { m { a }.inc() } }",
        "#[emits(m)] fn f() { m { a }.inc() }",
        "#[orchq_metrics::emits(m)] pub async fn f() { m { a }.inc() }",
        "#[cfg_attr(x, emits(m))] fn f() { m { a }.inc() }",
        // What is never compiled.
        "macro_rules! x { () => { m { a }.inc() } }",
        "{ macro_rules! x { () => { m { a }.inc(); x!() } } } y!();",
        "stringify!(m { a }.inc()); std::concat!(stringify!(m { a })); let x = cfg!(m { a });",
        // Others.
        "self.m { a }",
    ] {
        assert_eq!(literals(body), [""; 0], "{body}");
    }
}

#[test]
fn a_cfg_reaches_to_the_end_of_its_statement() {
    for (body, expected) in [
        ("#[cfg(x)] m { a }.inc(); m { b }.inc();", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] let y = m { a }; m { b }.inc();", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] { m { a }.inc(); } m { b }.inc();", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] if y { m { a }.inc() } else { m { b }.inc() }", ["#[cfg(x)]", "#[cfg(x)]"]),
        ("#[cfg(x)] #[cfg(y)] m { a }.inc(); m { b }.inc();", ["#[cfg(x)]#[cfg(y)]", ""]),
        ("#[cfg(x)] { #[cfg(y)] m { a }.inc(); m { b }.inc(); }", ["#[cfg(x)]#[cfg(y)]", "#[cfg(x)]"]),
        ("[#[cfg(x)] m { a }, m { b }]", ["#[cfg(x)]", ""]),
        ("#[allow(x)] m { a }.inc(); m { b }.inc();", ["", ""]),
        // Items that the walk steps over end theirs.
        ("#[cfg(x)] mod q { } m { a }.inc(); m { b }", ["", ""]),
        ("#[cfg(x)] #[emits(m)] fn q() { m { z } } m { a }.inc(); m { b }", ["", ""]),
        // Not a statement's own.
        ("if #[cfg(x)] { m { a }.inc(); } else { m { b }.inc(); }", ["", ""]),
        ("|#[cfg(x)] q: u32| m { a }.inc(); m { b }", ["", ""]),
        // Tokens inside a statement, an arm or an element do not end it.
        ("match e { #[cfg(x)] A { y } => m { a }.inc(), _ => m { b }.inc() }", ["#[cfg(x)]", ""]),
        ("match e { #[cfg(x)] A { y } | B if z => { m { a }.inc() } _ => m { b }.inc() }", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] let f = |y: C, k: u64| m { a }.inc_by(k); m { b };", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] let h: R<H<A>, ()> = Ok(m { a }.handle()); m { b };", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] if let P { y: 1 } = p { m { a }.inc() } m { b };", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] for P { y } in ps { m { a }.inc() } m { b };", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] let z = unsafe { y } && { m { a }.inc(); true }; m { b };", ["#[cfg(x)]", ""]),
        ("#[cfg(x)] fn go<A, B>(y: A, z: B) { m { a }.inc() } m { b };", ["#[cfg(x)]", ""]),
        ("f(#[cfg(x)] m { a }, m { b })", ["#[cfg(x)]", ""]),
    ] {
        let found = walked(body).into_iter().filter(|(path, _)| path == "m").map(|(_, cfgs)| cfgs);
        let found: Vec<_> = found.collect();
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn what_looks_like_a_recording() {
    let records = |body: &str| {
        let mut records = Vec::new();
        rewrite(body.parse().expect("tokens"), &mut |literal| {
            records.push(literal.records);
            TokenStream::new()
        });
        records
    };
    assert_eq!(
        records("m { a }.inc(); m { a }.start_timer(); m { a }.clone(); m { a }; Point { x }.set(1)"),
        [true, true, false, false, false]
    );
}
