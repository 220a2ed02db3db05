/** The lock's file, with real processes at it: nothing is lost, nobody reads half of it, and a dead one holds up nobody. */

import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../scripts/worker.ts";
import { readLock, writeLock } from "../../../src/client/ensure/lock.ts";
import type { MakingEntry } from "../../../src/client/ensure/lock-entry.ts";
import { openLockFile } from "../../../src/client/ensure/lock-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-lock-file-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const keyOf = (number: number) => `${number}`.padStart(32, "0");
const entry = (task: string): MakingEntry => ({
  state: "making",
  order: { model: "T2V-01", prompt: "Waves" },
  ...{ fingerprint: "f".repeat(64), task_id: task, publish: null },
});
const put = (path: string, key: string, task: string) =>
  openLockFile(path).change(({ videos }) => ({ videos: { ...videos, [key]: entry(task) } }));

/** A process that writes so many entries, one by one. */
async function write(path: string, from: number, count: number): Promise<void> {
  const module = pathToFileURL(join(root, "src", "client", "ensure", "lock-file.ts")).href;
  const script = `
    import { openLockFile } from ${JSON.stringify(module)};
    const entry = (task) => ({ ...${JSON.stringify(entry(""))}, task_id: task });
    for (let number = ${from}; number < ${from + count}; number += 1) {
      const key = String(number).padStart(32, "0");
      await openLockFile(${JSON.stringify(path)}).change(({ videos }) => ({ videos: { ...videos, [key]: entry("task_" + number) } }));
    }`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).toBe(0);
}

describe("the lock's file", () => {
  it("is an empty lock where there is none, and is not made by looking", async () => {
    const path = join(folder, "none.lock.json");
    expect(openLockFile(path).read()).toEqual({ videos: {} });
    await openLockFile(path).change((lock) => lock);
    expect(await readdir(folder)).not.toContain("none.lock.json");
  });

  it("loses no entry to processes that write at once, and leaves nothing beside itself", async () => {
    const path = join(folder, "crowd", "..", "crowd.lock.json");
    await Promise.all([0, 1, 2].map((nth) => write(path, nth * 20, 20)));
    const { videos } = openLockFile(path).read();
    expect(Object.keys(videos)).toHaveLength(60);
    expect(videos[keyOf(59)]?.task_id).toBe("task_59");
    expect((await readdir(folder)).filter((name) => /guard|tmp/.test(name))).toEqual([]);
  });

  it("is whole whenever it is read", async () => {
    const path = join(folder, "whole.lock.json");
    await put(path, keyOf(1000), "task_1000");
    let isOver = false;
    const writing = write(path, 0, 40).finally(() => {
      isOver = true;
    });
    let reads = 0;
    while (!isOver) {
      expect(Object.keys(readLock(await readFile(path, "utf8")).videos).length).toBeGreaterThan(0);
      reads += 1;
    }
    await writing;
    expect(reads).toBeGreaterThan(10);
  });

  it("is written although a process died in the middle of writing", async () => {
    const path = join(folder, "dead.lock.json");
    await writeFile(`${path}.guard`, "a process that is gone");
    await Promise.all([put(path, keyOf(1), "task_1"), put(path, keyOf(2), "task_2")]);
    expect(Object.keys(openLockFile(path).read().videos)).toEqual([keyOf(1), keyOf(2)]);
    expect((await readdir(folder)).filter((name) => name.startsWith("dead"))).toEqual(["dead.lock.json"]);
  });

  it("cannot be written where a dead process's guard cannot be taken away, and that is told", async () => {
    const place = await mkdtemp(join(folder, "closed-"));
    const guard = join(place, "videos.lock.json.guard");
    await writeFile(guard, "of a dead process");
    await Promise.all([chmod(folder, 0o755), chmod(place, 0o555)]);
    const module = pathToFileURL(join(root, "src", "client", "ensure", "lock-file.ts")).href;
    const script = `
      import { openLockFile } from ${JSON.stringify(module)};
      // Root may write anywhere.
      if (process.getuid?.() === 0) process.setuid(65534);
      const path = ${JSON.stringify(join(place, "videos.lock.json"))};
      await openLockFile(path).change((lock) => lock).catch(({ code, message }) => console.log(code, message));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 30_000,
      killSignal: "SIGKILL",
    });
    expect(await text(child.stdout)).toMatch(new RegExp(`^lock_unavailable ${guard} .*: delete it\\.\n$`));
    await chmod(place, 0o755);
  });

  it("leaves no guard behind on a full disk, which would hold up the next", async () => {
    const place = await mkdtemp(join(folder, "full-"));
    const module = pathToFileURL(join(root, "src", "client", "ensure", "lock-file.ts")).href;
    const script = `
      import { openLockFile } from ${JSON.stringify(module)};
      const path = ${JSON.stringify(join(place, "videos.lock.json"))};
      await openLockFile(path).change((lock) => lock).catch(({ code }) => console.log(code));`;
    // Files may be made, and have no byte.
    const shell = `trap '' XFSZ; ulimit -f 0; exec "$0" --input-type=module -e "$1"`;
    const child = spawn("sh", ["-c", shell, process.execPath, script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    expect(await text(child.stdout)).toBe("lock_unavailable\n");
    expect(await readdir(place)).toEqual([]);
  });

  it("is left alone when nothing changes", async () => {
    const path = join(folder, "same.lock.json");
    await put(path, keyOf(1), "task_1");
    const before = await readFile(path, "utf8");
    await chmod(path, 0o444);
    await put(path, keyOf(1), "task_1");
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("stays behind a symbolic link, which stays one", async () => {
    const path = join(folder, "real.lock.json");
    await put(path, keyOf(1), "task_1");
    const link = join(folder, "link.lock.json");
    await symlink(path, link);
    await put(link, keyOf(2), "task_2");
    expect(Object.keys(openLockFile(path).read().videos)).toHaveLength(2);
  });

  it("is not written over if it cannot be read", async () => {
    const path = join(folder, "broken.lock.json");
    await writeFile(path, '{"lockfileVersion": 1, "videos": {');
    await expect(put(path, keyOf(1), "task_1")).rejects.toMatchObject({
      code: "lock_unreadable",
      message: expect.stringContaining("broken.lock.json cannot be read"),
    });
    expect(await readFile(path, "utf8")).toBe('{"lockfileVersion": 1, "videos": {');
    expect((await readdir(folder)).filter((name) => /guard|tmp/.test(name))).toEqual([]);
  });

  it("unites a merge conflict when it is written next, and says what it gave up", async () => {
    const path = join(folder, "torn.lock.json");
    const side = (task: string) => writeLock({ videos: { [keyOf(1)]: entry(task) } });
    await writeFile(path, `<<<<<<< HEAD\n${side("task_b")}=======\n${side("task_a")}>>>>>>> other\n`);
    expect(() => openLockFile(path).read()).toThrow("has a merge conflict in it");
    const { givenUp } = await openLockFile(path).change((lock) => lock);
    expect(givenUp).toEqual([{ key: keyOf(1), kept: "task_a", dropped: "task_b" }]);
    expect(await readFile(path, "utf8")).toBe(side("task_a"));
  });

  it.each([
    ["a folder that is not there", () => join(folder, "nowhere", "videos.lock.json"), "ENOENT"],
    ["a folder in its place", () => folder, "EISDIR"],
  ])("is told by its path where there is %s", async (_title, path, code) => {
    await expect(put(path(), keyOf(1), "task_1")).rejects.toMatchObject({
      code: "lock_unavailable",
      message: expect.stringContaining(`(${code})`),
    });
  });

  it("may be named by a file: URL", async () => {
    const url = pathToFileURL(join(folder, "by url.lock.json"));
    expect(openLockFile(url).path).toBe(join(folder, "by url.lock.json"));
    expect(openLockFile(url.href).folder).toBe(folder);
  });
});
