//! What waits for each hook, in order, and what is to be done next for which. Reads nothing, sends nothing, asks no clock.

use chatroom_model::{HookId, RoomId};
use chatroom_store::{Cursor, Due, Seen, Standing};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Places in the log a hook has waiting in memory; past this it reads on from the log when they are done.
pub(super) const QUEUE_MAX: usize = 256;

/// Whoever took longer than this goes into the slow lane until they are quick again.
const SLOW: Duration = Duration::from_secs(1);
/// Slow ones at once: the other places are for those who are quick, however many there are that are not.
pub(super) const SLOW_AT_ONCE: usize = 64;

/// All hooks that have not ended.
#[derive(Debug, Default)]
pub(super) struct Lines {
    lines: HashMap<HookId, Line>,
    rooms: HashMap<RoomId, Vec<HookId>>,
    /// Those for which something can be done now, in the order in which that became so.
    ready: VecDeque<HookId>,
    /// The same of those that were slow.
    slow: VecDeque<HookId>,
    /// How many of those are at something.
    slow_busy: usize,
    later: BTreeSet<(Instant, HookId)>,
    /// How far the log has been read for all of them.
    pub(super) read: Cursor,
}

/// One hook.
#[derive(Debug)]
struct Line {
    room: RoomId,
    standing: Standing,
    /// What is to be sent next, in order.
    queue: VecDeque<Cursor>,
    /// More follows in the log than is in the queue.
    more: bool,
    /// How far the log has been read for the queue.
    read: Cursor,
    /// How much has not been taken yet, as far as it is known.
    waiting: usize,
    /// Places that were passed and are no longer kept.
    lost: usize,
    /// Whether it was slow the last time.
    slow: bool,
    doing: Doing,
}

/// What a hook is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Ready,
    /// Since then, and whether in the slow lane.
    Busy(Instant, bool),
    Later(Instant),
}

/// Something to be done for a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) hook: HookId,
    pub(super) room: RoomId,
    pub(super) standing: Standing,
    pub(super) task: Task,
}

/// What.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Send what stands there.
    Send(Cursor),
    /// Read on, from here to there.
    Read(Cursor, Cursor),
    /// Say that so much is left out: too much waits, or it is no longer kept.
    Skip {
        /// It is too much, rather than gone.
        lags: bool,
        /// How much.
        number: usize,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// That is done with.
    Next(Standing),
    /// It is to be tried again after so long.
    Later(Standing, Duration),
    /// What was read: these places, and how far.
    Read(Vec<Cursor>, Cursor),
    /// It is said that something is left out; so much still waits, where that is not as it was.
    Skipped(Standing, Option<usize>),
    /// The hook has ended.
    Over,
}

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn has(&self, hook: HookId) -> bool {
        self.lines.contains_key(&hook)
    }

    /// Leaves out the hooks that are not among these.
    pub(super) fn retain(&mut self, among: impl Fn(HookId) -> bool) {
        let gone: Vec<HookId> = self.lines.keys().copied().filter(|hook| !among(*hook)).collect();
        gone.into_iter().for_each(|hook| self.remove(hook));
    }

    /// A hook that goes on from where it was. What all have in common is read from the earliest of them.
    pub(super) fn add(&mut self, room: RoomId, hook: HookId, standing: Standing) {
        let read = standing.acked;
        self.read = if self.lines.is_empty() { read } else { self.read.min(read) };
        let (queue, doing) = (VecDeque::new(), Doing::Nothing);
        let line = Line { room, standing, queue, more: false, read, waiting: 0, lost: 0, slow: false, doing };
        self.lines.insert(hook, line);
        self.rooms.entry(room).or_default().push(hook);
    }

    /// A part of the log was read for all.
    pub(super) fn pass(&mut self, seen: &Seen) {
        for due in &seen.due {
            let (room, at, kept) = match *due {
                Due::Said(room, at) => (room, at, true),
                Due::Gone(room, at) => (room, at, false),
                Due::Hooks => continue,
            };
            for hook in self.rooms.get(&room).cloned().unwrap_or_default() {
                let Some(line) = self.lines.get_mut(&hook) else { continue };
                if line.pass(at, kept) {
                    self.wake(hook);
                }
            }
        }
        self.read = self.read.max(seen.cursor);
    }

    /// The next thing to do, where there is one; `lag` is how much may wait for one hook.
    pub(super) fn next(&mut self, now: Instant, lag: usize) -> Option<Job> {
        while let Some((at, hook)) = self.later.first().copied().filter(|(at, _)| *at <= now) {
            self.later.remove(&(at, hook));
            if let Some(line) = self.lines.get_mut(&hook) {
                line.doing = Doing::Nothing;
                self.wake(hook);
            }
        }
        while let Some(hook) = self.turn() {
            let read = self.read;
            let Some(line) = self.lines.get_mut(&hook).filter(|line| line.doing == Doing::Ready) else {
                continue;
            };
            let (room, mut standing) = (line.room, line.standing);
            if line.queue.is_empty() && !line.more {
                // Of what is gone nothing is left to be sent.
                standing.acked = standing.acked.max(line.read);
            }
            if let Some(task) = line.task(read, lag) {
                line.doing = Doing::Busy(now, line.slow);
                self.slow_busy += usize::from(line.slow);
                return Some(Job { hook, room, standing, task });
            }
            line.doing = Doing::Nothing;
        }
        None
    }

    /// When the next hook that waits for its time is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.later.first().map(|(at, _)| *at)
    }

    /// Something was done for a hook.
    pub(super) fn done(&mut self, hook: HookId, done: Done, now: Instant) {
        let read = self.read;
        let Some(line) = self.lines.get_mut(&hook) else { return };
        if let Doing::Busy(since, slow) = line.doing {
            self.slow_busy -= usize::from(slow);
            line.slow = now.duration_since(since) > SLOW;
        }
        line.doing = Doing::Nothing;
        match done {
            Done::Next(standing) => line.next(standing),
            Done::Later(standing, wait) => {
                line.standing = standing;
                line.doing = Doing::Later(now + wait);
                self.later.insert((now + wait, hook));
                return;
            }
            Done::Read(places, upto) => {
                line.queue.extend(places);
                line.read = upto;
                line.more = upto < read;
                if !line.more {
                    line.waiting = line.queue.len();
                }
            }
            Done::Skipped(standing, waiting) => {
                line.next(standing);
                line.waiting = waiting.unwrap_or(line.waiting);
                line.lost = 0;
            }
            Done::Over => return self.remove(hook),
        }
        self.wake(hook);
    }

    /// Whose turn it is.
    fn turn(&mut self) -> Option<HookId> {
        let quick = self.ready.pop_front();
        quick.or_else(|| if self.slow_busy < SLOW_AT_ONCE { self.slow.pop_front() } else { None })
    }

    fn wake(&mut self, hook: HookId) {
        if let Some(line) = self.lines.get_mut(&hook)
            && line.doing == Doing::Nothing
        {
            line.doing = Doing::Ready;
            if line.slow { &mut self.slow } else { &mut self.ready }.push_back(hook);
        }
    }

    fn remove(&mut self, hook: HookId) {
        let Some(line) = self.lines.remove(&hook) else { return };
        match line.doing {
            Doing::Later(at) => _ = self.later.remove(&(at, hook)),
            Doing::Busy(_, slow) => self.slow_busy -= usize::from(slow),
            Doing::Nothing | Doing::Ready => {}
        }
        if let Some(hooks) = self.rooms.get_mut(&line.room) {
            hooks.retain(|other| *other != hook);
            if hooks.is_empty() {
                self.rooms.remove(&line.room);
            }
        }
    }
}

impl Line {
    /// Something stands in the log; whether it is news.
    fn pass(&mut self, at: Cursor, kept: bool) -> bool {
        if at <= self.standing.acked {
            return false;
        }
        match kept {
            true => self.waiting += 1,
            false => self.lost += 1,
        }
        if !self.more && at > self.read {
            if kept && self.queue.len() >= QUEUE_MAX {
                self.more = true;
            } else {
                self.queue.extend(kept.then_some(at));
                self.read = at;
            }
        }
        true
    }

    fn task(&self, read: Cursor, lag: usize) -> Option<Task> {
        if self.waiting > lag {
            return Some(Task::Skip { lags: true, number: self.waiting });
        }
        if self.lost > 0 {
            return Some(Task::Skip { lags: false, number: self.lost });
        }
        match self.queue.front() {
            Some(at) => Some(Task::Send(*at)),
            None => self.more.then_some(Task::Read(self.read, read)),
        }
    }

    /// Everything up to where it stands now is done with.
    fn next(&mut self, standing: Standing) {
        self.standing = standing;
        while self.queue.front().is_some_and(|at| *at <= standing.acked) {
            self.queue.pop_front();
            self.waiting = self.waiting.saturating_sub(1);
        }
        if self.read < standing.acked {
            self.read = standing.acked;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_model::Position;

    const ROOM: RoomId = RoomId(3);
    const HOOK: HookId = HookId(5);

    fn at(position: u64) -> Cursor {
        Cursor::after(Position(position))
    }

    fn acked(position: u64) -> Standing {
        Standing { acked: at(position), ..Standing::default() }
    }

    fn said(from: u64, upto: u64) -> Seen {
        let due = (from..=upto).map(|n| Due::Said(ROOM, at(n))).collect();
        Seen { due, cursor: at(upto), end: true }
    }

    fn next(lines: &mut Lines, now: Instant) -> Option<Task> {
        lines.next(now, usize::MAX).map(|job| job.task)
    }

    #[test]
    fn what_is_said_is_sent_in_order_and_one_at_a_time() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        lines.add(ROOM, HOOK, acked(10));
        lines.pass(&said(9, 12));
        assert_eq!(next(&mut lines, now), Some(Task::Send(at(11))), "what was before it is not sent");
        assert_eq!(next(&mut lines, now), None);
        lines.done(HOOK, Done::Later(acked(10), Duration::from_secs(5)), now);
        lines.pass(&said(13, 13));
        assert_eq!(next(&mut lines, now), None, "what follows waits too");
        assert_eq!(lines.due(), Some(now + Duration::from_secs(5)));
        let now = now + Duration::from_secs(5);
        for n in 11..=13 {
            assert_eq!(next(&mut lines, now), Some(Task::Send(at(n))));
            lines.done(HOOK, Done::Next(acked(n)), now);
        }
        assert_eq!((next(&mut lines, now), lines.due()), (None, None));
    }

    #[test]
    fn past_the_queue_it_reads_on_from_the_log() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        let most = QUEUE_MAX as u64;
        lines.add(ROOM, HOOK, acked(0));
        lines.pass(&said(1, most + 1));
        for n in 1..=most {
            assert_eq!(next(&mut lines, now), Some(Task::Send(at(n))));
            lines.done(HOOK, Done::Next(acked(n)), now);
        }
        assert_eq!(next(&mut lines, now), Some(Task::Read(at(most), at(most + 1))));
        // Something is said while it reads.
        lines.pass(&said(most + 2, most + 2));
        lines.done(HOOK, Done::Read(vec![at(most + 1)], at(most + 1)), now);
        assert_eq!(next(&mut lines, now), Some(Task::Send(at(most + 1))));
        lines.done(HOOK, Done::Next(acked(most + 1)), now);
        assert_eq!(next(&mut lines, now), Some(Task::Read(at(most + 1), at(most + 2))));
        lines.done(HOOK, Done::Read(vec![at(most + 2)], at(most + 2)), now);
        lines.pass(&said(most + 3, most + 3));
        for n in [most + 2, most + 3] {
            assert_eq!(next(&mut lines, now), Some(Task::Send(at(n))));
            lines.done(HOOK, Done::Next(acked(n)), now);
        }
        assert_eq!(next(&mut lines, now), None);
    }

    #[test]
    fn whoever_lags_by_more_than_may_wait_skips_at_limit_plus_one() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        lines.add(ROOM, HOOK, acked(0));
        lines.pass(&said(1, 4));
        let job = lines.next(now, 4).unwrap();
        assert_eq!(job.task, Task::Send(at(1)));
        lines.pass(&said(5, 5));
        lines.done(HOOK, Done::Later(acked(0), Duration::ZERO), now);
        assert_eq!(lines.next(now, 4).unwrap().task, Task::Skip { lags: true, number: 5 });
        lines.done(HOOK, Done::Skipped(acked(3), Some(2)), now);
        assert_eq!(lines.next(now, 4).unwrap().task, Task::Send(at(4)));
        // What is no longer kept is said once.
        lines.done(HOOK, Done::Next(acked(4)), now);
        lines.pass(&Seen { due: vec![Due::Gone(ROOM, at(6))], cursor: at(6), end: true });
        assert_eq!(lines.next(now, 4).unwrap().task, Task::Skip { lags: false, number: 1 });
        lines.done(HOOK, Done::Skipped(acked(4), None), now);
        assert_eq!(lines.next(now, 4).unwrap().task, Task::Send(at(5)));
    }

    #[test]
    fn those_who_are_slow_leave_places_to_the_others() {
        let (mut lines, mut now) = (Lines::default(), Instant::now());
        let slow: Vec<_> = (100..=100 + SLOW_AT_ONCE as u64).map(HookId).collect();
        slow.iter().for_each(|hook| lines.add(ROOM, *hook, acked(0)));
        lines.pass(&said(1, 3));
        while lines.next(now, 9).is_some() {}
        now += SLOW + Duration::from_millis(1);
        slow.iter().for_each(|hook| lines.done(*hook, Done::Next(acked(1)), now));
        let begun = std::iter::from_fn(|| lines.next(now, 9)).count();
        assert_eq!(begun, SLOW_AT_ONCE, "one more waits");
        lines.add(RoomId(4), HOOK, acked(0));
        lines.pass(&Seen { due: vec![Due::Said(RoomId(4), at(4))], cursor: at(4), end: true });
        assert_eq!(lines.next(now, 9).map(|job| job.hook), Some(HOOK));
        // Whoever is quick again is one of the others.
        lines.done(slow[0], Done::Next(acked(2)), now);
        let next: Vec<_> = std::iter::from_fn(|| lines.next(now, 9)).map(|job| job.hook).collect();
        assert_eq!(next, [slow[0], slow[SLOW_AT_ONCE]]);
        lines.retain(|hook| hook == HOOK);
        assert_eq!(lines.slow_busy, 0);
    }

    #[test]
    fn hooks_are_apart_from_each_other_and_one_that_has_ended_is_gone() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        let other = HookId(6);
        lines.add(ROOM, HOOK, acked(0));
        lines.add(ROOM, other, acked(0));
        lines.pass(&said(1, 1));
        let hooks: Vec<_> = std::iter::from_fn(|| lines.next(now, 9)).map(|job| job.hook).collect();
        assert_eq!(hooks, [HOOK, other]);
        lines.done(HOOK, Done::Later(acked(0), Duration::from_secs(1)), now);
        lines.retain(|hook| hook == other);
        assert_eq!((lines.due(), lines.has(HOOK)), (None, false));
        lines.done(other, Done::Over, now);
        assert!(lines.is_empty() && lines.rooms.is_empty());
    }
}
