/** The examples, run by the commands of their READMEs against the Worker: what they promise, and what goes wrong. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyExample, type Example } from "./examples.ts";
import { startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world?.stop());

const lastLine = (text: string) => String(text.trim().split("\n").at(-1));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("examples/curl", () => {
  let example: Example;
  beforeAll(async () => {
    example = await copyExample("curl", world);
  });
  afterAll(() => example.remove());

  it("orders a video, saves it, and prints a link to the same bytes", async () => {
    const ran = await example.run(String(example.commands[0]));
    expect(ran).toMatchObject({ code: 0 });
    const saved = await readFile(join(example.folder, "waves.mp4"));
    const linked = await fetch(lastLine(ran.stdout));
    expect(sha256(new Uint8Array(await linked.arrayBuffer()))).toBe(sha256(saved));
  });

  it("takes a prompt with quotes, a backslash and lines in it as it is", async () => {
    const prompt = `A sign says "open" \\ ${world.prompt()}\nand it rains`;
    const ran = await example.run('./order.sh "$PROMPT"', { PROMPT: prompt });
    expect(ran).toMatchObject({ code: 0 });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it.each([
    ["a refused order", { FILMGATE_MODEL: "Hailuo" }, "model"],
    ["a key that is not one", { FILMGATE_API_KEY: "mql_default_x" }, "unknown or was revoked"],
    ["a missing key", { FILMGATE_API_KEY: "" }, "FILMGATE_API_KEY"],
  ])("ends on %s with its sentence", async (_, environment, told) => {
    const ran = await example.run('./order.sh "Waves"', environment);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain(told);
    expect(ran.stdout).toBe("");
  });

  it("ends on a video that MiniMax could not make", async () => {
    const ran = await example.run('./order.sh "$PROMPT"', { PROMPT: world.prompt("fail=none") });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('"status":"Fail"');
  });
});

describe("examples/client", () => {
  let example: Example;
  beforeAll(async () => {
    example = await copyExample("client", world);
  });
  afterAll(() => example.remove());
  const order = (prompt: string, environment: Record<string, string> = {}) =>
    example.run('node image-to-video.js poster.jpg "$PROMPT"', {
      PROMPT: prompt,
      ...environment,
    });

  it("makes a video of an image, shows progress, and prints its link", async () => {
    const ran = await example.run(String(example.commands[0]));
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stderr).toMatch(/^ordered task_\w+, \$0\.28\n[\s\S]*100 % {2}Success\n/);
    expect((await fetch(ran.stdout.trim())).headers.get("content-type")).toBe("video/mp4");
  });

  it("says after a wait that was too short how to go on, and goes on with the same video", async () => {
    const prompt = world.prompt();
    const late = await order(prompt, { MAX_WAIT_SECONDS: "0" });
    expect(late.code).toBe(2);
    const command = /node image-to-video\.js --wait task_\w+/.exec(late.stderr)?.[0];
    expect(await example.run(String(command))).toMatchObject({ code: 0 });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
  });

  it.each([
    ["MiniMax refuses the prompt", "refuse=1026", "Nothing was charged"],
    ["MiniMax cannot make it", "fail=1027", "Nothing was charged."],
  ])("says what it cost when %s", async (_, scenario, told) => {
    const ran = await order(world.prompt(scenario));
    expect(ran.code).toBe(1);
    expect(ran.stderr.toLowerCase()).toContain(told.toLowerCase());
    expect(ran.stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    ["a key that is not one", { FILMGATE_API_KEY: "mql_default_x" }, /invalid_key, request [\w-]+/],
    ["a missing address", { FILMGATE_URL: "" }, /FILMGATE_URL/],
  ])("says what to change for %s", async (_, environment, told) => {
    const ran = await order("Waves", environment);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(told);
  });
});
