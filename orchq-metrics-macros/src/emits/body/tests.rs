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

/// For each literal of `m`, whether it is dropped.
fn dropped(body: &str) -> Vec<bool> {
    let found = super::literals_and_drops(body.parse().expect("the case is made of tokens"));
    found.iter().filter(|literal| literal.name() == "m").map(|literal| literal.dropped).collect()
}

/// Each `m` is built and dropped.
const DROPPED: &[&str] = &[
    "m { a };",
    "x(); m { a }; y();",
    "let x = X { y }; m { a };",
    "v1::m { a }; ::v1::m { a };",
    "(m { a });",
    "((m { a }));",
    "&m { a };",
    "&mut (m { a });",
    "(m { a }, 1, &m { b });",
    "[m { a }, m { b }];",
    "[m { a }; 3];",
    "{ m { a } };",
    "{ m { a }; }",
    "{ x(); m { a } };",
    "unsafe { m { a } };",
    "'a: { m { a } };",
    "if x { m { a } } else { m { b } };",
    "if x { m { a } } else if let P { y } = z { m { b } } else { m { c } };",
    "match x { A => m { a }, P { y } if z => { m { b } } _ => m { c } };",
    "match x { A => { m { a }; } _ => {} }",
    "m { a }.clone();",
    "&m { a }.clone().clone();",
    "let _ = m { a };",
    "let _ = &m { a };",
    "let _: T<U> = m { a };",
    "let _ = if x { m { a } } else { m { b } };",
    "let _ = (m { a }, m { b });",
    "let (_, _) = (m { a }, m { b });",
    "let _ = m { a }.clone();",
    "_ = m { a };",
    "(_, _) = (m { a }, m { b });",
    "let _x = m { a };",
    "let x = m { a }; y();",
    "let mut x = m { a }; y();",
    "let ref x = m { a }; y();",
    "let (x, y) = (m { a }, m { b });",
    "let x = x; let x = m { a };",
    "{ let x = m { a }; } x.inc();",
    "let r#x = m { a };",
    "drop(m { a });",
    "drop((m { a }, m { b }));",
    "mem::drop(m { a }); std::mem::forget(m { b }); ::core::mem::drop(m { c });",
    "let y = drop(m { a });",
    "match (m { a }) { _ => {} }",
    "let y = match (m { a }) { _ => 1 };",
    "if let _ = (m { a }) { y() }",
    "if x && let _y = (m { a }) && z { }",
    "while let _ = (m { a }) { y() }",
    "if let x = (m { a }) { y() }",
    "#[cfg(z)] m { a }; #[allow(z)] let _ = m { b };",
    "fn f() -> A { m { a }; m2 } m { b };",
    "fn f<T>() where T: U { } m { a };",
    "impl A { fn f() { m { a }; } fn g() { let _ = m { b }; } }",
    "x!{} m { a };",
    "y! { x } let _ = m { a };",
    "use a::{b, c}; m { a };",
    "for x in xs { m { a }; }",
    "while let P { x } = y { m { a }; }",
    "loop { m { a }; break; }",
    "let x = || { m { a }; y };",
    "f(|| { m { a }; });",
    "async move { m { a }; }.await;",
    "x.map(|y| { let _ = m { a }; y });",
    "select! { x = y => { m { a }; } else => { let _ = m { b }; } }",
    "tokio::select! { x = y, if z => { m { a }; } }",
    "vec![{ m { a }; 1 }; 2];",
    "if !x { m { a }; }",
    "P { x: { m { a }; 1 } };",
    "let x = m { a }; P { y: 1 };",
    // A guard, a timer, a future and a handle.
    "m { a }.enter();",
    "let _ = m { a }.enter(); y();",
    "_ = v1::m { a }.start_timer();",
    "let _: T = m { a }.time(x);",
    "let _ = m { a }.handle();",
    "let _ = m { a }.handle().enter();",
    "drop(m { a }.enter());",
    "let _ = { y(); m { a }.enter() };",
    "let (_, _) = (m { a }.enter(), m { b }.start_timer());",
    "if x { m { a }.enter(); }",
    "match x { A => { m { a }.enter(); } _ => {} }",
];

#[test]
fn what_is_built_and_dropped() {
    for body in DROPPED {
        let found = dropped(body);
        assert!(!found.is_empty() && found.iter().all(|dropped| *dropped), "{body}: {found:?}");
    }
}

/// No `m` is dropped.
const HANDED_ON: &[&str] = &[
    "m { a }",
    "m { a }.inc();",
    "m { a }.clone().inc();",
    "(m { a }).inc();",
    "let _timer = m { a }.start_timer();",
    "let timer = m { a }.start_timer(); y();",
    "let guard = if x { m { a }.enter() } else { m { b }.enter() }; y();",
    "let _guard = (m { a }.enter(), m { b }.handle());",
    "let _ = &m { a }.enter();",
    "let _ = m { a }.enter().x;",
    "let _ = m { a }.time(x).await;",
    "m { a }.time(x).await;",
    "m { a }.start_timer().stop();",
    "match (m { a }.enter()) { _ => y() }",
    "let _ = y(m { a }.enter());",
    "let handle = m { a }.handle();",
    "return m { a };",
    "break m { a };",
    "f(m { a });",
    "x.drop(m { a }); x::drop(m { b }); forget(m { c });",
    "fn drop(x: X<{ m { a } }>) {}",
    "Some(m { a });",
    "x = m { a };",
    "x.y = m { a };",
    "*x = m { a };",
    "x += m { a };",
    "let x = m { a }; x.inc();",
    "let x = m { a }; { y(|| x.inc()) }",
    "let x = m { a }; z!(x);",
    "let x = m { a }; println!(\"{x:?}\");",
    "let x = m { a }; x",
    "let r#x = m { a }; x.inc();",
    "let x = &m { a }; y(); f(x);",
    "let (_, x) = (m { a }, m { b }); x.inc();",
    "let x = if y { m { a } } else { m { b } }; x.inc();",
    "let x = loop { break m { a }; };",
    "let f = || m { a }; f().inc();",
    "let f = |x| m { x }; f(1).inc();",
    "let _ = f(m { a });",
    "let _ = P { x: m { a } };",
    "let _ = Some(m { a });",
    "let P { x } = P { x: m { a } };",
    "let x @ _ = m { a };",
    "if x { m { a } } else { m { b } }",
    "if x { m { a } } else { m { b } }.inc();",
    "if x { m { a } } else { m { b } }\n.inc();",
    "match x { A => m { a }, B => { m { b } } }.inc();",
    "match x { A => m { a }, B => { m { b } } }",
    "unsafe { m { a } }.inc();",
    "(if x { m { a } } else { m { b } }).inc();",
    "match (m { a }) { x => x.inc() }",
    "match (m { a }, y) { (x, 1) => x.inc(), _ => {} }",
    "match (m { a }).handle() { _ => {} }",
    "if let x = (m { a }) { x.inc() }",
    "if let x = (m { a }) && x.inc() { }",
    "if let _ = m.x(m { a }) { }",
    "async { m { a } }.await.inc();",
    "let x = async { m { a } };",
    "f(async { m { a } }, || { m { b } });",
    "x.map(|y| m { a });",
    "x!(m { a });",
    "x! { m { a }; }",
    "x! { y => { m { a }; } }",
    "x! { let _ = m { a }; }",
    "macro_rules! x { () => { m { a }; } }",
    "vec![m { a }; 3];",
    "vec![m { a }].len();",
    "[m { a }][0].inc();",
    "x[m { a }];",
    "select! { x = y => m { a }.inc(), }",
    "let x = tokio::select! { x = y => m { a }, };",
    "static X: T = m { a };",
    "const X: T = m { a };",
    "m { a } == x;",
    "let x = m { a } == x;",
    "m { a }.0;",
    "x < m { a };",
    "..m { a };",
    "Some(x)?; y.z(m { a })?;",
    "let x = y.then(|| m { a });",
    "#[x(m { a })] y();",
];

#[test]
fn what_is_handed_on() {
    for body in HANDED_ON {
        let found = dropped(body);
        assert!(!found.is_empty() || body.contains("#[x"), "{body}");
        assert!(found.iter().all(|dropped| !dropped), "{body}: {found:?}");
    }
}
