/**
 * The Python client as others get it: built as sdist and wheel, installed into a clean environment, and driven against
 * a Worker and a simulator that are started for it. `npm run check:python -- -k watching` runs some of the tests only.
 */

import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../src/simulator/server.ts";
import { freePort } from "./free-port.ts";
import { cleanPython, makeEnvironment, requirePython, runIn } from "./python.ts";
import { localSettings, makeKey, root, settingsFor, startWorker } from "./worker.ts";

const speed = 100;
const project = join(root, "clients", "python");
const python = requirePython("check:python");

// Ended by hand, it takes along what it started.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const folder = await mkdtemp(join(tmpdir(), "filmgate-python-"));
/** Nothing of the project's folder is found but what was installed. */
const environment = { ...process.env, ...cleanPython };
let failed = false;
try {
  await check(python);
} catch (error) {
  failed = true;
  console.error(error instanceof Error ? error.message : error);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function check(python: string): Promise<void> {
  const dist = join(folder, "dist");
  await mkdir(dist);
  const tools = await makeEnvironment(python, join(folder, "tools"));
  await run(tools, "pip", "install", "--quiet", "-r", "requirements-dev.txt");
  await run(tools, "ruff", "format", "--no-cache", "--check", "--quiet", ".");
  await run(tools, "ruff", "check", "--no-cache", "--quiet", ".");
  await start(tools, ["build_sync.py", "--check"]);

  // The wheel is built from the sdist, so that whoever has the one can make the other.
  await run(tools, "hatchling", "build", "-t", "sdist", "-d", dist);
  const sdist = join(dist, await only(dist, ".tar.gz"));
  const build = ["--quiet", "--no-deps", "--no-build-isolation"];
  await run(tools, "pip", "wheel", ...build, "--wheel-dir", dist, sdist);

  // The package comes first and alone, so that what it needs is what it says.
  const clean = await makeEnvironment(python, join(folder, "clean"));
  await run(clean, "pip", "install", "--quiet", join(dist, await only(dist, ".whl")));
  await start(clean, ["-c", "import filmgate"]);
  await run(clean, "pip", "install", "--quiet", "-c", "requirements-dev.txt", "pytest");
  await run(clean, "pip", "check");

  const mypy = ["--python-executable", clean, "--cache-dir", join(folder, "mypy")];
  await run(tools, "mypy", ...mypy, "src", "build_sync.py");
  // Apart, so that the tests see the types of what was installed.
  await run(tools, "mypy", ...mypy, "tests");
  await test(clean, dist);
}

async function test(clean: string, dist: string): Promise<void> {
  const simulator = await startSimulator({ speed, keys: [localSettings.MINIMAX_API_KEY] });
  try {
    const port = await freePort();
    const vars = settingsFor(simulator.url, speed, port);
    const worker = await startWorker({ port, persistTo: join(folder, "worker"), vars });
    try {
      Object.assign(environment, {
        FILMGATE_URL: worker.url,
        FILMGATE_API_KEY: await makeKey(worker.url, "python"),
        FILMGATE_SIMULATOR_URL: simulator.url,
        FILMGATE_DIST: dist,
      });
      await run(clean, "pytest", "-p", "no:cacheprovider", ...process.argv.slice(2));
    } finally {
      await worker.process.stop();
    }
  } finally {
    await simulator.close();
  }
}

function run(python: string, module: string, ...words: string[]): Promise<void> {
  return start(python, ["-m", module, ...words]);
}

/** Runs a command in the project's folder. @throws Error if it fails. */
async function start(command: string, words: string[]): Promise<void> {
  if ((await runIn(command, words, { cwd: project, env: environment })) !== 0)
    throw new Error(`check:python: ${words.slice(0, 4).join(" ")} failed.`);
}

async function only(place: string, ending: string): Promise<string> {
  const [name, ...others] = (await readdir(place)).filter((one) => one.endsWith(ending));
  if (name === undefined || others.length > 0) throw new Error(`there should be one *${ending} in ${place}`);
  return name;
}
