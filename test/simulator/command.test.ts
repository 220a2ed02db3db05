/*
 * The simulator as a command: what it prints, what it takes, and that it ends when told to.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../src/simulator/main.ts", import.meta.url));

function run(flags: string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [main, ...flags], { env: { ...process.env, ...env } });
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended, output: () => output };
}

describe("npm run simulator", () => {
  it("says where it is, its key and its pace, answers, and ends on SIGTERM", async () => {
    const { child, ended, output } = run([
      "--port",
      "0",
      "--speed",
      "60",
      "--key",
      "sk-one",
      "--key",
      "sk-two",
    ]);
    await expect.poll(output, { timeout: 5000 }).toContain("/simulator/scenarios");
    expect(output()).toContain("60 times faster than life");
    expect(output()).toContain("sk-one, sk-two");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
    expect(await (await fetch(`${url}/simulator/health`)).json()).toMatchObject({ status: "ok", speed: 60 });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("reads its environment where no flag is given", async () => {
    const env = { SIMULATOR_PORT: "0", SIMULATOR_SPEED: "1", SIMULATOR_KEYS: "sk-three" };
    const { child, ended, output } = run([], env);
    await expect.poll(output, { timeout: 5000 }).toContain("sk-three");
    expect(output()).toContain("as fast as life");
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });

  it.each([
    ["--speed", "0"],
    ["--port", "many"],
  ])("refuses %s %s", async (flag, value) => {
    const { ended, output } = run([flag, value]);
    expect(await ended).toBe(2);
    expect(output()).toContain(`${flag} cannot be "${value}"`);
  });
});
