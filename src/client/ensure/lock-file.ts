/**
 * The lock's file. A change is read, made and written at one go, under a guard that keeps other builds on the same
 * disk out for these milliseconds; the new text takes the old one's place at once, so nobody ever reads half of it.
 * The file's calls are the blocking ones on purpose: between a guard and its end nothing else of this process runs.
 */

import { FilmgateError } from "../errors.ts";
import { pause } from "../time.ts";
import { emptyLock, isUnmerged, type Lock, readLock, writeLock } from "./lock.ts";
import { type GivenUp, uniteLock } from "./lock-merge.ts";
import { type Files, fileErrorCode, folderOf, requireFiles, resolvePath } from "./node.ts";

/** A guard that stands unchanged for so long belongs to a process that is gone. */
const staleMs = 5000;
const betweenLooksMs = 20;

export type LockFile = {
  readonly path: string;
  /** Where paths in orders begin. */
  readonly folder: string;
  /** @throws FilmgateError `lock_conflict`, `lock_unreadable`, `lock_unavailable`. A missing file is an empty lock. */
  read(): Lock;
  /**
   * Reads the lock anew, changes it, and writes it if that makes a difference. A merge conflict is united first.
   * @returns the lock as it is then, and what uniting gave up; null where there was no conflict.
   * @throws FilmgateError as `read`, but for `lock_conflict`; `lock_unavailable` if it cannot be written.
   */
  change(change: (lock: Lock) => Lock): Promise<{ lock: Lock; givenUp: readonly GivenUp[] | null }>;
};

/** @param location a path, from the working directory, or a `file:` URL; the file need not be there. */
export function openLockFile(location: string | URL): LockFile {
  const files = requireFiles();
  const named = resolvePath(location);
  const path = realPath(files, named);
  const name = path.split(/[\\/]/).at(-1) ?? path;
  const textOf = () => readText(files, path);
  return {
    path,
    folder: folderOf(named),
    read() {
      const text = textOf();
      return text === null ? emptyLock : readLock(text, name);
    },
    async change(change) {
      for (;;) {
        const guard = await takeGuard(files, `${path}.guard`);
        try {
          const text = textOf();
          const isTorn = text !== null && isUnmerged(text);
          const found = isTorn
            ? uniteLock(text, name)
            : { lock: text === null ? emptyLock : readLock(text, name), givenUp: null };
          const lock = change(found.lock);
          const isChanged = isTorn || (lock !== found.lock && writeLock(lock) !== text);
          if (isChanged && !replaceText(files, path, writeLock(lock), guard.isOurs)) continue;
          return { lock, givenUp: found.givenUp };
        } finally {
          guard.release();
        }
      }
    },
  };
}

/** Behind a link lies the file that is to change, not the link. */
function realPath(files: Files, path: string): string {
  try {
    return files.realpathSync(path);
  } catch {
    return path;
  }
}

function readText(files: Files, path: string): string | null {
  try {
    return new TextDecoder().decode(files.readFileSync(path));
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw unavailable(path, "read", error);
  }
}

/** @returns false, with nothing done, if somebody took the guard for a dead one's meanwhile. */
function replaceText(files: Files, path: string, text: string, isAllowed: () => boolean): boolean {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const descriptor = files.openSync(temporary, "wx");
    try {
      files.writeFileSync(descriptor, text);
      files.fsyncSync(descriptor);
    } finally {
      files.closeSync(descriptor);
    }
    if (!isAllowed()) {
      files.unlinkSync(temporary);
      return false;
    }
    files.renameSync(temporary, path);
    return true;
  } catch (error) {
    attempt(() => files.unlinkSync(temporary));
    throw unavailable(path, "written", error);
  }
}

type Guard = { isOurs: () => boolean; release: () => void };

/** Waits its turn. What stands there unchanged for {@link staleMs} was left by a process that died. */
async function takeGuard(files: Files, path: string): Promise<Guard> {
  const own = crypto.randomUUID();
  let seen: string | null = null;
  let seenAt = Date.now();
  for (;;) {
    if (putGuard(files, path, own)) {
      return {
        isOurs: () => readText(files, path) === own,
        release: () => attempt(() => readText(files, path) === own && files.unlinkSync(path)),
      };
    }
    const standing = readText(files, path);
    if (standing !== seen) [seen, seenAt] = [standing, Date.now()];
    if (standing !== null && Date.now() - seenAt > staleMs) removeStale(files, path, standing);
    await pause(betweenLooksMs * (0.5 + Math.random()), undefined);
  }
}

function putGuard(files: Files, path: string, own: string): boolean {
  const guarded = path.replace(/\.guard$/, "");
  let descriptor: number;
  try {
    descriptor = files.openSync(path, "wx");
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST") return false;
    throw unavailable(guarded, "written", error);
  }
  try {
    files.writeFileSync(descriptor, own);
    return true;
  } catch (error) {
    // A full disk still makes empty files, and this one would hold up the next.
    attempt(() => files.unlinkSync(path));
    throw unavailable(guarded, "written", error);
  } finally {
    files.closeSync(descriptor);
  }
}

/**
 * Others may be about the same: only what was looked at is taken away, and another's fresh guard put back.
 * @throws FilmgateError `lock_unavailable` if it cannot be taken away, which would be waited for without end.
 */
function removeStale(files: Files, path: string, stale: string): void {
  const aside = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    files.renameSync(path, aside);
  } catch (cause) {
    if (fileErrorCode(cause) === "ENOENT") return;
    throw new FilmgateError(
      `${path} was left by a process that is gone, and cannot be taken away (${fileErrorCode(cause)}): delete it.`,
      { code: "lock_unavailable", cause },
    );
  }
  attempt(() => {
    if (readText(files, aside) !== stale) attempt(() => files.linkSync(aside, path));
    files.unlinkSync(aside);
  });
}

function attempt(act: () => unknown): void {
  try {
    act();
  } catch {
    // It is gone already, or another will see to it.
  }
}

function unavailable(path: string, done: "read" | "written", error: unknown): FilmgateError {
  const next =
    done === "written"
      ? " What was ordered meanwhile is not lost: with the same API key, the next ensure finds it by its order."
      : "";
  return new FilmgateError(`${path} cannot be ${done} (${fileErrorCode(error)}).${next}`, {
    code: "lock_unavailable",
    cause: error,
  });
}
