/** The commands of docs/operating.md that change secrets, run as they stand, with a wrangler that only writes down. */

import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const run = promisify(execFile);
const page = await readFile(new URL("../../docs/operating.md", import.meta.url), "utf8");

/** The commands under a heading. */
function commandsOf(heading: string): string[] {
  const part = page.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...part.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => String(match[1]));
}

const old = "k1:0123456789abcdef0123456789abcdef";
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-operating-"));
  await writeFile(join(folder, ".secrets"), `MINIMAX_API_KEY=a-key\nADMIN_KEY=before\nLINK_KEYS=${old}\n`);
  // "wrangler secret put NAME" with the value on its input.
  await writeFile(join(folder, "npx"), '#!/bin/sh\necho "$*" >> told\ncat > "put-$4"\n');
  await chmod(join(folder, "npx"), 0o755);
});
afterEach(() => rm(folder, { recursive: true }));

async function shell(command: string) {
  await run("bash", ["--norc", "-euc", command], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
  });
  const secrets = await readFile(join(folder, ".secrets"), "utf8");
  const put = (name: string) => readFile(join(folder, `put-${name}`), "utf8");
  return { put, kept: (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(secrets)?.[1] };
}

describe("docs/operating.md", () => {
  it("sets a new ADMIN_KEY, and keeps it", async () => {
    const { put, kept } = await shell(String(commandsOf("ADMIN_KEY")[0]));
    expect(await put("ADMIN_KEY")).toMatch(/^[0-9a-f]{64}$/);
    expect(kept("ADMIN_KEY")).toBe(await put("ADMIN_KEY"));
    expect(kept("LINK_KEYS")).toBe(old);
  });

  it("puts a new link key before the old one, and later takes the old one away", async () => {
    const [add, remove] = commandsOf("LINK_KEYS");
    const both = await shell(String(add));
    expect(await both.put("LINK_KEYS")).toMatch(new RegExp(`^k2:[0-9a-f]{64},${old}$`));
    expect(both.kept("LINK_KEYS")).toBe(await both.put("LINK_KEYS"));
    const fresh = String(both.kept("LINK_KEYS")).split(",")[0];
    const one = await shell(String(remove));
    expect(await one.put("LINK_KEYS")).toBe(fresh);
    expect(one.kept("LINK_KEYS")).toBe(fresh);
    expect(one.kept("MINIMAX_API_KEY")).toBe("a-key");
  });

  it("leaves no copy of the secrets behind", async () => {
    await shell(commandsOf("LINK_KEYS").join("\n"));
    await expect(readFile(join(folder, ".secrets.old"))).rejects.toThrow();
  });
});
