/**
 * The servers on which pages are written: starting one spends nothing. What is not there yet is left out, its price is
 * told, and once it is made, the server shows it.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { copyExample, type Example } from "./examples.ts";
import { startWorld, until, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world?.stop());

let example: Example | undefined;
let server: ChildProcess | undefined;
afterEach(async () => {
  if (server?.pid !== undefined && server.exitCode === null) {
    const ended = new Promise((resolve) => server?.once("exit", resolve));
    // A server has children, too: they are one group.
    process.kill(-server.pid, "SIGKILL");
    await ended;
  }
  await example?.remove();
});

it.each([
  {
    name: "astro",
    command: "astro dev --host 127.0.0.1 --port",
    orders: "videos.json",
    told: /hills is not in the lock and is left out: astro build makes it, for \$0\.28\./,
    creates: 2,
  },
  {
    name: "eleventy",
    command: "eleventy --serve --port",
    orders: "site/_data/videos.json",
    told: /waves is not in the lock: a build makes it, for \$0\.28\./,
    creates: 1,
  },
])(
  "$name's orders nothing, says what a build would pay, and shows what was made beside it",
  async ({ name, command, orders, told, creates }) => {
    example = await copyExample(name, world);
    const { folder } = example;
    const tag = world.prompt("instant");
    const path = join(folder, orders);
    await writeFile(path, (await readFile(path, "utf8")).replace(/("prompt": "[^"]+)"/g, `$1 ${tag}"`));
    // A lock is committed, and Eleventy watches nothing that git ignores.
    await writeFile(join(folder, ".gitignore"), "dist/\n");
    const port = await freePort();
    const env = {
      ...process.env,
      PATH: `${join(folder, "node_modules", ".bin")}:${process.env.PATH}`,
      FILMGATE_URL: world.url,
      FILMGATE_API_KEY: world.key,
      ASTRO_TELEMETRY_DISABLED: "1",
      CI: "",
      // With this, Astro takes itself for a part of a test, and serves no page.
      VITEST: undefined,
    };
    let output = "";
    const listen = (text: Buffer) => {
      output += text;
    };
    server = spawn("bash", ["--norc", "-c", `exec ${command} ${port}`], { cwd: folder, env, detached: true });
    server.stdout?.on("data", listen);
    server.stderr?.on("data", listen);
    const read = () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        (answer) => answer.text(),
        () => "",
      );
    await until(async () => (await read()).includes("Two films"), "the server answers");
    expect(await read()).not.toContain(".mp4");
    await until(async () => told.test(output), "it says what is missing");
    expect(await world.ledger(tag)).toMatchObject({ creates: 0 });

    // It comes whole, as from git: of changes that follow each other within milliseconds, a busy watcher may miss one.
    const script = `import { readFileSync, renameSync } from "node:fs"; import { ensureNamed } from "filmgate/client";
      await ensureNamed(JSON.parse(readFileSync("${orders}", "utf8")), { lock: "made.lock.json" });
      renameSync("made.lock.json", "videos.lock.json");`;
    const ensured = await example.run('node --input-type=module -e "$SCRIPT"', { CI: "", SCRIPT: script });
    expect(ensured).toMatchObject({ code: 0 });
    await until(async () => (await read()).includes(".mp4"), "the server shows it");
    expect(await world.ledger(tag)).toMatchObject({ creates });
  },
);
