//! The queue as its clients see it: over the real HTTP API, and as a program.

mod admission;
mod coverage;
mod harness;
mod http;
mod lifecycle;
mod program;
