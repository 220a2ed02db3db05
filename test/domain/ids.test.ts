import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accountOfKey,
  apiKeyFrom,
  fileIdOf,
  filePath,
  imageKey,
  isAccountName,
  isFileId,
  isTaskId,
  spell,
  taskIdFrom,
  taskIdOf,
  videoKey,
} from "../../src/domain/ids.ts";

const random = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const suffix = "0123456789abcdefghjkmnpqrs";

describe("a task's name", () => {
  it("is known as one, and gives its file's name and back", () => {
    fc.assert(
      fc.property(random(26), (bytes) => {
        const taskId = taskIdFrom(bytes);
        expect(isTaskId(taskId)).toBe(true);
        expect(isFileId(taskId)).toBe(false);
        expect(isFileId(fileIdOf(taskId))).toBe(true);
        expect(taskIdOf(fileIdOf(taskId))).toBe(taskId);
        expect(fileIdOf(taskId).slice(5)).toBe(taskId.slice(5));
      }),
    );
  });

  it("carries five bits of each random byte", () => {
    const all = spell(new Uint8Array(256).map((_, byte) => byte));
    expect(new Set(all).size).toBe(32);
    for (const character of new Set(all)) expect(all.split(character).length - 1).toBe(8);
  });

  it.each([
    "",
    "task_",
    suffix,
    `task_${suffix}0`,
    `task_${suffix.slice(1)}`,
    `task_${suffix.slice(1)}i`,
    `task_${suffix.slice(1)}l`,
    `task_${suffix.slice(1)}o`,
    `task_${suffix.slice(1)}u`,
    `task_${suffix.slice(1)}A`,
    `TASK_${suffix}`,
    ` task_${suffix}`,
    `task_${suffix}\n`,
    `task_${suffix}/..`,
    `file_${suffix}`,
    "176843862716480",
  ])("'%s' is none", (text) => {
    expect(isTaskId(text)).toBe(false);
    expect(isFileId(text.replace("task_", "file_"))).toBe(text.startsWith("file_"));
  });
});

describe("an API key", () => {
  const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/).filter((text) => text !== "pk");

  it("names its account", () => {
    fc.assert(
      fc.property(name, fc.constantFrom("secret", "publishable"), random(40), (account, kind, bytes) => {
        const key = apiKeyFrom(account, kind, bytes);
        expect(accountOfKey(key)).toBe(account);
        expect(key.startsWith("mql_pk_")).toBe(kind === "publishable");
      }),
    );
  });

  const secret = "0123456789".repeat(4);
  it.each([
    "",
    "mql_",
    `mql_${secret}`,
    `mql__${secret}`,
    `mql_pk_${secret}`,
    `mql_pk__${secret}`,
    `mql_pk_pk_${secret}`,
    `mql_pk_a_b_${secret}`,
    `mql_-a_${secret}`,
    `mql_a-_${secret}`,
    `mql_A_${secret}`,
    `mql_a_b_${secret}`,
    `mql__directory_${secret}`,
    `mql_${"a".repeat(41)}_${secret}`,
    `mql_a_${secret}0`,
    `mql_a_${secret.slice(1)}`,
    `mql_a_${secret.slice(1)}A`,
    `MQL_a_${secret}`,
    `mql_a_${secret}\n`,
    "sk-1234567890",
  ])("'%s' is none", (text) => {
    expect(accountOfKey(text)).toBeNull();
  });

  it.each([
    ["a", true],
    ["default", true],
    ["my-site-2", true],
    ["a--b", true],
    ["a".repeat(40), true],
    ["a".repeat(41), false],
    ["", false],
    ["pk", false],
    ["-a", false],
    ["a-", false],
    ["A", false],
    ["a_b", false],
    ["_directory", false],
    ["ä", false],
    ["a\n", false],
  ])("an account may be called '%s': %s", (text, may) => {
    expect(isAccountName(text)).toBe(may);
  });
});

describe("a place in the bucket", () => {
  it("is told by the file, by the account and content, and signed by its path", () => {
    expect(videoKey(`file_${suffix}`)).toBe(`videos/file_${suffix}.mp4`);
    expect(imageKey("default", "ab")).toBe("images/default/ab");
    expect(filePath(`file_${suffix}`)).toBe(`/files/file_${suffix}.mp4`);
  });
});
