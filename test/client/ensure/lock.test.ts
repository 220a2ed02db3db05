/** The lock's text: the same content is the same bytes, two branches' locks are one, and nothing is misread. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { isUnmerged, type Lock, readLock, writeLock } from "../../../src/client/ensure/lock.ts";
import { mergeEntries, uniteLock } from "../../../src/client/ensure/lock-merge.ts";
import { FilmgateError } from "../../../src/client/errors.ts";
import { branches, entries, keys, locks } from "./locks.ts";

const folder = mkdtempSync(join(tmpdir(), "filmgate-merge-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function thrown(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const mergeLocks = (one: Lock, other: Lock) =>
  mergeEntries([...Object.entries(one.videos), ...Object.entries(other.videos)]);

const problemOf = (text: string) => {
  const error = thrown(() => readLock(text));
  expect(error).toBeInstanceOf(FilmgateError);
  return error as FilmgateError;
};

describe("a lock", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        expect(readLock(writeLock(lock))).toEqual(lock);
      }),
    );
  });

  it("is the same text for the same content, however it came together", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        const turned = (object: object): object =>
          Object.fromEntries(
            Object.entries(object)
              .reverse()
              .map(([name, value]) => [
                name,
                value !== null && typeof value === "object" ? turned(value) : value,
              ]),
          );
        expect(writeLock(turned(lock) as Lock)).toBe(writeLock(lock));
        expect(writeLock(readLock(writeLock(lock)))).toBe(writeLock(lock));
      }),
    );
  });

  it("has a line for each video, in the order of their keys, and what was ordered at its beginning", () => {
    const [entry] = fc.sample(entries, { numRuns: 1, seed: 7 });
    const text = writeLock({
      videos: { bbbbbbbbbbbbbbbb: entry as never, aaaaaaaaaaaaaaaa: entry as never },
    });
    const lines = text.split("\n");
    expect(lines).toHaveLength(8);
    expect([...lines.slice(0, 3), ...lines.slice(5)]).toEqual([
      "{",
      '  "lockfileVersion": 1,',
      '  "videos": {',
      "  }",
      "}",
      "",
    ]);
    expect(lines[3]).toMatch(/^ {4}"aaaaaaaaaaaaaaaa": \{ "order": \{ "model": .+ \},$/);
    expect(lines[4]).toMatch(/^ {4}"bbbbbbbbbbbbbbbb": \{ "order": \{ "model": .+ \}$/);
  });

  it("stays readable for ever, byte by byte: the first that was written", () => {
    const text =
      '{\n  "lockfileVersion": 1,\n  "videos": {\n    "6d64fcd948903eb0d21a22efddc8d434": { "order": { "model": "MiniMax-Hailuo-2.3", "prompt": "Ocean waves at sunset" }, "bytes": 50707, "check": "0d55ef22e865d6", "file_id": "file_1", "fingerprint": "a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4", "height": 768, "page_url": "https://video.example.com/v/file_1", "poster_url": null, "publish": { "title": "Waves, “at” sunset" }, "seconds": 6, "sha256": "3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e", "state": "ready", "task_id": "task_1", "url": "https://video.example.com/v/file_1.mp4", "width": 1366 }\n  }\n}\n';
    const { videos } = readLock(text);
    expect(videos["6d64fcd948903eb0d21a22efddc8d434"]).toMatchObject({ state: "ready", task_id: "task_1" });
    expect(writeLock({ videos })).toBe(text);
  });

  it("is read in any other layout, too", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        expect(readLock(JSON.stringify(JSON.parse(writeLock(lock)), null, 2))).toEqual(lock);
      }),
    );
  });

  it("keeps members that it does not know", () => {
    const [entry] = fc.sample(entries, { numRuns: 1, seed: 7 });
    const text = writeLock({ videos: { aaaaaaaaaaaaaaaa: { ...entry, comment: "mine" } as never } });
    expect(writeLock(readLock(text))).toContain('"comment": "mine"');
  });

  it("may have Windows' line ends and a byte order mark", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        expect(readLock(`\uFEFF${writeLock(lock).replaceAll("\n", "\r\n")}`)).toEqual(lock);
      }),
    );
  });
});

describe("what is no lock", () => {
  it("is refused by an error of ours, whatever it is", () => {
    const mutilated = fc
      .tuple(locks.map(writeLock), fc.nat(), fc.nat({ max: 40 }), fc.string())
      .map(([text, at, length, other]) => {
        const from = at % text.length;
        return text.slice(0, from) + other + text.slice(from + length);
      });
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"lockfileVersion":1,"videos":${json}}`),
      mutilated,
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const read of [readLock, (torn: string) => uniteLock(torn).lock]) {
          const outcome = thrown(() => read(text));
          if (outcome instanceof FilmgateError)
            expect(outcome.code).toMatch(/^lock_(?:unreadable|conflict)$/);
          else expect(readLock(writeLock(outcome as Lock))).toEqual(outcome);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is refused by an error of ours where a conflict's markers stand anywhere", () => {
    const marker = fc.constantFrom("<<<<<<< ours", "||||||| base", "=======", ">>>>>>> theirs");
    const torn = fc
      .tuple(locks.map(writeLock), fc.array(fc.tuple(fc.nat(), marker), { maxLength: 6 }))
      .map(([text, marks]) => {
        const lines = text.split("\n");
        for (const [at, line] of marks) lines.splice(at % lines.length, 0, line);
        return lines.join("\n");
      });
    fc.assert(
      fc.property(torn, (text) => {
        const outcome = thrown(() => uniteLock(text));
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "lock_unreadable" });
      }),
    );
  });

  it.each([
    ["no JSON", "{", "it is not JSON"],
    ["a list", "[]", "it is JSON, but no object"],
    ["without a version", '{"videos":{}}', "lockfileVersion must be 1"],
    ["of a newer version", '{"lockfileVersion":2,"videos":{}}', "update filmgate"],
    ["without videos", '{"lockfileVersion":1}', "videos must be an object"],
    ["with a key that is none", '{"lockfileVersion":1,"videos":{"hero":{}}}', '"hero" is no key'],
    [
      "with a prototype for a key",
      '{"lockfileVersion":1,"videos":{"__proto__":{}}}',
      '"__proto__" is no key',
    ],
    [
      "with an entry that is none",
      '{"lockfileVersion":1,"videos":{"aaaaaaaaaaaaaaaa":3}}',
      "must be an object",
    ],
    [
      "with a state that there is not",
      '{"lockfileVersion":1,"videos":{"aaaaaaaaaaaaaaaa":{"state":"toString"}}}',
      "videos.aaaaaaaaaaaaaaaa.state: must be ready, making or failed",
    ],
  ])("is named if it is %s", (_title, text, says) => {
    const error = problemOf(text);
    expect(error.code).toBe("lock_unreadable");
    expect(error.message).toContain(says);
  });

  it.each([
    ["fingerprint", "f00"],
    ["task_id", ""],
    ["order", []],
    ["publish", "yes"],
    ["url", "javascript:alert(1)"],
    ["width", -1],
    ["bytes", "many"],
    ["sha256", null],
  ])("is refused for its %s, naming entry and field", (field, value) => {
    const [entry] = fc.sample(
      entries.filter(({ state }) => state === "ready"),
      { numRuns: 1, seed: 1 },
    );
    const text = writeLock({ videos: { aaaaaaaaaaaaaaaa: { ...entry, [field]: value } as never } });
    expect(problemOf(text).message).toContain(`videos.aaaaaaaaaaaaaaaa.${field}: must be`);
  });
});

describe("an entry that is not as it was written", () => {
  const [entry] = fc.sample(
    entries.filter(({ state }) => state === "ready"),
    { numRuns: 1, seed: 1 },
  );
  const text = writeLock({ videos: { aaaaaaaaaaaaaaaa: entry as never } });

  it.each([
    ["a member was changed", text.replace(/"seconds": \d+/, '"seconds": 99')],
    ["a member was added", text.replace('"seconds"', '"mine": true, "seconds"')],
    ["it stands under another's key", text.replace("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb")],
    ["it has no check", text.replace(/"check": "\w+", /, "")],
  ])("is refused: %s", (_title, changed) => {
    expect(changed).not.toBe(text);
    const { code, message } = problemOf(changed);
    expect(code).toBe("lock_unreadable");
    expect(message).toContain("a merge mixed it with another, or a hand changed it");
  });

  it("is taken from the other side of a conflict, if that has it whole, and its task is told", () => {
    const torn = text.replace(/"task_id": "\w+"/, '"task_id": "task_torn"');
    const both = `<<<<<<< ours\n${torn}=======\n${text}>>>>>>> theirs\n`;
    const { lock, givenUp } = uniteLock(both);
    expect(writeLock(lock)).toBe(text);
    expect(givenUp).toEqual([{ key: "aaaaaaaaaaaaaaaa", kept: entry?.task_id, dropped: "task_torn" }]);
    const neither = thrown(() => uniteLock(`<<<<<<< ours\n${torn}=======\n${torn}>>>>>>> theirs\n`));
    expect(neither).toMatchObject({ code: "lock_unreadable" });
  });

  it("is a conflict if its order stands there twice, and both are looked at", () => {
    const other = writeLock({ videos: { aaaaaaaaaaaaaaaa: { ...entry, task_id: "task_zzz" } as never } });
    const lines = text.split("\n");
    const twice = [...lines.slice(0, 3), `${lines[3]},`, other.split("\n")[3], ...lines.slice(4)].join("\n");
    expect(problemOf(twice).code).toBe("lock_conflict");
    const { lock, givenUp } = uniteLock(twice);
    expect(writeLock(lock)).toBe(text);
    expect(givenUp).toEqual([{ key: "aaaaaaaaaaaaaaaa", kept: entry?.task_id, dropped: "task_zzz" }]);
  });
});

describe("two locks", () => {
  it("are one, whichever comes first, and once they are, they stay so", () => {
    fc.assert(
      fc.property(locks, locks, (one, other) => {
        const { lock } = mergeLocks(one, other);
        expect(mergeLocks(other, one).lock).toEqual(lock);
        expect(mergeLocks(lock, one).lock).toEqual(lock);
        expect(mergeLocks(lock, lock)).toEqual({ lock, givenUp: [] });
        expect(Object.keys(lock.videos).sort()).toEqual(
          [...new Set([...Object.keys(one.videos), ...Object.keys(other.videos)])].sort(),
        );
      }),
    );
  });

  it("give up no task in silence", () => {
    fc.assert(
      fc.property(locks, locks, (one, other) => {
        const { lock, givenUp } = mergeLocks(one, other);
        for (const [key, entry] of [...Object.entries(one.videos), ...Object.entries(other.videos)]) {
          const isKept = lock.videos[key]?.task_id === entry.task_id;
          const isTold = givenUp.some((each) => each.key === key && each.dropped === entry.task_id);
          expect(isKept !== isTold).toBe(true);
        }
      }),
    );
  });

  it("keep the video that is there before one that is being made or has failed", () => {
    fc.assert(
      fc.property(keys, entries, entries, (key, one, other) => {
        const { lock } = mergeLocks({ videos: { [key]: one } }, { videos: { [key]: other } });
        const isThere = one.state === "ready" || other.state === "ready";
        expect(lock.videos[key]?.state === "ready").toBe(isThere);
      }),
    );
  });

  it.each(["merge", "diff3", "zdiff3"])(
    "are united out of what git leaves of them, in its style %s",
    (style) => {
      const write = (name: string, lock: Lock) => {
        const path = join(folder, name);
        writeFileSync(path, writeLock(lock));
        return path;
      };
      let conflicts = 0;
      fc.assert(
        fc.property(branches, ([base, ours, theirs]) => {
          const paths = [write("ours", ours), write("base", base), write("theirs", theirs)];
          const words = ["merge-file", "-p", ...(style === "merge" ? [] : [`--${style}`]), ...paths];
          const { stdout: text, status } = spawnSync("git", words, { encoding: "utf8" });
          if (status !== 0) expect(isUnmerged(text)).toBe(true);
          if (status !== 0) conflicts += 1;
          const { lock, givenUp } = status === 0 ? { lock: readLock(text), givenUp: [] } : uniteLock(text);
          for (const [key, { task_id: taskId }] of Object.entries(ours.videos)) {
            const other = theirs.videos[key]?.task_id;
            // What one branch took out, or replaced, while the other left it alone is git's to decide, and in clear.
            if (other === undefined || (taskId !== other && base.videos[key] !== undefined)) continue;
            const told = givenUp.filter((one) => one.key === key).map(({ dropped }) => dropped);
            expect([lock.videos[key]?.task_id, ...told].sort()).toEqual([...new Set([taskId, other])].sort());
          }
        }),
        { numRuns: 80 },
      );
      expect(conflicts).toBeGreaterThan(10);
    },
  );
});
