/** docs/serving.md, row by row: curl asks the real Worker, and gets that status, those headers and those bytes. */

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Publication } from "../../src/contract.ts";
import { type Addresses, endOfMoov, makeAddresses } from "./serving-addresses.ts";
import { type Answer, fill, kinds, promisedBy, readRows, toldOf } from "./serving-rows.ts";
import { startWorld, type World } from "./world.ts";

const run = promisify(execFile);
let world: World;
let addresses: Addresses;
let folder: string;
beforeAll(async () => {
  await run("curl", ["--version"]).catch(() => {
    throw new Error("No curl was found. Install it (Debian: apt-get install curl).");
  });
  folder = await mkdtemp(join(tmpdir(), "filmgate-serving-"));
  world = await startWorld({ callbacks: "reachable" });
  addresses = await makeAddresses(world, { site: "https://site.example", other: "https://other.example" });
});
afterAll(async () => {
  await world?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** Asks as curl does, with these headers and no settings of this machine's user. */
async function curl(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [head, body] = [join(folder, "head"), join(folder, "body")];
  await rm(body, { force: true });
  const sent = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
  await run("curl", [
    ...["--disable", "--silent", "--show-error", "--noproxy", "*", "--path-as-is"],
    ...["--dump-header", head, "--output", body, ...sent],
    ...(method === "HEAD" ? ["--head"] : ["--request", method]),
    url,
  ]);
  const [first = "", ...lines] = (await readFile(head, "utf8")).trim().split("\r\n");
  const answered = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  // With --head curl writes the head where the body would be.
  const bytes = method === "HEAD" ? new Uint8Array() : await readFile(body).catch(() => new Uint8Array());
  return { status: Number(first.split(" ")[1]), headers: answered, body: new Uint8Array(bytes) };
}

describe("docs/serving.md", () => {
  for (const [heading, rows] of readRows()) {
    describe(heading, () => {
      it.each(
        rows.map(
          (row) =>
            [`${row.title}: ${row.method} {${row.address}} ${JSON.stringify(row.request)}`, row] as const,
        ),
      )("%s", async (_title, row) => {
        const address = addresses.addressOf(row.address);
        const sent = Object.entries(row.request).map(([name, value]) => [name, fill(value, address.values)]);
        const answer = await curl(row.method, address.url, Object.fromEntries(sent));
        const promised = promisedBy(row, address, addresses.fileOf(row.address));
        expect(toldOf(answer, row, address)).toEqual(promised);
      });
    });
  }

  it("has a table under each heading that has one, for every kind of answer and address", () => {
    const rows = [...readRows()];
    expect(rows.map(([heading]) => heading)).toEqual([
      "The file",
      "Ranges",
      "Conditions",
      "Links that do not open",
      "Addresses that do not play, or not for everybody",
    ]);
    const all = rows.flatMap(([, some]) => some);
    expect(new Set(all.map(({ status }) => status))).toEqual(
      new Set([200, 204, 206, 304, 403, 404, 410, 412, 416]),
    );
    const words = ["link", "saved", "named", "expired", "altered", "unsigned", "gone", "public", "limited"];
    expect(new Set(all.map(({ address }) => address))).toEqual(
      new Set([...words, "making", "failed", "ended", "down"]),
    );
    expect(kinds).toHaveLength(4);
    // What the page is for.
    expect(all.filter(({ request }) => request.range === "bytes=0-1").length).toBeGreaterThan(1);
  });

  it.each([
    ["a row without a request", "| x | nothing | 200 | | all |", "has no request"],
    ["a status that is none", "| x | `GET {link}` | ok | | all |", "is no status"],
    ["a header that is half said", "| x | `GET {link}` | 200 | `etag` | all |", "is no header"],
    ["words among the headers", "| x | `GET {link}` | 200 | mostly `etag: x` | all |", "is no header"],
    ["a body that is none", "| x | `GET {link}` | 200 | | some of it |", "is no body"],
    ["no row", "", "is empty"],
  ])("is refused with %s", (_title, row, problem) => {
    const table = `## A heading\n\n| what | request | status | headers | body |\n|---|---|---|---|---|\n${row}`;
    expect(() => readRows(table)).toThrow(problem);
  });
});

it("scripts may read the headers that the page says", () => {
  const said = ["accept-ranges", "content-disposition", "content-length", "content-range", "etag"];
  expect(addresses.exposed.split(",")).toEqual(
    expect.arrayContaining([...said, "last-modified", "retry-after"]),
  );
});

it("the first bytes prove fast start: moov comes before mdat", async () => {
  const { url } = addresses.addressOf("link");
  const { body } = await curl("GET", url, { range: "bytes=0-65535" });
  expect(endOfMoov(body)).toBeLessThan(body.byteLength);
});

it("a published address and its ETag are the same in two builds, and after a take-down", async () => {
  const publish = () =>
    world.call<Publication>("POST", `/v1/videos/${addresses.taskId}/publish`, { title: "Built" });
  const first = (await publish()).body;
  const second = (await publish()).body;
  expect(second).toEqual(first);
  expect(first.url).toBe(addresses.addressOf("public").url);
  const before = await curl("HEAD", first.url);
  expect((await world.call("DELETE", `/v1/videos/${addresses.taskId}/publish`)).status).toBe(200);
  expect((await curl("GET", first.url, { "if-none-match": String(before.headers.get("etag")) })).status).toBe(
    404,
  );
  expect((await publish()).body).toEqual(first);
  const after = await curl("GET", first.url, { "if-none-match": String(before.headers.get("etag")) });
  expect([after.status, after.headers.get("etag")]).toEqual([304, before.headers.get("etag")]);
});
