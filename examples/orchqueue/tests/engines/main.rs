//! The queue in front of engines that are not there: a server in this process replays their metrics pages and streams.

mod fleet;
mod harness;
mod native;
mod replay;
mod restarts;
mod streams;
mod trouble;
