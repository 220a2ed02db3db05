/** `npm run dev` as a newcomer meets it: what it prints can be pasted, and Ctrl-C leaves nothing behind. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ProcessGroup, startGroup } from "../../scripts/process-group.ts";
import { root } from "../../scripts/worker.ts";

const run = promisify(execFile);
let dev: ProcessGroup;
beforeAll(async () => {
  dev = startGroup(process.execPath, [join(root, "scripts", "dev.ts")], {
    cwd: root,
    env: { ...process.env, SIMULATOR_SPEED: "100" },
  });
  await vi.waitFor(() => expect(dev.output()).toContain("Ctrl-C ends both."), {
    timeout: 60_000,
    interval: 100,
  });
});
// Politely: what it started lives in a group of its own.
afterAll(() => dev.stop());

describe("npm run dev", () => {
  it("prints a curl that orders a video, and one that waits for it", async () => {
    const [order, wait] = dev.output().match(/^ {2}curl (?:.*\\\n)?.*$/gm) ?? [];
    const created = JSON.parse((await run("bash", ["-c", String(order)])).stdout);
    expect(created.task_id).toMatch(/^task_/);
    const over = await run("bash", ["-c", String(wait).replace("TASK_ID", created.task_id)]);
    expect(JSON.parse(over.stdout)).toMatchObject({ status: "Success", download_url: expect.any(String) });
  });

  it("ends on Ctrl-C with everything it started", async () => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(dev.output())?.[0];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await dev.interrupt();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
