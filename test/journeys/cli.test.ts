/** The command line over real processes: what it prints where, what it asks, how it ends, and what was billed. */

import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, root } from "../../scripts/worker.ts";
import { commands } from "../../src/cli/commands.ts";
import { type ExitCode, exitCodes } from "../../src/cli/exits.ts";
import { ensureNamed } from "../../src/client/filmgate.ts";
import type { Video } from "../../src/contract.ts";
import { startFilmServer } from "../cli/film-server.ts";
import { startProxy } from "../client/proxy.ts";
import { startServer } from "../client/server.ts";
import { type About, buildCommandLine, type CommandLine } from "./command-line.ts";
import { startWorld, type World } from "./world.ts";

const run = promisify(execFile);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const firstFrame = join(root, "scripts", "first-frame.jpg");
const nobody = "task_00000000000000000000000000";
const model = "MiniMax-Hailuo-2.3";

let world: World;
let cli: CommandLine;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ callbacks: "reachable" });
  cli = await buildCommandLine({ FILMGATE_URL: world.url, FILMGATE_API_KEY: world.key });
  folder = await mkdtemp(join(tmpdir(), "filmgate-site-"));
});
afterAll(async () => {
  await cli?.remove();
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const filmgate = (words: readonly string[], about: About = {}) => cli.run(words, { cwd: folder, ...about });
/** Runs it, and fails unless it ended well. */
async function succeed(words: readonly string[], about: About = {}) {
  const ran = await filmgate(words, about);
  expect(ran.code, ran.stderr).toBe(0);
  return ran;
}
const order = async (prompt = world.prompt()) => (await succeed(["create", prompt])).stdout.trim();

describe("in a pipe", () => {
  it("a prompt becomes a task, then a link that plays, then a file: standard output holds the answer only", async () => {
    const prompt = world.prompt();
    const created = await succeed(["create", prompt]);
    expect(created.stdout).toMatch(/^task_\w{26}\n$/);
    expect(created.stderr).toContain("MiniMax-Hailuo-2.3, $0.28");
    const task = created.stdout.trim();
    expect(created.stderr).toContain(`filmgate wait ${task}`);

    const waited = await succeed(["wait", task]);
    const played = await fetch(waited.stdout.trim());
    expect(played.status).toBe(200);
    const bytes = new Uint8Array(await played.arrayBuffer());

    const saved = await succeed(["download", task, "waves.mp4"]);
    expect(saved.stdout).toBe("waves.mp4\n");
    expect(sha256(await readFile(join(folder, "waves.mp4")))).toBe(sha256(bytes));
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });

    const piped = await run(process.execPath, [cli.program, "download", task, "-"], {
      env: cli.environment,
      encoding: "buffer",
    });
    expect(sha256(piped.stdout)).toBe(sha256(bytes));
  });

  it("one command orders, waits, publishes and saves, with a picture from the disk", async () => {
    const prompt = world.prompt();
    const words = ["create", prompt, "--first-frame", firstFrame, "--title", "Hills", "--download", "hills/"];
    await mkdir(join(folder, "hills"));
    const { stdout, stderr } = await succeed(words);
    const file = (await readdir(join(folder, "hills")))[0] ?? "";
    expect(stdout).toBe(`hills/${file}\n`);
    const address = /It will be at (\S+)/.exec(stderr)?.[1] ?? "";
    const published = await fetch(address);
    expect(sha256(new Uint8Array(await published.arrayBuffer()))).toBe(
      sha256(await readFile(join(folder, "hills", file))),
    );
    const [task] = (await world.ledger(prompt)).tasks;
    expect(task?.first_frame_sha256).toBe(sha256(await readFile(firstFrame)));
  });

  it("a prompt is read from standard input, and an order from a file, which options win over", async () => {
    const prompt = `${world.prompt()}\nwith "quotes" and a \\`;
    await succeed(["create", "-"], { stdin: `${prompt}\n` });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1 });
    const other = world.prompt();
    await writeFile(join(folder, "order.json"), JSON.stringify({ model: "T2V-01", prompt: other, take: 3 }));
    const task = (
      await succeed(["create", "--order", "order.json", "--model", "MiniMax-Hailuo-02"])
    ).stdout.trim();
    expect(await world.video(task)).toMatchObject({ model: "MiniMax-Hailuo-02", prompt: other, take: 3 });
  });

  it.each([
    ["another file lies where it is to be saved", ["--download", "mine.mp4"], 2, "--force"],
    ["there is no folder for it", ["--download", "no/where/a.mp4"], 1, "its folder is not there"],
    ["the time to wait is none", ["--wait", "--timeout", "-1"], 2, "--timeout takes seconds"],
  ])("nothing is ordered if %s", async (_what, words, code, says) => {
    await writeFile(join(folder, "mine.mp4"), "mine");
    const prompt = world.prompt();
    const ran = await filmgate(["create", prompt, ...words]);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(says)]);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
    expect(await readFile(join(folder, "mine.mp4"), "utf8")).toBe("mine");
  });

  it("the same line with its key gives the same video, which is saved already", async () => {
    const prompt = world.prompt();
    const words = ["create", prompt, "--idempotency-key", prompt.slice(10, 46), "--download", "known.mp4"];
    await succeed(words);
    expect((await succeed(words)).stderr).toContain("known.mp4 is there already");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("the same line with its key says that it was paid once", async () => {
    const words = ["create", world.prompt(), "--idempotency-key", randomUUID()];
    const first = await succeed(words);
    const again = await succeed(words);
    expect(again.stdout).toBe(first.stdout);
    expect(first.stderr).toContain("MiniMax-Hailuo-2.3, $0.28");
    expect(again.stderr).toContain("MiniMax-Hailuo-2.3, ordered before, and paid once");
  });

  it("an exit code of 2 is never that of a run that ordered", async () => {
    const prompt = world.prompt();
    await writeFile(join(folder, "taken.mp4"), "mine");
    const words = ["create", prompt, "--idempotency-key", randomUUID(), "--download", "taken.mp4", "--json"];
    const { code, stderr } = await filmgate(words);
    const [task] = (await world.ledger(prompt)).tasks;
    expect([code, task?.prompt]).toEqual([1, prompt]);
    expect(JSON.parse(String(stderr.trim().split("\n").at(-1))).error).toMatchObject({
      code: "file_exists",
      exit_code: 1,
      hints: [expect.stringMatching(/^Save it with: filmgate download task_\w{26} PATH$/)],
    });
  });

  it("a place where another file lies is refused before the video that is to lie there is waited for", async () => {
    await writeFile(join(folder, "taken.mp4"), "mine");
    const words = ["wait", await order(world.prompt("stall")), "--download", "taken.mp4"];
    expect(await filmgate(words)).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") });
  });

  it("a dry run tells the price and makes nothing", async () => {
    const prompt = world.prompt();
    const { stdout } = await succeed(["create", prompt, "--first-frame", firstFrame, "--dry-run"]);
    expect(stdout).toMatch(/^cost {5}\$0\.28\n/);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 0 });
  });

  it("a video is told, listed, published, taken down and deleted", async () => {
    const prompt = world.prompt();
    const task = await order(prompt);
    await world.untilOver(task);
    expect((await succeed(["get", task])).stdout).toMatch(/^task +task_\w+\nstatus +ready\n/);
    expect((await succeed(["get", task, "--events"])).stdout).toContain("stored");
    expect((await succeed(["list", "--limit", "1"])).stdout).toContain(prompt);
    const address = (await succeed(["publish", task, "--origin", "https://example.com"])).stdout.trim();
    expect((await fetch(address)).status).toBe(200);
    expect((await fetch(address, { headers: { origin: "https://other.example.com" } })).status).toBe(403);
    await succeed(["unpublish", task]);
    expect((await fetch(address)).status).toBe(404);
    expect((await succeed(["delete", task, "--yes"])).stdout).toContain("were deleted");
    expect(await filmgate(["get", task])).toMatchObject({ code: 3 });
  });

  it("a cancelled one is retried, once, and the cost is told", async () => {
    const prompt = world.prompt("stall");
    const task = await order(prompt);
    expect((await succeed(["delete", task, "--yes"])).stdout).toContain("was cancelled");
    const retried = await succeed(["retry", task]);
    expect(retried.stderr).toContain("$0.28");
    expect(retried.stdout).not.toContain(task);
    expect((await succeed(["retry", task])).stdout).toBe(retried.stdout);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 2 });
  });

  it("models and money are tables", async () => {
    expect((await succeed(["models"])).stdout).toMatch(
      /^model +from +size +seconds +price +usually\nMiniMax-/,
    );
    expect((await succeed(["usage"])).stdout).toMatch(/^account default\n +charged +reserved/);
  });

  it("pages of the list follow one another, and --all has them in one", async () => {
    const all = JSON.parse((await succeed(["list", "--all", "--json"])).stdout) as {
      data: Video[];
      has_more: boolean;
    };
    const page = await succeed(["list", "--limit", "2"]);
    expect(page.stderr).toContain(`--after ${all.data[1]?.id} shows the next`);
    const next = await succeed(["list", "--limit", "1", "--after", String(all.data[1]?.id)]);
    expect(next.stdout).toContain(all.data[2]?.id);
    expect(all.has_more).toBe(false);
  });

  it("a reader that has had enough is no error", async () => {
    const line = `"${process.execPath}" "${cli.program}" list --all | head -c 5`;
    const { stdout, stderr } = await run("bash", ["-o", "pipefail", "-c", line], { env: cli.environment });
    expect([stdout, stderr]).toEqual(["task ", ""]);
  });

  it("nobody who listens to progress is no reason to leave off, and to say that all is done", async () => {
    const child = spawn(process.execPath, [cli.program, "create", world.prompt("late=2"), "--wait"], {
      env: cli.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.destroy();
    const [stdout, code] = await Promise.all([
      text(child.stdout),
      new Promise((resolve) => child.on("close", resolve)),
    ]);
    expect(stdout).toMatch(/^https?:/);
    expect(code).toBe(0);
  });

  it("SIGTERM ends the waiting as Ctrl-C does, with a code of its own", async () => {
    const words = ["create", world.prompt("late=3"), "--wait"];
    const { code, stdout, stderr } = await filmgate(words, { signalAt: ["making it", "SIGTERM"] });
    expect([code, stdout, stderr]).toEqual([143, "", expect.stringMatching(/filmgate wait task_/)]);
    const told = await filmgate([...words, "--json"], { signalAt: ["making it", "SIGTERM"] });
    expect(JSON.parse(told.stderr.trim().split("\n").at(-1) ?? "")).toMatchObject({
      error: {
        code: "terminated",
        exit_code: told.code,
        hints: [expect.stringContaining("filmgate wait task_")],
      },
    });
  });

  it("--quiet says nothing but the answer", async () => {
    expect(await succeed(["create", world.prompt(), "--wait", "--quiet"])).toMatchObject({ stderr: "" });
  });
});

describe("with --json", () => {
  it("the answer is the server's object, and standard error has one object a line", async () => {
    const { stdout, stderr } = await succeed(["create", world.prompt(), "--wait", "--json"]);
    const video = JSON.parse(stdout) as Video;
    expect({ ...(await world.video(video.id)), download_url: "", download_url_expires_at: 0 }).toEqual({
      ...video,
      download_url: "",
      download_url_expires_at: 0,
    });
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.some((line) => "notice" in line) && lines.some((line) => "progress" in line)).toBe(true);
  });

  it.each([
    ["create", () => ["create", world.prompt()], { object: "video", task_id: expect.any(String) }],
    [
      "a dry run",
      () => ["create", "Waves", "--dry-run"],
      { object: "video.quote", estimated_cost_usd: 0.28 },
    ],
    ["list", () => ["list", "--limit", "1"], { object: "list", data: [{ object: "video" }] }],
    ["models", () => ["models", "T2V-01"], { id: "T2V-01", object: "model" }],
    ["usage", () => ["usage"], { object: "usage", account: { name: "default" } }],
  ])("%s answers as the server did", async (_what, words, object) => {
    expect(JSON.parse((await succeed([...words(), "--json"])).stdout)).toMatchObject(object);
  });

  it("a refusal is an object, too, and what was wrong with the words", async () => {
    const refused = await filmgate(["get", nobody, "--json"]);
    expect(refused.stdout).toBe("");
    expect(JSON.parse(refused.stderr).error).toMatchObject({ code: "not_found", status: 404, exit_code: 3 });
    const wrong = await filmgate(["get", "--json"]);
    expect(JSON.parse(wrong.stderr).error).toMatchObject({ code: "invalid_usage", exit_code: 2 });
  });
});

describe("in a terminal", () => {
  const sequence = "\u001b[";
  /** A line that is taken back, for another to stand there. */
  const redrawn = "\\r\\u001b\\[2K";
  const terminal = (words: readonly string[], about: Parameters<CommandLine["runInTerminal"]>[1] = {}) =>
    cli.runInTerminal(words, { cwd: folder, ...about });

  it("one line of frames fills, and is gone when the answer stands there", async () => {
    const { code, screen } = await terminal(["create", world.prompt("late=3"), "--wait"]);
    expect(code).toBe(0);
    expect(screen).toMatch(new RegExp(`${redrawn}  .*▯.*  MiniMax is making it, usually 95 s`));
    expect(screen).toContain(`${sequence}36m▮`);
    expect(screen.split("\n").filter((line) => line.includes("▯"))).toHaveLength(1);
    expect(screen).toMatch(new RegExp(`${redrawn}http:\\S+\\r\\n$`));
  });

  it("NO_COLOR keeps the line and drops the colours; a dumb terminal has neither", async () => {
    const plain = await terminal(["create", world.prompt(), "--wait"], { env: { NO_COLOR: "1" } });
    expect(plain.screen).toContain("▯");
    expect(plain.screen).not.toContain(`${sequence}36m`);
    expect(plain.screen).not.toContain(`${sequence}2m`);
    const dumb = await terminal(["create", world.prompt(), "--wait"], { env: { TERM: "dumb" } });
    expect(dumb.code).toBe(0);
    expect(dumb.screen).not.toContain("\u001b");
  });

  it.each([
    [80, /^task +status +cost +what it is$/],
    [160, /^task +status +model +size +length +cost +ordered +what it is$/],
  ])(
    "%d columns wide, the list is as wide as it, and tells what there is room for",
    async (columns, head) => {
      await order(`${world.prompt()} ${"a long prompt ".repeat(20)}`);
      const { screen } = await terminal(["list", "--limit", "3"], { columns, env: { NO_COLOR: "1" } });
      const lines = screen.trimEnd().split("\r\n");
      expect(lines[0]).toMatch(head);
      expect([...(lines[1] ?? "")].length).toBe(columns);
    },
  );

  it("delete asks, says what it means for the money, and does nothing unless it is told yes", async () => {
    const task = await order();
    await world.untilOver(task);
    const no = await terminal(["delete", task], { answers: [["[y/N]", "\r"]] });
    expect(no.code).toBe(1);
    expect(no.screen).toContain("$0.28 charged");
    expect((await world.video(task)).status).toBe("completed");
    const yes = await terminal(["delete", task], { answers: [["[y/N]", "y\r"]] });
    expect(yes.code).toBe(0);
    expect(await filmgate(["get", task])).toMatchObject({ code: 3 });
  });

  it("Ctrl-C ends the waiting and not the video, and says how to go on", async () => {
    const prompt = world.prompt("late=3");
    const { code, screen } = await terminal(["create", prompt, "--wait"], {
      answers: [["making it", "\u0003"]],
    });
    expect(code).toBe(130);
    const [, task = ""] = /filmgate wait (task_\w+)/.exec(screen) ?? [];
    expect((await succeed(["wait", task])).stdout).toMatch(/^http/);
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });

  it("a video that was finished while the question stood is not deleted by a yes to its cancelling", async () => {
    const server = await startServer();
    const made = await world.video(await order());
    const answers = (["in_progress", "completed"] as const).map((status) => ({ ...made, status }));
    server.tell(...answers.map((video) => ({ status: 200, body: JSON.stringify(video) })));
    const { code, screen } = await terminal(["delete", made.id], {
      env: { FILMGATE_URL: server.url },
      answers: [
        ["which is being made?", "y\r"],
        ["with its file?", "\r"],
      ],
    });
    expect([code, screen]).toEqual([1, expect.stringContaining("Nothing was done.")]);
    expect(server.seen.map(({ method }) => method)).toEqual(["GET", "GET"]);
    await server.stop();
  });

  it("the end of input at a question is a no", async () => {
    const task = await order();
    await world.untilOver(task);
    const { code, screen } = await terminal(["delete", task], { answers: [["[y/N]", "\u0004"]] });
    expect([code, screen]).toEqual([1, expect.stringMatching(/\[y\/N\] \r\n.*Nothing was done\./)]);
    expect((await world.video(task)).status).toBe("completed");
  });

  it("Ctrl-C at a question does nothing", async () => {
    const task = await order();
    await world.untilOver(task);
    expect(await terminal(["delete", task], { answers: [["[y/N]", "\u0003"]] })).toMatchObject({ code: 130 });
    expect((await world.video(task)).status).toBe("completed");
  });

  it("a video is no text: it is not written to a terminal", async () => {
    const { code, screen } = await terminal(["download", "file_x", "-"]);
    expect([code, screen]).toEqual([2, expect.stringContaining("A video is no text")]);
  });

  it("nothing that a server says moves the cursor or colours the screen", async () => {
    const server = await startServer();
    const evil = "\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e";
    const video = {
      ...(await world.video(await order())),
      id: `task_${evil}`,
      prompt: evil,
      metadata: { [evil]: evil },
    };
    const env = { FILMGATE_URL: server.url, NO_COLOR: "1" };
    for (const words of [["get", "x"], ["get", "x", "--json"], ["list"]]) {
      const body = words[0] === "list" ? { object: "list", data: [video], has_more: false } : video;
      server.tell({ status: 200, body: JSON.stringify(body) });
      const { code, screen } = await terminal(words, { env });
      expect([code, words]).toEqual([0, words]);
      expect(screen.replace(/\r\n/g, "")).not.toMatch(/[\p{Cc}\u202e]/u);
    }
    server.tell({
      status: 404,
      body: JSON.stringify({ error: { message: evil, code: evil, type: "", param: null } }),
    });
    const refused = await terminal(["get", "x"], { env });
    expect(refused.code).toBe(3);
    expect(refused.screen.replace(/\r\n/g, "")).not.toMatch(/[\p{Cc}\u202e]/u);
    await server.stop();
  });
});

describe("the exit code", () => {
  const unreachable = { FILMGATE_URL: "http://127.0.0.1:9" };
  const rows: [
    what: string,
    words: () => Promise<string[]> | string[],
    about: About,
    code: ExitCode,
    says: string,
  ][] = [
    ["the help", () => ["--help"], {}, 0, ""],
    ["no key", () => ["list"], { env: { FILMGATE_API_KEY: "" } }, 2, "set FILMGATE_API_KEY"],
    ["no address", () => ["list"], { env: { FILMGATE_URL: "" } }, 2, "set FILMGATE_URL"],
    ["an address that is none", () => ["list", "--url", "example"], {}, 2, "set FILMGATE_URL"],
    ["a wrong word", () => ["list", "--limt", "3"], {}, 2, "Unknown: --limt"],
    ["nothing to order", () => ["create"], {}, 2, "give a prompt"],
    [
      "a picture that is not there",
      () => ["create", "A", "--first-frame", "no.jpg"],
      {},
      2,
      "there is no such file",
    ],
    ["nobody to be asked", () => ["delete", nobody], {}, 2, "give --yes"],
    ["no admin's key", () => ["keys", "list"], {}, 2, "FILMGATE_ADMIN_KEY"],
    ["no such video", () => ["wait", nobody], {}, 3, "There is no such task."],
    ["an order that is not possible", () => ["create", "A", "--model", "Hailuo"], {}, 3, "model"],
    ["a limit on the cost", () => ["create", "A", "--max-cost", "0.1"], {}, 3, "max_cost_usd"],
    [
      "a key that is none",
      () => ["list"],
      { env: { FILMGATE_API_KEY: "mql_default_x" } },
      3,
      "unknown or was revoked",
    ],
    ["a refused prompt", () => ["create", world.prompt("refuse=1026")], {}, 4, "content_refused"],
    [
      "a video that failed",
      () => ["create", world.prompt("fail=1027"), "--wait"],
      {},
      4,
      "content_moderated",
    ],
    [
      "a download of a failed one",
      async () => {
        const task = await order(world.prompt("fail=1027"));
        await world.untilOver(task);
        return ["download", task];
      },
      {},
      4,
      "content_moderated",
    ],
    ["nobody there", () => ["list"], { env: unreachable }, 5, "got no answer"],
    [
      "a wait that ended",
      async () => ["wait", await order(world.prompt("stall")), "--timeout", "1"],
      {},
      5,
      "The video goes on by itself",
    ],
    [
      "a video that is not there yet",
      async () => ["download", await order(world.prompt("stall"))],
      {},
      5,
      "--download",
    ],
    ["a lock that lacks a video", () => ["ensure", "site.json", "--frozen"], {}, 6, "$0.28"],
    ["a lock that is none", () => ["ensure", "site.json", "--lock", "site.json"], {}, 6, "lock_unreadable"],
    [
      "a folder that is not there",
      () => ["download", "task_ready", "no/where/a.mp4"],
      {},
      1,
      "its folder is not there",
    ],
  ];
  let ready: string;
  beforeAll(async () => {
    await writeFile(join(folder, "site.json"), JSON.stringify([{ model, prompt: "Not made" }]));
    ready = await order();
    await world.untilOver(ready);
  });

  it.each(rows)("for %s is told by its table", async (_what, words, about, code, says) => {
    const given = (await words()).map((word) => (word === "task_ready" ? ready : word));
    const ran = await filmgate(given, about);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(says)]);
    if (code !== 0) expect(ran.stdout).toBe("");
  });

  it("is met here in every kind, but for those of a run that is ended from outside", () => {
    const met = new Set(rows.map(([, , , code]) => String(code)));
    expect(Object.keys(exitCodes).filter((code) => !met.has(code))).toEqual(["130", "143"]);
  });
});

describe("an answer that was lost", () => {
  it("leaves the key by which the same order is asked for again, and paid once", async () => {
    const proxy = await startProxy(world.url);
    proxy.faults.push("drop after", "drop after", "drop after", "drop after");
    const prompt = world.prompt();
    const lost = await filmgate(["create", prompt], { env: { FILMGATE_URL: proxy.url } });
    expect(lost).toMatchObject({ code: 5, stdout: "" });
    const [, key = ""] = /--idempotency-key (\S+)/.exec(lost.stderr) ?? [];
    const { stdout } = await succeed(["create", prompt, "--idempotency-key", key]);
    expect(await world.video(stdout.trim())).toMatchObject({ prompt });
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
    await proxy.stop();
  });
});

describe("a download", () => {
  const film = randomBytes(300_000);
  let server: Awaited<ReturnType<typeof startFilmServer>>;
  beforeAll(async () => {
    server = await startFilmServer(film);
  });
  afterAll(() => server.stop());
  const save = (name: string, about: About = {}, ...more: string[]) =>
    filmgate(["download", "file_film", name, ...more], { env: { FILMGATE_URL: server.url }, ...about });
  const parts = async () => (await readdir(folder)).filter((name) => name.endsWith(".part"));

  it("whose process was killed is carried on by the next", async () => {
    server.tell({ hangAfter: 200_000 });
    const killed = await save("killed.mp4", { signalAt: ["saving, ", "SIGKILL"] });
    expect(killed.code).not.toBe(0);
    expect(await parts()).toHaveLength(1);
    server.tell();
    const next = await save("killed.mp4");
    expect(next).toMatchObject({ code: 0, stdout: "killed.mp4\n" });
    expect(next.stderr).toContain("Going on behind");
    expect(server.asked[0]?.headers.range).toMatch(/^bytes=[1-9]\d+-$/);
    expect((await readFile(join(folder, "killed.mp4"))).equals(film)).toBe(true);
    expect(await parts()).toEqual([]);
  });

  it("that was interrupted says what is kept, and how it is carried on", async () => {
    server.tell({ hangAfter: 200_000 });
    const { code, stderr } = await save("interrupted.mp4", { signalAt: ["saving, ", "SIGINT"] });
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /kept in interrupted\.mp4\.\w+\.part\. Carry it on with: filmgate download file_film/,
    );
    server.tell();
    expect((await save("interrupted.mp4")).code).toBe(0);
  });

  describe("of a create", () => {
    const env = () => ({ FILMGATE_URL: server.url });
    const create = (path: string, about: About = {}, ...more: string[]) =>
      filmgate(["create", "Waves", "--download", path, ...more], { env: env(), ...about });
    /** Does what it says, as it says it. */
    const follow = (line: string) => filmgate(line.split(" ").slice(1), { env: env() });
    const carriesOn = /filmgate download task_film \S+/;

    it("whose saving broke off names the line that saves that video, and no line that orders another", async () => {
      server.tell({ hangAfter: 200_000 });
      const { code, stderr } = await create("ours.mp4", { signalAt: ["saving, ", "SIGINT"] });
      expect([code, server.orders.length]).toEqual([130, 1]);
      expect(stderr).not.toMatch(/same command|filmgate create/);
      server.tell();
      const saved = await follow(String(carriesOn.exec(stderr)));
      expect(saved).toMatchObject({ code: 0, stderr: expect.stringContaining("Going on behind") });
      expect((await readFile(join(folder, "ours.mp4"))).equals(film)).toBe(true);
      expect(server.orders).toEqual([]);
    });

    it("says how it is saved also with --quiet, and whatever went wrong", async () => {
      server.tell("other bytes");
      const { code, stderr } = await create("corrupt.mp4", {}, "--quiet");
      expect(code).toBe(1);
      expect(stderr).toContain("  Get it again with: filmgate download task_film corrupt.mp4\n");
    });
  });

  it("that breaks off goes on by itself", async () => {
    server.tell({ cutAfter: 100_000 });
    const { code, stderr } = await save("broken.mp4");
    expect([code, stderr]).toEqual([0, expect.stringContaining("of 300000 bytes are there, going on.")]);
  });

  it("of other bytes is refused with exit code 1, and leaves nothing", async () => {
    server.tell("other bytes");
    const { code, stderr } = await save("wrong.mp4");
    expect([code, stderr]).toEqual([1, expect.stringContaining("its SHA-256 is another")]);
    expect((await readdir(folder)).filter((name) => name.startsWith("wrong"))).toEqual([]);
  });

  it("is not made twice, and replaces another file only with --force", async () => {
    server.tell();
    await save("same.mp4");
    const again = await save("same.mp4");
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("is there already")]);
    expect(server.asked).toHaveLength(1);
    await writeFile(join(folder, "same.mp4"), "mine");
    expect(await save("same.mp4")).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") });
    expect(await readFile(join(folder, "same.mp4"), "utf8")).toBe("mine");
    expect((await save("same.mp4", {}, "--force")).code).toBe(0);
    expect((await readFile(join(folder, "same.mp4"))).equals(film)).toBe(true);
  });
});

describe("filmgate.json", () => {
  /** A folder with one in it, and perhaps other JSON files. */
  const siteWith = async (value: object, files: Record<string, object> = {}) => {
    const site = await mkdtemp(join(folder, "configured-"));
    await mkdir(join(site, "orders"));
    for (const [name, content] of Object.entries({ "filmgate.json": value, ...files })) {
      await writeFile(join(site, name), JSON.stringify(content));
    }
    return site;
  };

  it("--no-publish wins over the defaults, in create and in ensure", async () => {
    const defaults = { model, publish: { title: "T" } };
    const own = { prompt: world.prompt() };
    const named = { model, prompt: world.prompt(), publish: { title: "N" } };
    const site = await siteWith({ defaults, orders: { own } }, { "videos.json": { named } });
    const created = await succeed(["create", world.prompt(), "--no-publish"], { cwd: site });
    expect(await world.video(created.stdout.trim())).toMatchObject({ publication: null });
    for (const words of [[], ["videos.json"]]) {
      const { stdout } = await succeed(["ensure", ...words, "--no-publish", "--json"], { cwd: site });
      expect(JSON.parse(stdout).data).toMatchObject([{ source: "created", url: null, publish: null }]);
    }
  });

  it("an order of a named file is the same order for the command line and for ensureNamed, whatever it says", async () => {
    const videos = { hero: { model, prompt: world.prompt() } };
    const site = await siteWith({ defaults: { resolution: "1080P" } }, { "videos.json": videos });
    await succeed(["ensure", "videos.json"], { cwd: site });
    const options = { lock: join(site, "videos.lock.json"), frozen: true, baseUrl: world.url };
    const { videos: shown } = await ensureNamed(videos, options);
    expect(shown.hero?.order).toEqual(videos.hero);

    const { model: _, ...hero } = videos.hero;
    await writeFile(join(site, "videos.json"), JSON.stringify({ hero }));
    const refused = await filmgate(["ensure", "videos.json"], { cwd: site });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("an object with a model")]);
    await expect(ensureNamed({ hero } as never, options)).rejects.toThrow("an object with a model");
  });

  it("a default's picture lies beside it, wherever the order does", async () => {
    const prompt = world.prompt();
    const defaults = { first_frame_image: "./first.jpg" };
    const site = await siteWith({ defaults, orders: { own: { prompt } } }, { "orders/a.json": { prompt } });
    const create = () => filmgate(["create", "--order", "orders/a.json"], { cwd: site });
    const missing = await create();
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("filmgate.json 'file:")]);
    await copyFile(firstFrame, join(site, "first.jpg"));
    expect(await create()).toMatchObject({ code: 0 });
    const ensured = await succeed(["ensure", "--lock", "orders/videos.lock.json"], { cwd: site });
    expect(ensured.stderr).toContain("1 created");
    const { tasks } = await world.ledger(prompt);
    const picture = sha256(await readFile(firstFrame));
    expect(tasks.map(({ first_frame_sha256: sent }) => sent)).toEqual(tasks.map(() => picture));
  });

  it("a lock may have an absolute path", async () => {
    const lock = join(folder, "absolute.lock.json");
    const site = await siteWith({ lock, orders: [{ prompt: world.prompt() }] });
    const { code, stderr } = await filmgate(["ensure", "--frozen"], { cwd: site });
    expect([code, stderr]).toEqual([6, expect.stringContaining(`not in ${lock} as ordered`)]);
  });

  it("tells address, defaults and orders; environment and options win over it; a key in it is refused", async () => {
    const site = join(folder, "site");
    await mkdir(join(site, "pages"), { recursive: true });
    const value = { url: world.url, defaults: { resolution: "1080P", metadata: { site: "a" } } };
    await writeFile(join(site, "filmgate.json"), JSON.stringify(value));
    const about = { cwd: join(site, "pages"), env: { FILMGATE_URL: "" } };
    const quote = (words: string[], env = {}) =>
      filmgate(["create", "A", "--dry-run", ...words], { ...about, env: { ...about.env, ...env } });
    expect((await quote([])).stdout).toContain("1080P");
    expect((await quote(["--resolution", "768P"])).stdout).toContain("768P");
    expect((await quote([], { FILMGATE_URL: "http://127.0.0.1:9" })).code).toBe(5);
    await writeFile(join(site, "filmgate.json"), JSON.stringify({ ...value, api_key: world.key }));
    const refused = await quote([]);
    expect([refused.code, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain("'api_key' holds a key");
    expect(refused.stderr).not.toContain(world.key);
  });
});

describe("ensure", () => {
  it("makes a site's videos once; after that the lock answers, without a key and without a request", async () => {
    const site = await mkdtemp(join(folder, "ensure-"));
    const [one, two] = [world.prompt(), world.prompt()];
    await writeFile(
      join(site, "filmgate.json"),
      JSON.stringify({ orders: { hero: { prompt: one }, about: { prompt: two, take: 2 } } }),
    );
    const frozen = await filmgate(["ensure"], { cwd: site, env: { CI: "true" } });
    expect(frozen).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("$0.56") });
    const dear = await filmgate(["ensure", "--max-cost", "0.5"], { cwd: site });
    expect(dear).toMatchObject({ code: 3, stderr: expect.stringMatching(/--max-cost: 2 videos .*\$0\.56/) });

    const made = await succeed(["ensure"], { cwd: site });
    expect(made.stderr).toContain("2 videos: 0 from the lock, 0 joined, 2 created, $0.56 in all.");
    const [, url = ""] = /^hero +created +\$0\.28 +(\S+)$/m.exec(made.stdout) ?? [];
    expect((await fetch(url)).status).toBe(200);

    const nothing = { cwd: site, env: { FILMGATE_API_KEY: "", FILMGATE_URL: "" } };
    const again = await succeed(["ensure", "--frozen", "--json"], nothing);
    expect(JSON.parse(again.stdout)).toMatchObject({
      object: "ensured",
      from_lock: 2,
      created: 0,
      cost_usd: 0,
      data: [{ name: "hero", url, source: "lock" }, { name: "about" }],
    });
    for (const prompt of [one, two])
      expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
    await succeed(["ensure", "--frozen", "--verify"], { cwd: site });
  });

  it("gives a picture on a slow line as long as create does", async () => {
    const site = await mkdtemp(join(folder, "ensure-"));
    const prompt = world.prompt();
    // On a line of 64 kbit/s it takes 100 s.
    const picture = Buffer.concat([await readFile(firstFrame), randomBytes(800_000)]);
    await writeFile(join(site, "large.jpg"), picture);
    const orders = { hero: { model, prompt, first_frame_image: "./large.jpg" } };
    await writeFile(join(site, "videos.json"), JSON.stringify(orders));
    const proxy = await startProxy(world.url);
    proxy.faults.push("slowly", "slowly");
    // The program lives twenty times faster: the 30 s of any other request are half of what the line takes.
    const hurry = `const set = globalThis.setTimeout; globalThis.setTimeout = (act, ms, ...more) => set(act, ms / 20, ...more);`;
    const env = {
      FILMGATE_URL: proxy.url,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hurry)}`,
    };
    await succeed(["ensure", "videos.json"], { cwd: site, env });
    const sent = proxy.seen.filter(({ method }) => method === "POST").map(({ path }) => path);
    expect(sent).toEqual(["/v1/videos/generations", "/v1/files", "/v1/videos/generations"]);
    const [task] = (await world.ledger(prompt)).tasks;
    expect(task?.first_frame_sha256).toBe(sha256(picture));
    await proxy.stop();
  });

  it("that is interrupted goes on with what it ordered", async () => {
    const site = await mkdtemp(join(folder, "ensure-"));
    // Long enough for the first word of how it is doing.
    const prompt = world.prompt("late=12");
    await writeFile(join(site, "orders.json"), JSON.stringify({ model, prompt }));
    const { code, screen } = await cli.runInTerminal(["ensure", "orders.json"], {
      cwd: site,
      answers: [["making it", "\u0003"]],
    });
    expect([code, screen]).toEqual([130, expect.stringContaining("videos.lock.json")]);
    expect((await succeed(["ensure", "orders.json"], { cwd: site })).stderr).toContain("1 joined");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
  });
});

describe("keys", () => {
  it("are made, listed, changed and revoked; the key stands alone on standard output", async () => {
    const about = { env: { FILMGATE_ADMIN_KEY: localSettings.ADMIN_KEY } };
    const made = await succeed(["keys", "create", "of the cli", "--per-day", "1"], about);
    const key = made.stdout.trim();
    expect(key).toMatch(/^mql_default_/);
    expect(made.stderr).not.toContain(key);
    const [, id = ""] = /It is (key_\w+)/.exec(made.stderr) ?? [];
    expect((await succeed(["list"], { env: { FILMGATE_API_KEY: key } })).code).toBe(0);
    await succeed(["keys", "change", id, "--per-day", "none", "--per-month", "2.5"], about);
    expect((await succeed(["keys", "list"], about)).stdout).toMatch(
      new RegExp(`${id} +secret +none +\\$2\\.50 .*of the cli`),
    );
    await succeed(["keys", "revoke", id, "--yes"], about);
    expect(await filmgate(["create", "A"], { env: { FILMGATE_API_KEY: key } })).toMatchObject({ code: 3 });
    expect(await filmgate(["keys", "list"], { env: { FILMGATE_ADMIN_KEY: "x".repeat(20) } })).toMatchObject({
      code: 3,
    });
  });
});

describe("completion", () => {
  const ask = async (...words: string[]) =>
    (await succeed(["--get-yargs-completions", "filmgate", ...words])).stdout.trim().split("\n");

  it.each([
    ["commands", ["cr"], "create"],
    ["commands of a family", ["keys", ""], "revoke"],
    ["options", ["create", "--first"], "--first-frame"],
    ["models", ["create", "--model", "MiniMax-H"], "MiniMax-H3-Max"],
    ["choices", ["list", "--status", ""], "in_progress"],
  ])("knows %s", async (_what, words, word) => {
    expect(await ask(...words)).toContain(word);
  });

  it("works in bash, with the script that it prints", async () => {
    const script = `
      filmgate() { "${process.execPath}" "${cli.program}" "$@"; }
      eval "$(filmgate completion)"
      COMP_WORDS=(filmgate create --resolution 7) COMP_CWORD=3
      _filmgate_yargs_completions
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["--norc", "-c", script], {
      env: { ...cli.environment, SHELL: "/bin/bash" },
    });
    expect(stdout).toBe("720P\n768P\n");
  });

  it("has a script for zsh where that is the shell", async () => {
    const { stdout } = await succeed(["completion"], { env: { SHELL: "/bin/zsh" } });
    expect(stdout).toMatch(/^#compdef filmgate\n/);
    expect(
      await succeed(["--get-yargs-completions", "filmgate", "wa"], { env: { SHELL: "/bin/zsh" } }),
    ).toMatchObject({
      stdout: expect.stringMatching(/^wait:Wait until a video is there/m),
    });
  });
});

describe("the help", () => {
  it.each(commands.map(({ name, about }) => [name, about]))(
    "of %s is printed, and needs no key",
    async (name, about) => {
      const ran = await filmgate([...name.split(" "), "--help"], {
        env: { FILMGATE_API_KEY: "", FILMGATE_URL: "" },
      });
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(ran.stdout.replace(/\s+/g, " ")).toContain(about);
    },
  );
});
