/**
 * The client as others get it: packed, installed from the tarball into an empty project without a network, imported in
 * Node, compiled against under two module resolutions, and bundled for a browser.
 */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/worker.ts";
import { startServer } from "./server.ts";

const run = promisify(execFile);
let folder: string;
let project: string;
let packed: string[];
/** npm with an empty cache and no registry to ask. */
const npm = (cwd: string, ...words: string[]) =>
  run("npm", words, {
    cwd,
    env: {
      ...process.env,
      npm_config_cache: join(folder, "cache"),
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_update_notifier: "false",
    },
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "filmgate-package-"));
  project = join(folder, "project");
  await mkdir(project);
  const { stdout } = await npm(root, "pack", "--json", "--pack-destination", folder);
  // Older npm answers a list, newer a record by name; what prepack prints stands before it.
  const answer = JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Record<string, Packed>;
  const [{ filename, files }] = Object.values(answer) as [Packed];
  packed = files.map(({ path }) => path);
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", private: true, type: "module" }),
  );
  await npm(project, "install", "--offline", "--no-audit", "--no-fund", join(folder, filename));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Packed = { filename: string; files: { path: string }[] };

describe("the package", () => {
  it("holds the client, the web component, the adapters, the command line, and nothing of the Worker", () => {
    expect(packed).toContain("dist/client/filmgate.js");
    expect(packed).toContain("dist/client/filmgate.d.ts");
    expect(packed).toContain("dist/embed/filmgate-video.js");
    expect(packed).toContain("dist/cli/LICENSES.txt");
    for (const host of ["astro", "eleventy", "html"]) expect(packed).toContain(`dist/adapters/${host}.js`);
    expect(
      packed
        .filter(
          (path) =>
            !/^(?:dist\/(?:client|embed|adapters)\/|dist\/cli\/(?:filmgate\.js|LICENSES\.txt)$|dist\/(?:contract|errors)\.d\.ts$|dist\/look\/tokens\.)/.test(
              path,
            ),
        )
        .sort(),
    ).toEqual(
      ["CHANGELOG.md", "LICENSE", "README.md", "package.json"].filter((path) => packed.includes(path)),
    );
  });

  it("brings no other package along", async () => {
    const { stdout } = await npm(project, "ls", "--all", "--parseable");
    expect(stdout.trim().split("\n")).toHaveLength(2);
  });

  it("has the command line, which runs where nothing else was installed", async () => {
    const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
    const { stdout } = await run(join(project, "node_modules", ".bin", "filmgate"), ["--version"]);
    expect(stdout).toBe(`${version}\n`);
  });

  it("is imported in Node, and asks the server that the environment names", async () => {
    const server = await startServer();
    try {
      server.tell({ status: 200, body: '{"object":"list","data":[]}' });
      await writeFile(
        join(project, "main.js"),
        `import { ensureVideos, Filmgate, FilmgateError, verifyWebhook } from "filmgate/client";
         const { data } = await new Filmgate().video.models();
         if ((await ensureVideos([])).length !== 0) throw new Error("there is no lock");
         console.log(JSON.stringify([data, typeof verifyWebhook, new FilmgateError("x", { code: "y" }) instanceof Error]));`,
      );
      const env = { ...process.env, FILMGATE_API_KEY: "mql_default_key", FILMGATE_URL: server.url };
      const { stdout } = await run(process.execPath, ["main.js"], { cwd: project, env });
      expect(JSON.parse(stdout)).toEqual([[], "function", true]);
    } finally {
      await server.stop();
    }
  });

  it("has the web component, which a server may import, twice, and which does nothing there", async () => {
    await writeFile(
      join(project, "page.js"),
      `import { FilmgateVideo } from "filmgate/embed";
       await import("./node_modules/filmgate/dist/embed/filmgate-video.js?again");
       console.log(typeof FilmgateVideo);`,
    );
    const { stdout, stderr } = await run(process.execPath, ["page.js"], { cwd: project });
    expect([stdout, stderr]).toEqual(["function\n", ""]);
  });

  it("has the adapters, which are imported without their generators", async () => {
    await mkdir(join(project, "site"));
    await writeFile(join(project, "site", "index.html"), "<p>No video");
    await writeFile(
      join(project, "build.js"),
      `import { filmgateLoader } from "filmgate/astro";
       import { filmgatePlugin } from "filmgate/eleventy";
       import { buildPages } from "filmgate/html";
       const { files } = await buildPages({ from: "site", to: "dist", videos: {} });
       console.log(filmgateLoader({ videos: {} }).name, typeof filmgatePlugin, files);`,
    );
    const { stdout } = await run(process.execPath, ["build.js"], { cwd: project });
    expect(stdout).toBe("filmgate function [ 'index.html' ]\n");
  });

  it.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])(
    "has declarations that compile as %s with %s resolution, library check and all",
    async (module, resolution) => {
      await writeFile(
        join(project, "main.ts"),
        `import { Filmgate, VideoFailedError, type QueryVideoResponse } from "filmgate/client";
       import "filmgate/embed";
       import { filmgateLoader, type VideoData } from "filmgate/astro";
       import { filmgatePlugin } from "filmgate/eleventy";
       import { completePage } from "filmgate/html";
       filmgateLoader({ videos: { waves: { model: "T2V-01", prompt: "Waves" } } }).load satisfies object;
       filmgatePlugin satisfies object;
       completePage("<p>", {} as Record<string, VideoData>) satisfies string;
       document.createElement("filmgate-video").video satisfies HTMLVideoElement;
       addEventListener("filmgate-unavailable", ({ detail }) => detail.reason satisfies string);
       const filmgate = new Filmgate({ fetch });
       const status: QueryVideoResponse = await filmgate.video.queryAndWait("task_1");
       const error: unknown = status;
       if (error instanceof VideoFailedError) error.costState satisfies string | null;
       const { url } = await filmgate.ensure({ model: "T2V-01", first_frame_image: new Uint8Array() });
       url satisfies string | null;
       // @ts-expect-error the types are really there
       status.nothing;`,
      );
      const words = [
        "--ignoreConfig",
        "--strict",
        "--noEmit",
        "--exactOptionalPropertyTypes",
        "--target",
        "es2022",
      ];
      const libraries = ["--lib", "es2022,dom", "--module", module, "--moduleResolution", resolution];
      const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
      const compiled = await run(process.execPath, [compiler, ...words, ...libraries, "main.ts"], {
        cwd: project,
      }).catch((error) => error as { stdout: string });
      expect(compiled.stdout).toBe("");
    },
  );

  it("is bundled for a browser, where there is nothing of Node's", async () => {
    await writeFile(
      join(project, "page.js"),
      `import { ensureVideos, Filmgate } from "filmgate/client";
       globalThis.answer = new Filmgate({ apiKey: "mql_default_key", baseUrl: "https://video.example.com" }).video
         .generate({ model: "T2V-01", prompt: "Waves" });
       try { new Filmgate(); } catch (error) { globalThis.refused = error.code; }
       globalThis.locked = ensureVideos([]).catch((error) => error.code);`,
    );
    const outfile = join(project, "page.bundle.js");
    const { metafile } = await build({
      entryPoints: [join(project, "page.js")],
      bundle: true,
      minify: true,
      format: "iife",
      platform: "browser",
      target: "es2022",
      metafile: true,
      outfile,
    });
    expect(
      Object.keys(metafile.inputs).filter((path) => path.endsWith("errors.js") && !path.includes("client")),
    ).toEqual([]);
    const script = await readFile(outfile, "utf8");
    expect(script.length).toBeLessThan(20_000);
    const asked: string[] = [];
    const page: Record<string, unknown> = {
      AbortController,
      Blob,
      DOMException,
      URL,
      URLSearchParams,
      clearTimeout,
      crypto,
      setTimeout,
      fetch: async (url: string, init: RequestInit) => {
        asked.push(`${init.method} ${new URL(url).pathname}`);
        return Response.json({
          id: "task_1",
          task_id: "task_1",
          file_id: "file_1",
          status: "Success",
          download_url: "https://video.example.com/files/file_1.mp4",
          expires_at: 1,
        });
      },
    };
    runInNewContext(script, page);
    expect(page.refused).toBe("invalid_setting");
    expect(await page.locked).toBe("lock_unavailable");
    expect(await page.answer).toMatchObject({ taskId: "task_1", fileId: "file_1" });
    expect(asked).toEqual([
      "POST /v1/videos/generations",
      "GET /v1/videos/query/task_1",
      "GET /v1/videos/task_1",
      "GET /v1/videos/download/file_1",
    ]);
  });
});
