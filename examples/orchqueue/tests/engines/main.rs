//! The queue in front of engines that a server in this process replays, with their metrics pages and streams.

mod fleet;
mod harness;
mod native;
mod replay;
mod restarts;
mod streams;
mod trouble;
