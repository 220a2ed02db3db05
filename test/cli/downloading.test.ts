/** Saving a video over connections that break, links that end and servers that lie: whole and checked, or not at all. */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { download } from "../../src/cli/downloading.ts";
import { isThere, PartFile, StreamSink, targetOf } from "../../src/cli/part-file.ts";
import { type Misdeed, startFilmServer } from "./film-server.ts";

const film = randomBytes(200_000);
let server: Awaited<ReturnType<typeof startFilmServer>>;
let folder: string;
beforeAll(async () => {
  server = await startFilmServer(film);
});
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-download-"));
});
afterEach(() => rm(folder, { recursive: true }));

const options = () => ({
  renew: async () => server.promise(),
  onBytes: () => {},
  onTrouble: () => {},
  signal: new AbortController().signal,
  firstPauseMs: 1,
});
/** As the command does it, and the name that the part has meanwhile. */
async function save(target = join(folder, "film.mp4"), isForced = false): Promise<string> {
  const promised = server.promise();
  const part = await PartFile.open(target, promised);
  try {
    await download(promised, part, options());
    await part.finish(promised, isForced);
  } catch (error) {
    await part.leave();
    throw error;
  }
  return part.path;
}
const partName = () => `film.mp4.${server.promise().sha256.slice(0, 16)}.part`;
/** What was asked for: all of it, or the rest of it. */
const ranges = () => server.asked.map(({ headers }) => (headers.range === undefined ? "all" : "rest"));

describe("a video", () => {
  it.each<[string, Misdeed[], string[]]>([
    ["comes in one piece", [], ["all"]],
    [
      "is carried on where it broke off",
      [{ cutAfter: 70_000 }, { cutAfter: 30_000 }],
      ["all", "rest", "rest"],
    ],
    ["begins anew where ranges are not heeded", [{ cutAfter: 70_000 }, "whole"], ["all", "rest"]],
    ["begins anew if another part comes", [{ cutAfter: 70_000 }, "wrong part"], ["all", "rest", "all"]],
    ["begins anew if the file was replaced", [{ cutAfter: 70_000 }, "replaced"], ["all", "rest"]],
    ["is asked for again after a fault", [{ status: 502 }, { status: 503 }], ["all", "all", "all"]],
  ])("that %s is saved whole", async (_what, misdeeds, asked) => {
    server.tell(...misdeeds);
    await save();
    expect(ranges()).toEqual(asked);
    expect(await readdir(folder)).toEqual(["film.mp4"]);
    expect((await readFile(join(folder, "film.mp4"))).equals(film)).toBe(true);
  });

  it("is carried on only if it is the same file: If-Range names its ETag, and no other form of it is asked for", async () => {
    server.tell({ cutAfter: 70_000 });
    await save();
    expect(server.asked[1]?.headers).toMatchObject({
      "if-range": '"a"',
      // Node says it once more by itself.
      "accept-encoding": expect.stringMatching(/^identity/),
    });
  });

  it("gets a fresh link where one has ended, and goes on with it", async () => {
    server.tell({ cutAfter: 70_000 }, { status: 403 });
    await save();
    const links = server.asked.map(({ path }) => path);
    expect(new Set(links).size).toBe(2);
    expect(ranges()).toEqual(["all", "rest", "rest"]);
  });

  it("is carried on by a later run", async () => {
    await writeFile(join(folder, partName()), film.subarray(0, 150_000));
    server.tell();
    await save();
    expect(server.asked.map(({ headers }) => headers.range)).toEqual(["bytes=150000-"]);
    expect((await readFile(join(folder, "film.mp4"))).equals(film)).toBe(true);
  });

  it("needs nothing but its place if an earlier run had all of it", async () => {
    await writeFile(join(folder, partName()), film);
    server.tell();
    await save();
    expect(ranges()).toEqual([]);
    expect(await readdir(folder)).toEqual(["film.mp4"]);
  });

  it.each([
    ["is of another film", randomBytes(150_000)],
    ["is longer than the film", randomBytes(250_000)],
  ])("begins anew if what an earlier run left %s", async (_what, left) => {
    await writeFile(join(folder, partName()), left);
    server.tell();
    await save();
    expect(ranges().at(-1)).toBe("all");
    expect((await readFile(join(folder, "film.mp4"))).equals(film)).toBe(true);
  });

  it("that never comes is given up, and what there is of it stays for the next run", async () => {
    server.tell({ cutAfter: 70_000 }, ...Array.from({ length: 9 }, (): Misdeed => ({ cutAfter: 0 })));
    await expect(save()).rejects.toMatchObject({
      code: "connection_failed",
      retryable: true,
      message: expect.stringMatching(/\d{5} of 200000 bytes are there/),
    });
    expect(await readdir(folder)).toEqual([partName()]);
  });

  it("that never gets further was asked for without end, where ranges are not heeded: it is given up", async () => {
    const cuts = [90_000, 70_000, 90_000, 60_000, 80_000, 70_000, 90_000, 60_000, 80_000];
    server.tell(...cuts.map((wholeUntil): Misdeed => ({ wholeUntil })));
    await expect(save()).rejects.toMatchObject({ code: "connection_failed", retryable: true });
    expect(ranges()).toHaveLength(7);
  });

  it("that was deleted meanwhile is not asked for for ever", async () => {
    server.tell({ status: 404 });
    const promised = server.promise();
    const part = await PartFile.open(join(folder, "film.mp4"), promised);
    const renew = () => Promise.reject(new Error("not_found"));
    await expect(download(promised, part, { ...options(), renew })).rejects.toThrow("not_found");
    await part.leave();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<Misdeed>(["other bytes", "too long"])(
    "that comes with %s is refused, and nothing of it is kept",
    async (misdeed) => {
      server.tell(misdeed);
      await expect(save()).rejects.toMatchObject({ code: "corrupt_download" });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("is called off in the middle, and what came stays", async () => {
    server.tell({ hangAfter: 70_000 });
    const controller = new AbortController();
    const promised = server.promise();
    const part = await PartFile.open(join(folder, "film.mp4"), promised);
    const onBytes = (size: number) => size > 1000 && controller.abort(new Error("enough"));
    const going = download(promised, part, { ...options(), onBytes, signal: controller.signal });
    await expect(going).rejects.toThrow("enough");
    await part.leave();
    const kept = await readFile(join(folder, partName()));
    expect(kept.byteLength).toBeGreaterThan(1000);
    expect(kept.equals(film.subarray(0, kept.byteLength))).toBe(true);
  });
});

describe("its place", () => {
  it("is not taken from another file that came there meanwhile", async () => {
    const target = join(folder, "film.mp4");
    const promised = server.promise();
    server.tell();
    const part = await PartFile.open(target, promised);
    await download(promised, part, options());
    await writeFile(target, "mine");
    await expect(part.finish(promised, false)).rejects.toMatchObject({ code: "file_exists" });
    expect(await readFile(target, "utf8")).toBe("mine");
  });

  it("is shared by two runs that save the same video at one time", async () => {
    server.tell();
    await Promise.all([save(), save()]);
    expect(await readdir(folder)).toEqual(["film.mp4"]);
    expect((await readFile(join(folder, "film.mp4"))).equals(film)).toBe(true);
  });

  it("is shared by two runs that both replace what lies there", async () => {
    await writeFile(join(folder, "film.mp4"), "other");
    server.tell();
    const target = join(folder, "film.mp4");
    await Promise.all([save(target, true), save(target, true)]);
    expect(await readdir(folder)).toEqual(["film.mp4"]);
    expect((await readFile(target)).equals(film)).toBe(true);
  });

  it("is reached by a run beside which another gave up before it had a byte", async () => {
    const target = join(folder, "film.mp4");
    const promised = server.promise();
    const [part, other] = [await PartFile.open(target, promised), await PartFile.open(target, promised)];
    server.tell();
    await download(promised, part, options());
    await other.leave();
    await part.finish(promised, false);
    expect((await readFile(target)).equals(film)).toBe(true);
  });

  it("never holds what another run has begun anew, whichever is first", async () => {
    const target = join(folder, "film.mp4");
    const promised = server.promise();
    const half = film.byteLength / 2;
    const part = await PartFile.open(target, promised);
    await part.write(film.subarray(0, half));
    const other = await PartFile.open(target, promised);
    await other.startOver();
    await part.write(film.subarray(half));
    await expect(part.finish(promised, false)).rejects.toMatchObject({ code: "file_failed" });
    expect(await isThere(target, promised, false)).toBe(false);
    await other.write(film);
    const late = await PartFile.open(target, promised);
    await other.finish(promised, false);
    await late.startOver();
    expect((await readFile(target)).equals(film)).toBe(true);
    await late.leave();
    expect(await readdir(folder)).toEqual(["film.mp4"]);
  });

  it("is known to hold the video already, or another file, or nothing", async () => {
    const promised = server.promise();
    const path = (name: string) => join(folder, name);
    await writeFile(path("film"), film);
    await writeFile(path("other"), "other");
    await mkdir(path("folder"));
    expect(await isThere(path("film"), promised, false)).toBe(true);
    expect(await isThere(path("nothing"), promised, false)).toBe(false);
    expect(await isThere(path("other"), promised, true)).toBe(false);
    await expect(isThere(path("other"), promised, false)).rejects.toMatchObject({ code: "file_exists" });
    await expect(isThere(path("folder"), promised, true)).rejects.toMatchObject({ code: "file_exists" });
  });

  it.each([
    ["no path", undefined, "film.mp4", "film.mp4"],
    ["a file", "waves.mp4", "film.mp4", "waves.mp4"],
    ["a folder that is there", "there", "film.mp4", "there/film.mp4"],
    ["a folder by its slash", "new/", "film.mp4", "new/film.mp4"],
    ["a name that leads elsewhere", undefined, "../../etc/passwd", "passwd"],
    ["a name of another system", undefined, "C:\\boot.ini", "boot.ini"],
    ["a name that is none", undefined, "..", "file_film.mp4"],
    ["a name with a control character", undefined, "a\u001b[2Jb.mp4", "a[2Jb.mp4"],
  ])("is, for %s, in reach of what was typed", async (_what, path, filename, place) => {
    await mkdir(join(folder, "there"));
    expect(await targetOf(path, folder, { filename, file_id: "file_film" })).toBe(join(folder, place));
  });

  it("that cannot be is told in words", async () => {
    await expect(save(join(folder, "nowhere", "film.mp4"))).rejects.toMatchObject({
      code: "file_failed",
      message: expect.stringContaining("its folder is not there"),
    });
  });
});

describe("standard output", () => {
  const sinkOf = () => {
    const pieces: Buffer[] = [];
    const stream = {
      write(piece: Uint8Array, done: (error?: Error) => void) {
        pieces.push(Buffer.from(piece));
        done();
      },
    };
    return { pieces, sink: new StreamSink(stream as unknown as NodeJS.WritableStream) };
  };

  it("gets every byte once, over several connections", async () => {
    server.tell({ cutAfter: 70_000 });
    const { pieces, sink } = sinkOf();
    await download(server.promise(), sink, options());
    expect(Buffer.concat(pieces).equals(film)).toBe(true);
  });

  it("cannot take bytes back: what could not be carried on is an error", async () => {
    server.tell({ cutAfter: 70_000 }, ...Array.from({ length: 9 }, (): Misdeed => "whole"));
    const { sink } = sinkOf();
    await expect(download(server.promise(), sink, options())).rejects.toMatchObject({
      code: "connection_failed",
    });
  });
});
