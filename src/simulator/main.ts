/*
 * `npm run simulator -- [--port 9797] [--speed 30] [--key KEY]...`: MiniMax on your desk. It says what it is, where
 * it is, how much faster than life it runs, which key it takes and how to make it misbehave.
 */
import { parseArgs } from "node:util";
import { defaultKey } from "./app.ts";
import { startSimulator } from "./server.ts";

function readFlags() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: process.env.SIMULATOR_PORT ?? "9797" },
        speed: { type: "string", default: process.env.SIMULATOR_SPEED ?? "30" },
        key: { type: "string", multiple: true, default: readList(process.env.SIMULATOR_KEYS) },
      },
    }).values;
  } catch (error) {
    return fail(
      2,
      `${(error as Error).message}\nKnown: --port NUMBER, --speed NUMBER, --key KEY (may be repeated)`,
    );
  }
}

function fail(code: number, sentence: string): never {
  console.error(sentence);
  process.exit(code);
}

function readList(text: string | undefined): string[] {
  const keys = (text ?? "").split(/[\s,]+/).filter((key) => key !== "");
  return keys.length > 0 ? keys : [defaultKey];
}

function readNumber(name: string, text: string, isAccepted: (value: number) => boolean): number {
  const value = Number(text);
  if (text !== "" && isAccepted(value)) return value;
  return fail(2, `--${name} cannot be "${text}"`);
}

const values = readFlags();
const port = readNumber(
  "port",
  values.port,
  (value) => Number.isInteger(value) && value >= 0 && value < 65536,
);
const speed = readNumber("speed", values.speed, (value) => Number.isFinite(value) && value > 0);
const simulator = await startSimulator({ port, speed, keys: values.key }).catch((error: Error) =>
  fail(1, `The simulator cannot start: ${error.message}`),
);

// Before it says that it is there: whoever reads that may end it at once.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}

const pace = speed === 1 ? "as fast as life" : `${speed} times faster than life`;
console.log(`MiniMax simulator: it speaks MiniMax's video wires V1 and V2, makes nothing and bills nobody.

  URL      ${simulator.url}
  Key      ${values.key.join(", ")}
  Pace     ${pace}: a video that takes 95 s at MiniMax takes ${(95 / speed).toFixed(1)} s here
  Ledger   ${simulator.url}/simulator/ledger

Write into a prompt how it shall misbehave, as in "a calm sea [sim: fail=1027]" or "[sim: accept-then=drop late=2]".
All words: ${simulator.url}/simulator/scenarios`);
