/** The playground in a real Chromium, against the real Worker and the simulator: what a person does, and what it costs. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings, root } from "../../scripts/worker.ts";
import type { CreatedApiKey, ListVideosResponse } from "../../src/contract.ts";
import { startWorld, type World } from "../journeys/world.ts";
import { startChromium } from "./chromium.ts";

const picture = join(root, "scripts", "first-frame.jpg");
let world: World;
let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
  world = await startWorld({ callbacks: "none" });
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const admin = async <T>(path: string, body: object) => {
  const answer = await world.call<T>("POST", `/v1/admin/${path}`, body, {
    authorization: `Bearer ${localSettings.ADMIN_KEY}`,
  });
  return answer.body;
};

let accounts = 0;
/** A key of an account of its own. */
async function makeKey(caps: object = {}): Promise<string> {
  accounts += 1;
  const account = `person-${accounts}`;
  await admin("accounts", { name: account, caps });
  return (await admin<CreatedApiKey>("keys", { name: "laptop", account })).key;
}

/** Opens the page; with a key, as somebody who gave it before. */
async function open(key: string | null, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems: string[] = [];
  const origins = new Set<string>();
  // A violation of the policy is an error in the console, too.
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  if (key !== null) await page.addInitScript((value) => sessionStorage.setItem("filmgate.key", value), key);
  await page.goto(world.url);
  const prompt = page.getByLabel("Prompt", { exact: true });
  if (key !== null) await page.locator(".sheet > *, .empty:not([hidden])").first().waitFor();
  const make = page.locator(".make");
  const film = page.locator(".frame video");
  const list = () =>
    page.evaluate(
      async (value) =>
        (await (
          await fetch("/v1/videos", { headers: { authorization: `Bearer ${value}` } })
        ).json()) as ListVideosResponse,
      key,
    );
  return { context, page, problems, origins, prompt, make, film, list };
}

const plays = (page: Page) =>
  page.waitForFunction(
    () => (document.querySelector<HTMLVideoElement>(".frame video")?.currentTime ?? 0) > 0.2,
  );

describe("a first visit", () => {
  it("goes by keyboard alone from the key to a playing video, and asks nobody else for anything", async () => {
    const key = await makeKey();
    const { context, page, problems, origins, film } = await open(null);
    await page.keyboard.type(key);
    await page.keyboard.press("Enter");
    await page.locator(".studio").waitFor();
    const prompt = world.prompt("file-slow=200000");
    await page.keyboard.type(prompt);
    await page.keyboard.press("Control+Enter");
    await page.locator(".strip .passed").first().waitFor();
    expect(await page.locator(".word").innerText()).toMatch(
      /MiniMax is making it, usually 95 s|on its way|storing/,
    );
    await film.waitFor();
    await plays(page);
    expect(await film.getAttribute("src")).toMatch(/^\/files\/file_/);
    expect(await page.locator("#status").innerText()).toBe("The video is ready.");
    expect(await world.ledger(prompt)).toMatchObject({ creates: 1, billed: 1 });
    expect(problems).toEqual([]);
    expect([...origins].filter((origin) => origin !== "null")).toEqual([world.url]);
    await context.close();
  });

  it("tells a wrong key beside the field, and a publishable one what it cannot do", async () => {
    const { context, page } = await open(null);
    const field = page.getByLabel("API key");
    await field.fill(`mql_default_${"0".repeat(40)}`);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#key-problem").innerText()).toContain("unknown or was revoked");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    const { key } = await admin<CreatedApiKey>("keys", { name: "page", kind: "publishable" });
    await field.fill(key);
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.locator("#key-problem").innerText())
      .toContain("orders, lists and deletes nothing");
    expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).toBe(
      "[{},{}]",
    );
    await context.close();
  });

  it("keeps the key in the session, and forgets it when asked", async () => {
    const key = await makeKey();
    const { context, page } = await open(null);
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await page.locator(".studio").waitFor();
    await page.reload();
    await page.locator(".studio").waitFor();
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByLabel("API key").waitFor();
    expect(
      await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])),
    ).not.toContain("mql_");
    await page.reload();
    await page.getByLabel("API key").waitFor();
    await context.close();
  });
});

describe("the order", () => {
  it("offers what the model makes, says why not, and prices it", async () => {
    const { context, page, make, list } = await open(await makeKey());
    expect(await make.innerText()).toBe("Make it · $0.28");
    await page.getByRole("radio", { name: "10 s" }).check();
    expect(await make.innerText()).toBe("Make it · $0.56");
    expect(await page.getByRole("radio", { name: "1080P" }).isDisabled()).toBe(true);
    expect(await page.locator(".pair").innerText()).toContain("1080P is made in 6 s only.");
    await page.locator(".models summary").click();
    await page.getByRole("radio", { name: /^S2V-01/ }).check();
    expect(await make.innerText()).toBe("Make it · price unknown");
    await make.click();
    await expect
      .poll(() => page.locator('[data-name="subject_reference"] .problem').innerText())
      .toContain("needs a picture of the person");
    expect((await list()).data).toEqual([]);
    await context.close();
  });

  it("takes a picture that is dropped on the gate, shows its shape, and begins the video with it", async () => {
    const { context, page, make, film } = await open(await makeKey());
    const base64 = (await readFile(picture)).toString("base64");
    const data = await page.evaluateHandle((text) => {
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "frame.jpg", { type: "image/jpeg" }));
      return transfer;
    }, base64);
    await page.dispatchEvent(".frame", "drop", { dataTransfer: data });
    await page.getByText("720 × 1280, 9:16").waitFor();
    await page.locator(".models summary").click();
    expect(await page.getByRole("radio", { name: /^T2V-01 / }).isDisabled()).toBe(true);
    await page.getByRole("radio", { name: /2.3-Fast/ }).check();
    await expect.poll(() => make.innerText()).toBe("Make it · $0.19");
    const prompt = world.prompt();
    await page.getByLabel("Prompt", { exact: true }).fill(prompt);
    await make.click();
    await film.waitFor();
    const shape = await film.evaluate((element) => element.clientWidth / element.clientHeight);
    expect(shape).toBeCloseTo(768 / 1366, 1);
    expect((await world.ledger(prompt)).tasks[0]?.first_frame_sha256).not.toBeNull();
    await context.close();
  });

  it("has the shape that was chosen, where the model takes one, and fits at 320 px", async () => {
    const { context, page, make, film } = await open(await makeKey(), {
      viewport: { width: 320, height: 700 },
    });
    expect(await page.getByRole("radio", { name: "9:16" }).isVisible()).toBe(false);
    await page.locator(".models summary").click();
    await page.getByRole("radio", { name: /^MiniMax-H3-Max/ }).check();
    await page.getByRole("radio", { name: "9:16" }).check();
    await page.getByRole("radio", { name: "12", exact: true }).check();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const prompt = world.prompt();
    await page.getByLabel("Prompt", { exact: true }).fill(prompt);
    await make.click();
    await film.waitFor();
    const shape = await film.evaluate((element) => element.clientWidth / element.clientHeight);
    expect(shape).toBeCloseTo(9 / 16, 1);
    expect((await world.ledger(prompt)).tasks[0]).toMatchObject({ model: "MiniMax-H3-Max", billed: true });
    await context.close();
  });

  it("refuses a picture of the wrong shape beside its place, before it travels", async () => {
    const { context, page } = await open(await makeKey());
    await page.locator('[data-name="first_frame_image"] input').setInputFiles({
      name: "small.png",
      mimeType: "image/png",
      buffer: Buffer.from(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "base64",
      ),
    });
    await expect
      .poll(() => page.locator('[data-name="first_frame_image"] .problem').innerText())
      .toBe("1 × 1: its short edge must be over 300 px.");
    await context.close();
  });

  it("that MiniMax refuses says so beside the prompt, and spends nothing", async () => {
    const { context, page, prompt, make } = await open(await makeKey());
    const words = world.prompt("refuse=1026");
    await prompt.fill(words);
    await make.click();
    await expect.poll(() => page.locator("#prompt-problem").innerText()).toContain("nothing was charged");
    expect(await prompt.getAttribute("aria-invalid")).toBe("true");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("prompt");
    expect(await world.ledger(words)).toMatchObject({ billed: 0 });
    await expect.poll(() => page.locator(".money-line").innerText()).toBe("$0.00 today");
    await context.close();
  });

  it("over a cap is refused with what is left", async () => {
    const { context, page, prompt, make } = await open(await makeKey({ usd_per_day: 0.3 }));
    expect(await page.locator(".bar-facts").innerText()).toContain("$0.30 left today");
    await page.getByRole("radio", { name: "10 s" }).check();
    const words = world.prompt();
    await prompt.fill(words);
    await make.click();
    await expect.poll(() => page.locator(".bar-problem").innerText()).toContain("costs $0.56");
    expect((await world.ledger(words)).creates).toBe(0);
    await context.close();
  });
});

describe("paying once", () => {
  it("a double click is one order", async () => {
    const { context, prompt, make, film, list } = await open(await makeKey());
    const words = world.prompt();
    await prompt.fill(words);
    await make.dblclick();
    await film.waitFor();
    expect((await world.ledger(words)).creates).toBe(1);
    expect((await list()).data).toHaveLength(1);
    await context.close();
  });

  it("a reload while it is ordered, and one while it is made, go on with the same order", async () => {
    const { context, page, prompt, make, film, list } = await open(await makeKey());
    const words = world.prompt("late=3");
    let isHeld = true;
    // The server gets it; the page is gone before the answer comes.
    await page.route("**/v1/videos/generations", async (route) => {
      if (!isHeld) return route.continue();
      isHeld = false;
      await route.fetch();
      await page.reload();
    });
    await prompt.fill(words);
    await make.click().catch(() => {});
    await page.locator(".strip .passed").first().waitFor();
    await page.reload();
    await page.locator(".strip .passed").first().waitFor();
    await film.waitFor();
    expect((await world.ledger(words)).creates).toBe(1);
    expect((await list()).data).toHaveLength(1);
    await context.close();
  });

  it("a connection that is lost at the create is one order", async () => {
    const { context, page, prompt, make, film } = await open(await makeKey());
    const words = world.prompt();
    let lost = 0;
    await page.route("**/v1/videos/generations", async (route) => {
      if (lost > 0) return route.continue();
      lost += 1;
      await route.fetch();
      await route.abort("connectionreset");
    });
    await prompt.fill(words);
    await make.click();
    await film.waitFor();
    expect(lost).toBe(1);
    expect((await world.ledger(words)).creates).toBe(1);
    await context.close();
  });

  it("an order without any answer can be asked for again, as the same order", async () => {
    const { context, page, prompt, make, film, list } = await open(await makeKey());
    const words = world.prompt();
    let isDown = true;
    await page.route("**/v1/videos/generations", async (route) => {
      if (!isDown) return route.continue();
      await route.fetch();
      await route.abort("connectionreset");
    });
    await prompt.fill(words);
    await make.click();
    const again = page.getByRole("button", { name: "Ask again" });
    await again.waitFor({ timeout: 30_000 });
    expect(await page.locator(".bar-problem").innerText()).toContain("paid once");
    isDown = false;
    await again.click();
    await film.waitFor();
    expect((await world.ledger(words)).creates).toBe(1);
    expect((await list()).data).toHaveLength(1);
    await context.close();
  });
});

describe("a finished video", () => {
  it("is published, handed on, taken down and deleted, and the money is told all along", async () => {
    const { context, page, problems, prompt, make, film } = await open(await makeKey(), {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await prompt.fill(world.prompt());
    await make.click();
    await film.waitFor();
    await expect
      .poll(() => page.locator(".ledger tbody").innerText())
      .toMatch(/Charged\s+MiniMax made it\s+\$0\.28\s+\$0\.28/);

    const take = page.locator(".take");
    await take.getByRole("radio", { name: "Embed" }).check();
    expect(await take.locator(".share-panel").innerText()).toContain("a signed link ends");
    await take.getByRole("button", { name: "Publish it" }).click();
    await page.keyboard.type("Waves");
    await page.keyboard.press("Enter");
    await take.locator(".address a").waitFor();
    const address = String(await take.locator(".address a").getAttribute("href"));
    expect((await fetch(address)).status).toBe(200);
    await take.getByRole("button", { name: "Copy Plain video" }).click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toMatch(/^<video controls playsinline .*src="http.*\/v\/file_\w+\.mp4"><\/video>$/);
    expect(await take.locator(".share-panel").innerText()).toContain(`<filmgate-video src="${address}.mp4">`);
    await take.getByRole("radio", { name: "curl" }).check();
    expect(await take.locator(".share-panel").innerText()).not.toContain("mql_");

    await take.getByRole("button", { name: /^Take down/ }).click();
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Take down");
    await page.keyboard.press("Enter");
    await take.getByRole("button", { name: "Take it down" }).click();
    await take.locator(".address").waitFor({ state: "detached" });
    expect((await fetch(address)).status).toBe(404);

    await take.getByRole("button", { name: /^Delete/ }).click();
    expect(await take.locator(".question").innerText()).toContain("$0.28 stays charged");
    await take.getByRole("button", { name: "Delete", exact: true }).click();
    await page.locator(".empty:not([hidden])").waitFor();
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("take");
    expect(problems).toEqual([]);
    await context.close();
  });

  it("plays on from where it was when its link ends", async () => {
    const key = await makeKey();
    const { context, page, prompt, make, film } = await open(key);
    await prompt.fill(world.prompt());
    await make.click();
    await film.waitFor();
    // The list that the next visit gets says that the link is about to end.
    await page.route(/\/v1\/videos\?/, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as ListVideosResponse;
      for (const video of body.data) video.download_url_expires_at = Math.floor(Date.now() / 1000) + 1;
      await route.fulfill({ response: answer, json: body });
    });
    await page.reload();
    const asked = page.waitForRequest(/\/v1\/videos\/download\//);
    await page.getByRole("button", { name: /^Into the gate/ }).click();
    await plays(page);
    const loaded = film.evaluate(
      (element: HTMLVideoElement) =>
        new Promise<number>((resolve) => {
          element.pause();
          element.currentTime = 3;
          const onLoad = () => element.addEventListener("loadeddata", () => resolve(element.currentTime));
          element.addEventListener("emptied", onLoad, { once: true });
        }),
    );
    await asked;
    expect(await loaded).toBeCloseTo(3, 1);
    expect(await film.evaluate((element: HTMLVideoElement) => element.paused)).toBe(true);
    await context.close();
  });

  it("that failed says why, and what it cost, and can be tried again", async () => {
    const { context, page, prompt, make, film } = await open(await makeKey());
    const words = `A journey ${Date.now()}`;
    await fetch(`${world.simulator.url}/simulator/scenarios`, {
      method: "POST",
      body: JSON.stringify({ match: words, scenario: "fail=1027" }),
    });
    await prompt.fill(words);
    await make.click();
    await page.locator(".failure").waitFor();
    expect(await page.locator(".failure").innerText()).toContain(
      "withheld it as sensitive; nothing was charged",
    );
    await fetch(`${world.simulator.url}/simulator/scenarios`, { method: "DELETE" });
    await page.locator(".take").getByRole("button", { name: "Try again · $0.28" }).click();
    await film.waitFor();
    expect(await page.locator(".take .edge").innerText()).toContain("take 2");
    expect(await world.ledger(words)).toMatchObject({ creates: 2, billed: 1 });
    await context.close();
  });

  it("under way is cancelled in two steps, which say what it means for the money", async () => {
    const { context, page, prompt, make } = await open(await makeKey());
    await prompt.fill(world.prompt("late=20"));
    await make.click();
    await page.locator(".strip .passed").first().waitFor();
    await page
      .locator(".take")
      .getByRole("button", { name: /^Cancel/ })
      .click();
    expect(await page.locator(".take .question").innerText()).toContain("may still charge");
    await page.getByRole("button", { name: "Cancel it" }).click();
    await expect.poll(() => page.locator(".word").innerText()).toBe("cancelled");
    await context.close();
  });
});

describe("the page", () => {
  const looks = [390, 1280].flatMap((width) =>
    (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  let key = "";
  beforeAll(async () => {
    key = await makeKey({ usd_per_day: 5 });
    const order = (prompt: string, more: object = {}) =>
      world.call<{ task_id: string }>(
        "POST",
        "/v1/videos/generations",
        { model: "MiniMax-Hailuo-2.3", prompt, ...more },
        { authorization: `Bearer ${key}` },
      );
    const made = [
      await order("Failing [sim: fail=1027]"),
      await order("Waves", { publish: { title: "Waves" } }),
    ];
    for (const { body } of made) await world.untilOver(body.task_id, { key });
    await order("A long one [sim: stall]");
  });

  it.each(looks)(
    "fits $width px in $colorScheme in every state, and axe finds nothing",
    async ({ width, colorScheme }) => {
      const look = { viewport: { width, height: 900 }, colorScheme };
      const check = async (page: Page, state: string) => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBe(width);
        // Through the debugger, as the page's own policy lets no script in.
        await page.evaluate(axe.source);
        const found = await page.evaluate(() =>
          (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run(),
        );
        expect(
          found.violations.map(
            ({ id, nodes }) => `${state} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
          ),
        ).toEqual([]);
      };
      const entry = await open(null, look);
      await check(entry.page, "key");
      await entry.page.getByLabel("API key").fill("wrong");
      await entry.page.keyboard.press("Enter");
      await entry.page.locator("#key-problem:not(:empty)").waitFor();
      await check(entry.page, "key refused");
      await entry.context.close();

      const { context, page, make, problems } = await open(key, look);
      await check(page, "making");
      await page.locator(".models summary").click();
      await page.getByRole("switch", { name: /Publish at once/ }).check();
      await make.click();
      await check(page, "composing, with a problem");
      await page.getByRole("button", { name: /^Into the gate: Waves/ }).click();
      await page.locator(".frame video").waitFor();
      await page.locator(".take").getByRole("radio", { name: "Embed" }).check();
      await check(page, "playing");
      await page
        .locator(".take")
        .getByRole("button", { name: /^Delete/ })
        .click();
      await check(page, "deleting");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Into the gate: Failing/ }).click();
      await check(page, "failed");
      expect(problems).toEqual([]);
      await context.close();
    },
  );

  it("has no sideways scroll at 320 px, and what is touched is large enough", async () => {
    const { context, page } = await open(key, { viewport: { width: 320, height: 700 }, hasTouch: true });
    await page.getByRole("button", { name: /^Into the gate: Waves/ }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, .segment, summary, .switch, .slot-label")]
        .filter(
          (element) => element.getClientRects().length > 0 && element.getBoundingClientRect().height < 44,
        )
        .map((element) => `${element.textContent} ${element.getBoundingClientRect().height}`),
    );
    expect(small).toEqual([]);
    await context.close();
  });

  it("stands still where people ask for it", async () => {
    const { context, page, film } = await open(key, { reducedMotion: "reduce" });
    await page.getByRole("button", { name: /^Into the gate: Waves/ }).click();
    await film.waitFor();
    await page.waitForTimeout(500);
    expect(await film.evaluate((element: HTMLVideoElement) => element.paused)).toBe(true);
    await context.close();
  });
});
