import { createServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import { freePort, portRange } from "../../scripts/free-port.ts";

const held = createServer();
afterAll(() => void held.close());

test("a port that was wanted is given if it is free, and another one if it is not", async () => {
  const wanted = await freePort();
  expect(await freePort(wanted)).toBe(wanted);

  await new Promise<void>((resolve) => held.listen(wanted, "127.0.0.1", resolve));
  expect(await freePort(wanted)).not.toBe(wanted);
});

test("a port was given that an outgoing connection took before the server listened: none of theirs is given", async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));

  expect(new Set(ports).size).toBe(ports.length);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(portRange.first);
    expect(port).toBeLessThan(32_768);
  }
});
