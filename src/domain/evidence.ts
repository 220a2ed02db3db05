/**
 * What is known about a create without an answer: which provider tasks were named for it, and how often MiniMax was
 * asked after them. Naming is believed of nobody: a name only decides what MiniMax is asked about next.
 */

import { times, troubleWait } from "./schedule.ts";
import type { Orphan, Task } from "./task.ts";

/** Most provider tasks that one attempt's pushes may name; a real one names one. */
const maxCandidates = 4;
/** How often MiniMax is asked after what was last named, before it counts that it knows nothing of it. */
const leastTries = 12;
const noCandidates: readonly string[] = [];

/** A provider task was named for a create without an answer: it will be asked after, and nothing is believed yet. */
export function hearName(task: Task, providerTaskId: string, now: number, add = withCandidate): Task {
  if (task.status === "submitting") {
    const candidates = add(task.candidates, providerTaskId);
    return candidates === task.candidates ? task : { ...task, candidates };
  }
  const known = candidatesOf(task);
  const candidates = add(known, providerTaskId);
  if (candidates === known) return task;
  const orphan = orphanOf(task);
  return withEvidence(task, {
    candidates,
    confirmAt: now,
    failures: 0,
    ...(orphan !== null && known.length === 0 ? { namedAt: now } : {}),
  });
}

/** What the operator found comes first, and pushes out what came by pushes where there is no room. */
export function operatorsName(known: readonly string[], candidate: string | null): readonly string[] {
  if (candidate === null || known[0] === candidate) return known;
  return [candidate, ...known.filter((id) => id !== candidate)].slice(0, maxCandidates);
}

/** The one that was asked after goes to the back of the line: it must not keep the true one from being asked. */
export function askLater(task: Task, now: number): Task {
  const failures = task.status === "unconfirmed" ? task.failures : orphanOf(task)?.failures;
  if (failures === undefined) return task;
  const [asked, ...others] = candidatesOf(task);
  return withEvidence(task, {
    ...(asked === undefined ? {} : { candidates: [...others, asked] }),
    failures: failures + 1,
    confirmAt: now + troubleWait(failures, task.scale),
  });
}

/** MiniMax says that it is not this task's: the others are asked after at once. */
export function dropCandidate(task: Task, providerTaskId: string, now: number): Task {
  return withEvidence(task, {
    candidates: candidatesOf(task).filter((id) => id !== providerTaskId),
    confirmAt: now,
  });
}

/** Asked after often enough since the last was named, and for long enough: else a false name keeps a task open for days. */
export function isUnknownForGood(task: Task, now: number): boolean {
  const orphan = orphanOf(task);
  const { failures, since } =
    task.status === "unconfirmed"
      ? { failures: task.failures, since: task.startedAt }
      : { failures: orphan?.failures ?? 0, since: orphan?.namedAt ?? now };
  return failures >= leastTries && now >= since + times.unknownBound * task.scale;
}

type Evidence = Partial<Pick<Orphan, "candidates" | "confirmAt" | "failures" | "namedAt">>;

/** Changes what is known about a create without an answer: of a task that waits for it, or one that ended without. */
export function withEvidence(task: Task, evidence: Evidence): Task {
  if (task.status === "unconfirmed") return { ...task, ...evidence };
  const orphan = orphanOf(task);
  if (orphan === null || (task.status !== "failed" && task.status !== "cancelled")) return task;
  return { ...task, orphan: { ...orphan, ...evidence } };
}

/** What is kept of a create without an answer after its task ended; null where there is nothing to ask after. */
export function orphanOf(task: Task): Orphan | null {
  return task.status === "failed" || task.status === "cancelled" ? task.orphan : null;
}

/** The provider tasks to ask MiniMax after, the next one first. */
export function candidatesOf(task: Task): readonly string[] {
  if (task.status === "unconfirmed") return task.candidates;
  return orphanOf(task)?.candidates ?? noCandidates;
}

/** One more at the end, if it is new and there is room: the very same list if not. */
export function withCandidate(known: readonly string[], candidate: string | null): readonly string[] {
  if (candidate === null || known.includes(candidate) || known.length >= maxCandidates) return known;
  return [...known, candidate];
}
