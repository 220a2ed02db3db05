import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { localSettings } from "./scripts/worker.ts";

/** Other processes are waited for, and a machine may have much else to do: the usual second is no verdict. */
const patient = { poll: { timeout: 20_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        // Inside workerd, on the real configuration: everything that needs no second process.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: { ...localSettings, MINIMAX_BASE_URL: "http://127.0.0.1:9", TIME_SCALE: "1" },
            },
          }),
        ],
        test: {
          name: "workerd",
          testTimeout: 30_000,
          include: ["test/**/*.test.ts"],
          exclude: [
            "simulator",
            "journeys",
            "tree",
            "browser",
            "client",
            "cli",
            "adapters",
            "embed",
            "playground",
            "scripts",
            "bill",
          ].map((room) => `test/${room}/**`),
        },
      },
      {
        // Inside workerd, with the simulator on a socket: what a video costs at Cloudflare.
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...localSettings,
                MINIMAX_BASE_URL: inject<string>("simulatorUrl"),
                TIME_SCALE: "1",
              },
            },
          })),
        ],
        test: {
          name: "bill",
          testTimeout: 30_000,
          include: ["test/bill/**/*.test.ts"],
          globalSetup: "test/bill/simulator.setup.ts",
        },
      },
      {
        // In Node: the simulator, the shape of the tree, and journeys over real sockets and processes.
        test: {
          name: "node",
          environment: "node",
          include: [
            "test/{simulator,client,cli,adapters,embed,playground,journeys,tree,scripts}/**/*.test.ts",
          ],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          expect: patient,
          fileParallelism: false,
        },
      },
      {
        // In a real Chromium: `npm run test:browser`.
        test: {
          name: "browser",
          environment: "node",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          expect: patient,
        },
      },
    ],
  },
});
