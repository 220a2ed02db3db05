/**
 * Who may call MiniMax next. Tasks that may not go at once stand in line, in the order of turns.ts, and go as pace.ts
 * allows. Messages may come twice, late or not at all: each says what is true of one attempt of one task, and an
 * older one changes nothing.
 */

import {
  countGrant,
  heedRefusal,
  maxUnanswered,
  type Pace,
  type Rules,
  recountGrant,
  roomInWindow,
  roomInWindowAt,
  spansFor,
  unhurried,
} from "./pace.ts";
import { type Asking, nextToGo, type Place, positionOf, withTurn } from "./turns.ts";

export type Line = Readonly<{
  pace: Pace;
  places: ReadonlyMap<string, Place>;
  /** Accounts that had a turn while others waited, the last one last. */
  turns: readonly string[];
}>;

export const emptyLine: Line = { pace: unhurried, places: new Map(), turns: [] };

/** The line after something happened, and the tasks whose turn has come with it: they are to be called. */
export type Served = Readonly<{ line: Line; called: readonly string[] }>;

export type Turn =
  | Readonly<{ granted: true }>
  /** In line: 1 is next. It is called; `until` is when it asks by itself, should the call not come. */
  | Readonly<{ granted: false; position: number; until: number }>;

/** Most that are called at once; the others follow at once after. */
const maxCalls = 50;
/** A task wants to post the create of an attempt. Asking again for the same attempt gives the unused place back first. */
export function askTurn(line: Line, asking: Asking, rules: Rules, now: number): Served {
  const fresh = lapse(line, rules, now);
  const known = fresh.places.get(asking.taskId);
  if (known !== undefined && isStale(known, asking)) return serve(fresh, rules, now);
  const waiting = withPlace(counted(fresh, known, rules, now), { ...asking, state: "waiting" });
  const hadTurn = known?.state === "called" || known?.state === "sent";
  if (hadTurn && room(waiting, rules, now) > 0) {
    return serve(grant(waiting, asking.taskId, rules, now), rules, now);
  }
  return serve(waiting, rules, now, asking.taskId);
}

/** What an ask is answered, in the line that it led to. */
export function turnOf(line: Line, { taskId, attempt }: Asking, rules: Rules, now: number): Turn {
  const place = line.places.get(taskId);
  if (place?.state === "sent" && place.attempt === attempt) return { granted: true };
  const position = positionOf(line, taskId) ?? 1;
  const { askAgain } = spansFor(rules.scale);
  // Spread, so that those who were forgotten together do not come together.
  const spread = 1 + Math.min(position, 1000) / 1000;
  return {
    granted: false,
    position,
    until: Math.ceil(Math.max(now, line.pace.pausedUntil) + askAgain * spread),
  };
}

/** The create of an attempt has its answer, or will get none: MiniMax has it, or may have it. */
export function noteAnswered(
  line: Line,
  about: Pick<Asking, "taskId" | "attempt">,
  rules: Rules,
  now: number,
): Served {
  const fresh = lapse(line, rules, now);
  const place = fresh.places.get(about.taskId);
  if (place === undefined || place.attempt !== about.attempt) return serve(fresh, rules, now);
  return serve(answered(fresh, place, rules, now), rules, now);
}

/** MiniMax put an attempt off: everyone slows down, and the task stands in line for the next where it stood before. */
export function putOff(line: Line, asking: Asking, statusCode: number, rules: Rules, now: number): Served {
  const fresh = slowAll(lapse(line, rules, now), statusCode, rules, now);
  const known = fresh.places.get(asking.taskId);
  if (known !== undefined && isStale(known, asking)) return { line: fresh, called: [] };
  const noted = counted(fresh, known, rules, now);
  return { line: withPlace(noted, { ...asking, state: "waiting" }), called: [] };
}

/** Another call than a create was too fast. */
export function slowDown(line: Line, statusCode: number, rules: Rules, now: number): Served {
  return { line: slowAll(lapse(line, rules, now), statusCode, rules, now), called: [] };
}

/** A task is not in line and not at MiniMax any more, up to and with this attempt. */
export function leaveLine(
  line: Line,
  about: Pick<Asking, "taskId" | "attempt">,
  rules: Rules,
  now: number,
): Served {
  const fresh = lapse(line, rules, now);
  const place = fresh.places.get(about.taskId);
  if (place === undefined || place.attempt > about.attempt) return serve(fresh, rules, now);
  return serve(withoutPlace(counted(fresh, place, rules, now), about.taskId), rules, now);
}

/** Time has passed. */
export function moveOn(line: Line, rules: Rules, now: number): Served {
  return serve(lapse(line, rules, now), rules, now);
}

/** When the line has to move by itself; null while nobody waits. */
export function lineWakeAt(line: Line, rules: Rules, now: number): number | null {
  const { call, answer, flight } = spansFor(rules.scale);
  const inState = (state: Place["state"]) =>
    [...line.places.values()].filter((place) => place.state === state);
  const earliest = (places: Place[], span: number) =>
    Math.min(...places.map((place) => ("at" in place ? place.at + span : Number.POSITIVE_INFINITY)));
  const called = inState("called");
  const wakes = [earliest(called, call)];
  if (inState("waiting").length > 0) {
    const rooms = roomBy(line, rules, now);
    const sent = inState("sent");
    // Room that is only kept, for those who were called or have no answer, is free again when they come or lapse.
    const isKept = roomInWindow(line.pace, rules, now) > 0;
    const windowAt = isKept
      ? earliest(sent.filter(isOverdue(rules, now)), answer)
      : roomInWindowAt(line.pace, rules, now);
    wakes.push(
      Math.max(
        rooms.window > 0 ? now : windowAt,
        rooms.unanswered > 0 ? now : earliest(sent, answer),
        rooms.flight > 0 ? now : earliest([...sent, ...inState("taken")], flight),
      ),
    );
  }
  const wake = Math.min(...wakes);
  return Number.isFinite(wake) ? wake : null;
}

/** Tasks that count as being in flight: at MiniMax, or about to be. */
export function inFlight(line: Line): number {
  return count(line, "sent") + count(line, "taken");
}

/** Gives what room there is to those whose turn it is: at once to the one who asks, by a call to the others. */
function serve(line: Line, rules: Rules, now: number, askingId: string | null = null): Served {
  const called: string[] = [];
  let served = line;
  while (called.length < maxCalls && room(served, rules, now) > 0) {
    const next = nextToGo(served);
    if (next === undefined) break;
    served = { ...served, turns: withTurn(served.turns, next.account) };
    if (next.taskId === askingId) {
      served = grant(served, askingId, rules, now);
    } else {
      served = withPlace(served, { ...askingOf(next), state: "called", at: now });
      called.push(next.taskId);
    }
  }
  if (served.turns.length > 0 && count(served, "waiting") === 0) served = { ...served, turns: [] };
  return { line: served, called };
}

function grant(line: Line, taskId: string, rules: Rules, now: number): Line {
  const place = line.places.get(taskId);
  if (place === undefined) return line;
  const sent = withPlace(line, { ...askingOf(place), state: "sent", at: now });
  return { ...sent, pace: countGrant(sent.pace, rules, now) };
}

/** Room by each of the limits, with what is kept for those who were called taken off. */
function roomBy(line: Line, rules: Rules, now: number) {
  const called = count(line, "called");
  const unlimited = Number.POSITIVE_INFINITY;
  return {
    window:
      roomInWindow(line.pace, rules, now) -
      [...line.places.values()].filter(isOverdue(rules, now)).length -
      called,
    // Where a limit is set it is known, and need not be felt for.
    unanswered: rules.requestsPerMinute === null ? maxUnanswered - count(line, "sent") - called : unlimited,
    flight: rules.tasksInFlight === null ? unlimited : rules.tasksInFlight - inFlight(line) - called,
  };
}

function room(line: Line, rules: Rules, now: number): number {
  return Math.min(...Object.values(roomBy(line, rules, now)));
}

/** A create that has been without an answer for longer than the window: it may arrive at any moment. */
function isOverdue(rules: Rules, now: number): (place: Place) => boolean {
  const { window } = spansFor(rules.scale);
  return (place) => place.state === "sent" && place.at <= now - window;
}

/** Nobody who was called may go now: their turn comes again. */
function slowAll(line: Line, statusCode: number, rules: Rules, now: number): Line {
  const pace = heedRefusal(line.pace, { statusCode, unanswered: count(line, "sent") }, rules, now);
  const places = new Map(line.places);
  for (const [taskId, place] of places) {
    if (place.state === "called") places.set(taskId, { ...askingOf(place), state: "waiting" });
  }
  return { ...line, pace, places };
}

/** Takes back what was not used, and forgets who was not heard of for too long. */
function lapse(line: Line, rules: Rules, now: number): Line {
  const spans = spansFor(rules.scale);
  let fresh = line;
  for (const place of line.places.values()) {
    switch (place.state) {
      case "waiting":
        if (now >= place.since + spans.line) fresh = withoutPlace(fresh, place.taskId);
        break;
      case "called":
        if (now >= place.at + spans.call) fresh = withPlace(fresh, { ...askingOf(place), state: "waiting" });
        break;
      case "sent":
        if (now >= place.at + spans.answer) fresh = answered(fresh, place, rules, now);
        break;
      case "taken":
        if (now >= place.at + spans.flight) fresh = withoutPlace(fresh, place.taskId);
        break;
    }
  }
  return fresh;
}

function answered(line: Line, place: Place, rules: Rules, now: number): Line {
  if (place.state === "taken") return line;
  const noted = counted(line, place, rules, now);
  if (rules.tasksInFlight === null) return withoutPlace(noted, place.taskId);
  return withPlace(noted, { ...askingOf(place), state: "taken", at: "at" in place ? place.at : now });
}

/** A create that was under way is not any more. */
function counted(line: Line, place: Place | undefined, rules: Rules, now: number): Line {
  if (place?.state !== "sent") return line;
  const pace = recountGrant(line.pace, place.at, rules, now);
  return pace === line.pace ? line : { ...line, pace };
}

/** True for a message about an attempt that is known to be past. */
function isStale(known: Place, asking: Asking): boolean {
  return known.attempt > asking.attempt || (known.state === "taken" && known.attempt === asking.attempt);
}

function askingOf({ taskId, account, attempt, since }: Asking): Asking {
  return { taskId, account, attempt, since };
}

function count(line: Line, state: Place["state"]): number {
  let sum = 0;
  for (const place of line.places.values()) if (place.state === state) sum += 1;
  return sum;
}

function withPlace(line: Line, place: Place): Line {
  return { ...line, places: new Map(line.places).set(place.taskId, place) };
}

function withoutPlace(line: Line, taskId: string): Line {
  const places = new Map(line.places);
  places.delete(taskId);
  return { ...line, places };
}
