//! The waiting tasks of a pool, in order.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::backend::Backend;
use crate::task::{Level, Task, TaskId};

/// A lane per level; within a lane, first come first served.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: [VecDeque<Arc<Task>>; Level::ALL.len()],
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.lanes.iter().map(VecDeque::len).sum()
    }

    pub(super) fn depth(&self, level: Level) -> usize {
        self.lanes[level as usize].len()
    }

    pub(super) fn push(&mut self, task: Arc<Task>) {
        self.lanes[task.spec().level as usize].push_back(task);
    }

    /// Takes the task that a replica should run next.
    pub(super) fn take_for(&mut self, backend: &Arc<Backend>) -> Option<Arc<Task>> {
        self.lanes.iter_mut().find_map(|lane| {
            let index = lane.iter().position(|task| Arc::ptr_eq(&task.spec().backend, backend))?;
            lane.remove(index)
        })
    }

    /// Removes a task.
    pub(super) fn remove(&mut self, id: TaskId) -> Option<Arc<Task>> {
        self.lanes.iter_mut().find_map(|lane| {
            let index = lane.iter().position(|task| task.spec().id == id)?;
            lane.remove(index)
        })
    }

    /// Takes the task that has waited longest, whatever its level.
    pub(super) fn take_oldest(&mut self) -> Option<Arc<Task>> {
        let fronts = self.lanes.iter_mut().filter(|lane| !lane.is_empty());
        fronts.min_by_key(|lane| lane.front().map(|task| task.spec().id))?.pop_front()
    }

    /// Takes a task of the lowest level there is, if that is below `level`: the youngest, which has waited least.
    pub(super) fn take_below(&mut self, level: Level) -> Option<Arc<Task>> {
        let lowest = Level::ALL.into_iter().rev().find(|&level| self.depth(level) > 0)?;
        if lowest > level { self.lanes[lowest as usize].pop_back() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskSpec;
    use crate::task::tests::{backend, spec};

    fn queue(levels: &[Level]) -> Queue {
        queue_of(&backend("queue-tests", "r0"), levels)
    }

    fn queue_of(backend: &Arc<Backend>, levels: &[Level]) -> Queue {
        let mut queue = Queue::default();
        for (id, &level) in (0..).zip(levels) {
            queue.push(Arc::new(Task::new(TaskSpec { backend: Arc::clone(backend), ..spec(id, level) })));
        }
        queue
    }

    fn id(task: Option<Arc<Task>>) -> Option<u64> {
        task.map(|task| task.spec().id.0)
    }

    use Level::{High, Low, Normal};

    #[test]
    fn urgent_first_then_first_come_first_served() {
        let backend = backend("queue-tests", "r0");
        let mut queue = queue_of(&backend, &[Low, Normal, High, High, Normal]);
        let order: Vec<_> = std::iter::from_fn(|| id(queue.take_for(&backend))).collect();
        assert_eq!(order, [2, 3, 1, 4, 0]);
    }

    #[test]
    fn a_replica_takes_only_what_was_placed_on_it() {
        let other = backend("queue-tests", "r0");
        let mut queue = queue(&[Low, High]);
        assert_eq!(id(queue.take_for(&other)), None);
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn the_oldest_goes_whatever_its_level() {
        let mut queue = queue(&[Normal, High, Low]);
        assert_eq!(id(queue.take_oldest()), Some(0));
        assert_eq!(id(queue.take_oldest()), Some(1));
        assert_eq!(id(queue.take_oldest()), Some(2));
        assert_eq!(id(queue.take_oldest()), None);
    }

    #[test]
    fn only_a_lower_level_is_shed_and_its_youngest_first() {
        let mut queue = queue(&[Normal, Low, Low]);
        assert_eq!(id(queue.take_below(Low)), None);
        assert_eq!(id(queue.take_below(High)), Some(2));
        assert_eq!(id(queue.take_below(Normal)), Some(1));
        assert_eq!(id(queue.take_below(Normal)), None);
        assert_eq!(id(queue.take_below(High)), Some(0));
    }

    #[test]
    fn a_task_is_removed_by_its_id() {
        let mut queue = queue(&[Normal, Low]);
        assert_eq!(id(queue.remove(TaskId(1))), Some(1));
        assert_eq!(id(queue.remove(TaskId(1))), None);
        assert_eq!((queue.depth(Normal), queue.depth(Low)), (1, 0));
    }
}
