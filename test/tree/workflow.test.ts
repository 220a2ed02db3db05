/** What others run for us: the workflow calls scripts that exist and may do little; the deploy button finds its sentences. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const workflow = read(".github/workflows/ci.yml");
const manifest = JSON.parse(read("package.json")) as {
  scripts: Record<string, string>;
  cloudflare: { bindings: Record<string, { description: string }> };
};

describe("the workflow", () => {
  const commands = [...workflow.matchAll(/^\s+(?:- )?run: (.+)$/gm)].map(([, command]) => String(command));

  it("runs nothing but npm, and scripts that exist", () => {
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      const script = /^npm (?:run )?([a-z:]+)(?: -- .*)?$/.exec(command)?.[1];
      expect(script === "ci" || Object.keys(manifest.scripts).includes(String(script)), command).toBe(true);
    }
  });

  it("checks, tests, plays in a browser, and deploys last", () => {
    for (const command of ["npm run check", "npm test", "npm run test:browser"]) {
      expect(commands).toContain(command);
    }
    expect(commands.at(-1)).toBe("npm run deploy");
    expect(workflow).toContain("needs: [check, test, chaos, browser]");
  });

  it("runs what .ci/run runs, and nothing besides but the deploy", () => {
    const local = [...read(".ci/run").matchAll(/^clean (npm .+)$/gm)].map(([, command]) => command);
    expect([...new Set(commands)].sort()).toEqual([...local, "npm run deploy"].sort());
  });

  it("may read the code and nothing else, also for a stranger's pull request", () => {
    expect(workflow.match(/^ *permissions:\n(?: +.+\n)+/gm)).toEqual(["permissions:\n  contents: read\n"]);
    expect(workflow).not.toContain("pull_request_target");
    const uses = [...workflow.matchAll(/uses: (.+)$/gm)].map(([, action]) => action);
    expect(new Set(uses)).toEqual(new Set(["actions/checkout@v6", "actions/setup-node@v6"]));
  });

  it("shows the secrets to the deploy alone, and only on the main branch", () => {
    const [before = "", deploy = ""] = workflow.split(/^ {2}deploy:$/m);
    expect(before).not.toContain("secrets.");
    expect(deploy).toContain("if: github.event_name == 'push' && github.ref == 'refs/heads/main'");
    for (const step of deploy.split(/^ {6}- /m).slice(1)) {
      expect(step).toMatch(/^if: env\.HAS_CREDENTIALS == 'true'$/m);
    }
  });
});

describe("the deploy button", () => {
  it("finds a sentence on everything that it asks for", () => {
    const configuration = read("wrangler.toml");
    const secrets = /^required = \[(.*)\]$/m.exec(configuration)?.[1]?.match(/\w+/g) ?? [];
    const variables = /^\[vars\]\n((?:\w+ = .*\n)+)/m.exec(configuration)?.[1]?.match(/^\w+/gm) ?? [];
    const bindings = [
      ...configuration.matchAll(
        /^\[\[(?:durable_objects\.bindings|r2_buckets|ratelimits)\]\]\n(?:name|binding) = "(\w+)"/gm,
      ),
    ].map(([, name]) => String(name));
    expect([secrets.length, variables.length > 0, bindings.length > 2]).toEqual([3, true, true]);
    expect(Object.keys(manifest.cloudflare.bindings).sort()).toEqual(
      [...secrets, ...variables, ...bindings].sort(),
    );
  });

  it("asks for no secret that a deployment does not require", () => {
    const asked = [...read(".dev.vars.example").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(asked).toEqual(["MINIMAX_API_KEY", "ADMIN_KEY", "LINK_KEYS"]);
  });
});
