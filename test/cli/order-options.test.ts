/** What is typed becomes an order: options over the order's file, that over the defaults. */

import { describe, expect, it } from "vitest";
import { orderFields } from "../../src/cli/order-fields.ts";
import { type OrderValues, orderFrom, orderOptions, readMoment } from "../../src/cli/order-options.ts";

/** As the parser gives it when nothing is typed. */
const nothing = Object.fromEntries(
  Object.entries(orderOptions).map(([name, { kind }]) => [name, kind === "texts" ? [] : undefined]),
) as unknown as OrderValues;
const typed = (values: Partial<OrderValues>) => ({ ...nothing, ...values });

describe("an order", () => {
  it("needs nothing but a prompt", () => {
    expect(orderFrom(nothing, "Waves", {}, {})).toEqual({ model: "MiniMax-Hailuo-2.3", prompt: "Waves" });
  });

  it("has every field of the contract, by an option, the prompt, or none that anybody needs", () => {
    const everything = orderFrom(
      typed({
        model: "MiniMax-H3",
        duration: 8,
        resolution: "2K",
        ratio: "16:9",
        "first-frame": "a.jpg",
        "last-frame": "b.jpg",
        subject: "c.jpg",
        "reference-image": ["d.jpg", "e.jpg"],
        "reference-video": ["f.mp4"],
        "reference-audio": ["g.mp3"],
        "prompt-expansion": "quality",
        "prompt-optimizer": false,
        "fast-pretreatment": true,
        take: 2,
        title: "Waves",
        alt: "The sea",
        origin: ["https://example.com"],
        until: "2027-01-31",
        "max-cost": 1.5,
        "webhook-url": "https://example.com/hook",
        "deploy-hook-url": "https://example.com/build",
        metadata: ["page=home", "note=a=b"],
        "retention-days": 30,
        "dry-run": true,
      }),
      "Waves",
      {},
      {},
    );
    expect(everything).toEqual({
      model: "MiniMax-H3",
      prompt: "Waves",
      duration: 8,
      resolution: "2K",
      ratio: "16:9",
      first_frame_image: "a.jpg",
      last_frame_image: "b.jpg",
      subject_reference: [{ type: "character", image: ["c.jpg"] }],
      reference_images: ["d.jpg", "e.jpg"],
      reference_videos: ["f.mp4"],
      reference_audio: ["g.mp3"],
      prompt_expansion: "quality",
      prompt_optimizer: false,
      fast_pretreatment: true,
      take: 2,
      publish: {
        title: "Waves",
        alt: "The sea",
        origins: ["https://example.com"],
        expires_at: Date.UTC(2027, 0, 31) / 1000,
      },
      max_cost_usd: 1.5,
      webhook_url: "https://example.com/hook",
      deploy_hook_url: "https://example.com/build",
      metadata: { page: "home", note: "a=b" },
      retention_days: 30,
      dry_run: true,
    });
    // What other clients send, and what is the same under another name.
    const untyped = ["n", "aspect_ratio"];
    expect(orderFields.filter((field) => !(field in everything) && !untyped.includes(field))).toEqual([]);
  });

  it("takes what is typed before its file, and that before the defaults", () => {
    const file = {
      model: "T2V-01",
      prompt: "From the file",
      metadata: { a: "1" },
      publish: { title: "File" },
    };
    const defaults = { model: "MiniMax-H3", resolution: "2K", publish: { alt: "Default" } };
    expect(orderFrom(typed({ resolution: "768P", metadata: ["b=2"] }), undefined, file, defaults)).toEqual({
      model: "T2V-01",
      prompt: "From the file",
      resolution: "768P",
      metadata: { a: "1", b: "2" },
      publish: { title: "File" },
    });
    expect(orderFrom(typed({ alt: "Typed" }), "Typed", file, defaults)).toMatchObject({
      prompt: "Typed",
      publish: { title: "File", alt: "Typed" },
    });
  });

  it("is published nowhere with --no-publish, whatever its file and the defaults say", () => {
    const published = { publish: { title: "Waves" } };
    expect(orderFrom(typed({ publish: false }), "Waves", published, published)).not.toHaveProperty("publish");
  });

  it.each([
    ["metadata without a name", { metadata: ["home"] }, "--metadata takes NAME=TEXT, not 'home'."],
    [
      "a title, and no publication that could have it",
      { publish: false, title: "Waves" },
      "With --no-publish nothing is published",
    ],
    ["a date that is none", { until: "tomorrow" }, "--until takes a date such as 2027-01-31"],
  ])("with %s is refused before anything is sent", (_what, values, sentence) => {
    expect(() => orderFrom(typed(values), "Waves", {}, {})).toThrow(sentence);
  });
});

describe("a moment", () => {
  it.each([
    ["a date", "2026-11-29", Date.UTC(2026, 10, 29) / 1000],
    ["a moment", "2026-11-29T08:30:00Z", Date.UTC(2026, 10, 29, 8, 30) / 1000],
    ["a moment elsewhere", "2026-11-29T08:30:00+02:00", Date.UTC(2026, 10, 29, 6, 30) / 1000],
    ["Unix seconds", "1795467600", 1_795_467_600],
  ])("is %s", (_what, text, seconds) => {
    expect(readMoment("--until", text)).toBe(seconds);
  });

  it.each(["", "2026", "2026-13-01", "29.11.2026", "2026-11-29T08:30", "-5"])("is not '%s'", (text) => {
    expect(() => readMoment("--created-after", text)).toThrow("--created-after takes a date");
  });
});
