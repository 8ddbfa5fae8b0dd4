//! The queue in front of engines that are not there: a server in this process replays their metrics pages and streams.

mod harness;
mod replay;
mod streams;
