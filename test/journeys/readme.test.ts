/** Every command in the README and in docs/accounts.md is run: here, by CI, or (where it takes an account) listed by name. */

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli } from "../../scripts/build-cli.ts";
import { localSettings, root } from "../../scripts/worker.ts";
import { startWorld, type World } from "./world.ts";

const run = promisify(execFile);
const readme = await readFile(join(root, "README.md"), "utf8");
const ci = await readFile(join(root, ".ci", "run"), "utf8");
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => String(match[1]).trim());
const takesAnAccount = ["npx wrangler login", "npx wrangler r2 bucket create filmgate-videos"];

let world: World;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
});
afterAll(() => world.stop());

async function shell(command: string, environment: Record<string, string> = {}, cwd = root): Promise<string> {
  const env = {
    ...process.env,
    FILMGATE_URL: world.url,
    FILMGATE_API_KEY: world.key,
    ADMIN_KEY: localSettings.ADMIN_KEY,
    ...environment,
  };
  return (await run("bash", ["--norc", "-euc", command], { cwd, env })).stdout;
}

describe("the README's", () => {
  const curls = blocks.filter((block) => block.startsWith("curl"));
  let TASK_ID = "";

  it("curls order a video, wait for it and get a link that works", async () => {
    const [order, wait] = curls;
    const created = JSON.parse(await shell(String(order)));
    const shown = JSON.parse(String(/```json\n([\s\S]*?)```/.exec(readme)?.[1]));
    expect(Object.keys(created)).toEqual(Object.keys(shown));
    TASK_ID = created.task_id;
    const over = JSON.parse(await shell(String(wait), { TASK_ID }));
    expect(over.status).toBe("Success");
    expect((await fetch(over.download_url)).status).toBe(200);
  });

  it("other curls are answered as told", async () => {
    const answers = await Promise.all(
      curls.slice(2).map(async (curl) => JSON.parse(await shell(curl, { TASK_ID }))),
    );
    expect(answers).toMatchObject([
      { object: "file", width: 720 },
      { object: "publication", id: TASK_ID, state: "ready", origins: ["https://example.com"] },
      { object: "key", name: "my site", caps: { usd_per_day: 5 } },
    ]);
  });

  it("page on accounts has commands that are answered as told", async () => {
    const page = await readFile(join(root, "docs", "accounts.md"), "utf8");
    const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => String(match[1]));
    const answers: unknown[] = [];
    for (const command of commands) answers.push(JSON.parse(await shell(command)));
    expect(answers).toMatchObject([
      { object: "account", name: "studio", retention_days: 90 },
      { object: "list", data: [] },
    ]);
  });

  it("command line prices, makes, saves and lists a video", async () => {
    const command = blocks.filter((block) => block.startsWith("npx filmgate")).join("\n");
    const project = await mkdtemp(join(tmpdir(), "filmgate-readme-"));
    const program = await buildCli(join(project, "node_modules", "filmgate", "dist", "cli"));
    await copyFile(join(root, "package.json"), join(project, "node_modules", "filmgate", "package.json"));
    await writeFile(join(project, "package.json"), '{"private": true}');
    await mkdir(join(project, "node_modules", ".bin"));
    await symlink(program, join(project, "node_modules", ".bin", "filmgate"));
    const printed = await shell(command, {}, project);
    expect(printed).toMatch(/^cost +\$0\.28\n[\s\S]*\nwaves\.mp4\ntask +status/);
    expect((await stat(join(project, "waves.mp4"))).size).toBeGreaterThan(10_000);
    await rm(project, { recursive: true });
  });

  it("TypeScript makes a video with the client, and gets its link", async () => {
    const snippet = String(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]);
    const client = pathToFileURL(join(root, "src", "client", "filmgate.ts")).href;
    const program = `${snippet.replace('"filmgate/client"', `"${client}"`)}\nconsole.log(downloadUrl);`;
    const folder = await mkdtemp(join(tmpdir(), "filmgate-readme-"));
    await writeFile(join(folder, "snippet.ts"), program);
    const printed = await shell(`"${process.execPath}" "${join(folder, "snippet.ts")}"`);
    expect((await fetch(String(printed.trim().split("\n").at(-1)))).status).toBe(200);
    await rm(folder, { recursive: true });
  });

  it("secrets are those that a deploy requires, and are found again", async () => {
    const [, printf] = /(printf [\s\S]*?) > \.secrets/.exec(readme) ?? [];
    const text = await shell(String(printf));
    const folder = await mkdtemp(join(tmpdir(), "filmgate-readme-"));
    await writeFile(join(folder, ".secrets"), text);
    const look = String(blocks.find((block) => block.startsWith("export"))).replace(
      /FILMGATE_URL=\S+/,
      `FILMGATE_URL=${world.url}`,
    );
    const printed = await shell(`${look}\necho " $ADMIN_KEY"`, {}, folder);
    await rm(folder, { recursive: true });
    const [answer, adminKey] = [
      printed.slice(0, printed.lastIndexOf(" ")),
      printed.split(" ").at(-1)?.trim(),
    ];
    expect(JSON.parse(answer)).toMatchObject({ ok: true });
    expect(text).toContain(`ADMIN_KEY=${adminKey}\n`);
    const required = /required = \[(.*)\]/.exec(await readFile(join(root, "wrangler.toml"), "utf8"))?.[1];
    expect(
      text
        .match(/^[A-Z_]+(?==)/gm)
        ?.map((name) => `"${name}"`)
        .join(", "),
    ).toBe(required);
  });

  it("other commands are run by CI, or take an account", () => {
    const commands = blocks
      .filter((block) => !/^(?:curl|npx filmgate|export) /.test(block))
      .flatMap((block) => block.replace(/\\\n/g, " ").split(/\n|&&/))
      .map((command) => command.trim())
      .filter((command) => !command.startsWith("printf"));
    for (const command of commands) {
      const covered = ci.includes(`clean ${command.replace(/ --secrets-file.*/, "")}`);
      expect(covered || takesAnAccount.includes(command), command).toBe(true);
    }
    for (const [, script] of readme.matchAll(/`npm run ([a-z:]+)`/g)) {
      expect(["dev", "simulator"].includes(String(script)) || ci.includes(`npm run ${script}`), script).toBe(
        true,
      );
    }
  });
});
