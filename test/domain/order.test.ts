/**
 * Orders against every cell of what MiniMax documents. The expected matrix is written down here from MiniMax's pages
 * (platform.minimax.io/docs/api-reference/video-generation-{t2v,i2v,fl2v,s2v}), and not taken from models.ts.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CreateVideoRequest } from "../../src/contract.ts";
import { draftOrder, fingerprintOrder, type ImageSource, type Order } from "../../src/domain/order.ts";
import { refusedBy } from "./refused.ts";

const frame = "https://example.com/first.png";
const modes = {
  text: {},
  image: { first_frame_image: frame },
  frames: { first_frame_image: frame, last_frame_image: "https://example.com/last.png" },
  subject: { subject_reference: [{ type: "character", image: ["https://example.com/face.png"] }] },
} as const satisfies Record<string, Partial<CreateVideoRequest>>;
type Mode = keyof typeof modes;

/** At MiniMax's published prices. */
const drafted = (body: CreateVideoRequest) => draftOrder(body, []);

/** Which seconds a model makes, by mode and resolution. */
const hailuo23 = { "768P": [6, 10], "1080P": [6] };
const documented: Record<string, Partial<Record<Mode, Record<string, number[]>>>> = {
  "MiniMax-Hailuo-2.3": { text: hailuo23, image: hailuo23 },
  "MiniMax-Hailuo-2.3-Fast": { image: hailuo23 },
  "MiniMax-Hailuo-02": {
    text: { "768P": [6, 10], "1080P": [6] },
    image: { "512P": [6, 10], "768P": [6, 10], "1080P": [6] },
    frames: { "768P": [6, 10], "1080P": [6] },
  },
};
/** The 01 series makes 720P of 6 seconds, whatever is asked for: the seed API ignores both fields there. */
const firstSeries: Record<string, Mode> = {
  "T2V-01": "text",
  "T2V-01-Director": "text",
  "I2V-01": "image",
  "I2V-01-Director": "image",
  "I2V-01-live": "image",
  "S2V-01": "subject",
};
const models = [...Object.keys(documented), ...Object.keys(firstSeries)];
const resolutions = [undefined, "512P", "720P", "768P", "1080P", "512p", "720p", "768p", "1080p", "2K"];
const durations = [undefined, 6, 10, 5];

type Cell = {
  model: string;
  mode: Mode;
  resolution: string | undefined;
  duration: number | undefined;
};
const cells: Cell[] = models.flatMap((model) =>
  (Object.keys(modes) as Mode[]).flatMap((mode) =>
    resolutions.flatMap((resolution) => durations.map((duration) => ({ model, mode, resolution, duration }))),
  ),
);

/** What the cell makes, or null if it must be refused. */
function expectedOf({ model, mode, resolution, duration }: Cell) {
  const only = firstSeries[model];
  if (only !== undefined) return only === mode ? { resolution: "720P", duration: 6 } : null;
  const made = { resolution: (resolution ?? "768P").toUpperCase(), duration: duration ?? 6 };
  return documented[model]?.[mode]?.[made.resolution]?.includes(made.duration) ? made : null;
}

function bodyOf({ model, mode, resolution, duration }: Cell): CreateVideoRequest {
  const fields = modes[mode] as Partial<CreateVideoRequest>;
  return { model, prompt: "A lighthouse", ...fields, resolution, duration };
}

const named = (cell: Cell) => ({
  ...cell,
  at: `${cell.resolution ?? "the default resolution"} for ${cell.duration ?? "the default"} s`,
});

describe("a cell of the model table", () => {
  const accepted = cells.filter((cell) => expectedOf(cell) !== null).map(named);
  const refused = cells.filter((cell) => expectedOf(cell) === null).map(named);

  it.each(accepted)("$model makes $mode at $at", (cell) => {
    const { draft } = drafted(bodyOf(cell));
    expect(draft).toMatchObject({ model: cell.model, mode: cell.mode, ...expectedOf(cell) });
  });

  it.each(refused)("$model does not make $mode at $at, and says what is accepted", (cell) => {
    const refusal = refusedBy(() => drafted(bodyOf(cell)));
    const { code, param, message } = refusal;
    const fields = {
      text: "prompt",
      image: "first_frame_image",
      frames: "last_frame_image",
      subject: "subject_reference",
    };
    const offered = documented[cell.model]?.[cell.mode];
    expect(refusal.row.status).toBe(400);
    expect(message.startsWith(`${param}: `), message).toBe(true);
    expect(message).toContain(cell.model);
    if (offered !== undefined) {
      // The mode is right, so it is the size that is not.
      const wanted = (cell.resolution ?? "768P").toUpperCase();
      expect([code, param]).toEqual([
        "unsupported_combination",
        offered[wanted] === undefined ? "resolution" : "duration",
      ]);
      for (const [resolution, seconds] of Object.entries(offered)) {
        expect(message).toContain(`${resolution} with ${seconds.join(" or ")} seconds`);
      }
      if (wanted === "720P") expect(message).toContain("take 768P");
    } else if (cell.mode === "text") {
      const needed = firstSeries[cell.model] === "subject" ? fields.subject : fields.image;
      expect([code, param]).toEqual(["missing_field", needed]);
    } else {
      expect([code, param]).toEqual(["unsupported_combination", fields[cell.mode]]);
      // It names a model that does, and what this one starts from instead.
      expect(message).toMatch(/it is taken by (?:MiniMax|T2V|I2V|S2V)-/);
      expect(message).toMatch(/makes video from/);
    }
  });

  it("is one of 9 models, 4 modes, 10 spellings of a resolution and 4 durations", () => {
    expect(cells.length).toBe(9 * 4 * 10 * 4);
    expect(accepted.length + refused.length).toBe(cells.length);
  });

  it("knows a last frame without a first", () => {
    const { draft } = drafted({ model: "MiniMax-Hailuo-02", last_frame_image: frame });
    expect(draft).toMatchObject({ mode: "frames", images: { last_frame_image: frame } });
    expect(draft.images).not.toHaveProperty("first_frame_image");
  });
});

describe("a model's name", () => {
  it.each(["MiniMax-Hailuo-3", "minimax-hailuo-02", "video-01", "", " T2V-01"])(
    "'%s' is unknown, and the known ones are named",
    (model) => {
      const { code, param, message } = refusedBy(() => drafted({ model, prompt: "A lighthouse" }));
      expect([code, param]).toEqual(["unknown_model", "model"]);
      for (const known of models) expect(message).toContain(known);
    },
  );
});

describe("a prompt", () => {
  const text = { model: "MiniMax-Hailuo-2.3" };
  const image = { ...text, first_frame_image: frame };
  const frames = { model: "MiniMax-Hailuo-02", ...modes.frames };
  const subject = { model: "S2V-01", subject_reference: [{ type: "character" as const, image: [frame] }] };

  it.each([
    ["of one character", "a"],
    ["of 2,000 characters", "a".repeat(2000)],
    ["of 2,000 characters beyond the basic plane: they count once each", "🌊".repeat(2000)],
    ["of 2,000 Chinese characters", "海".repeat(2000)],
  ])("%s is accepted as it is", (_title, prompt) => {
    expect(drafted({ ...text, prompt }).draft.prompt).toBe(prompt);
  });

  it.each([
    ["text", text],
    ["a first frame", image],
    ["two frames", frames],
    ["a subject", subject],
  ])("of 2,001 characters is too long with %s, and the sentence counts", (_title, body) => {
    for (const prompt of ["a".repeat(2001), "🌊".repeat(2001)]) {
      const { code, param, message } = refusedBy(() => drafted({ ...body, prompt }));
      expect([code, param]).toEqual(["prompt_too_long", "prompt"]);
      expect(message).toContain("2001");
      expect(message).toContain("2000");
    }
  });

  const blanks = [undefined, "", "  ", "\n\t", "\u3000"];
  it.each(blanks.flatMap((prompt) => [text, subject].map((body) => ({ prompt, body, model: body.model }))))(
    "$prompt is none, and $model needs one",
    ({ prompt, body }) => {
      const { code, param } = refusedBy(() => drafted({ ...body, prompt }));
      expect([code, param]).toEqual(["missing_field", "prompt"]);
    },
  );

  it.each(blanks.flatMap((prompt) => [image, frames].map((body) => ({ prompt, body, model: body.model }))))(
    "$prompt is none, and $model makes video from frames without",
    ({ prompt, body }) => {
      expect(drafted({ ...body, prompt }).draft.prompt).toBeNull();
    },
  );
});

describe("fields that a model does not take", () => {
  it.each(Object.entries(firstSeries))("%s drops size and fast_pretreatment in silence", (model, mode) => {
    const body = { model, prompt: "A lighthouse", ...(modes[mode] as Partial<CreateVideoRequest>) };
    const plain = drafted(body).draft;
    expect(drafted({ ...body, resolution: "1080P", duration: 10, fast_pretreatment: true }).draft).toEqual(
      plain,
    );
  });

  const pretreated: [model: string, mode: Mode, accepted: boolean][] = [
    ["MiniMax-Hailuo-2.3", "text", true],
    ["MiniMax-Hailuo-2.3", "image", true],
    ["MiniMax-Hailuo-2.3-Fast", "image", true],
    ["MiniMax-Hailuo-02", "text", true],
    ["MiniMax-Hailuo-02", "image", true],
    ["MiniMax-Hailuo-02", "frames", false],
  ];
  it.each(pretreated)("fast_pretreatment on %s from %s: accepted is %s", (model, mode, accepted) => {
    const body = { model, prompt: "A lighthouse", ...(modes[mode] as Partial<CreateVideoRequest>) };
    expect(drafted({ ...body, fast_pretreatment: false }).draft.fastPretreatment).toBe(false);
    const order = () => drafted({ ...body, fast_pretreatment: true });
    if (accepted) expect(order().draft.fastPretreatment).toBe(true);
    else
      expect(refusedBy(order)).toMatchObject({ code: "unsupported_combination", param: "fast_pretreatment" });
  });

  it.each(["text", "image"] as const)("prompt_optimizer is on unless it is switched off, with %s", (mode) => {
    const body = {
      model: "MiniMax-Hailuo-02",
      prompt: "A lighthouse",
      ...(modes[mode] as Partial<CreateVideoRequest>),
    };
    expect(drafted(body).draft.promptOptimizer).toBe(true);
    expect(drafted({ ...body, prompt_optimizer: false }).draft.promptOptimizer).toBe(false);
  });

  it("n: 1 and an aspect_ratio have no effect", () => {
    const body = { model: "MiniMax-Hailuo-2.3", prompt: "A lighthouse" };
    expect(drafted({ ...body, n: 1, aspect_ratio: "9:16" })).toEqual(drafted(body));
  });

  it.each([0, 2, -1])("n: %d is refused: one order is one video", (n) => {
    const refusal = refusedBy(() => drafted({ model: "MiniMax-Hailuo-2.3", prompt: "A lighthouse", n }));
    expect(refusal).toMatchObject({ code: "invalid_field", param: "n" });
    expect(refusal.message).toContain("take");
  });

  it.each([
    ["first_frame_image", "S2V-01"],
    ["last_frame_image", "S2V-01"],
    ["first_frame_image", "MiniMax-Hailuo-02"],
  ] as const)("a %s beside a subject is refused on %s", (field, model) => {
    const body = { model, prompt: "A lighthouse", ...(modes.subject as Partial<CreateVideoRequest>) };
    const refusal = refusedBy(() => drafted({ ...body, [field]: frame }));
    expect(refusal).toMatchObject({ code: "unsupported_combination", param: field });
    expect(refusal.message).toContain("subject_reference");
  });
});

describe("a limit on the cost", () => {
  /** US dollars a video, from MiniMax's price page. */
  const prices: [model: string, mode: Mode, resolution: string, duration: number, usd: number][] = [
    ["MiniMax-Hailuo-2.3", "text", "768P", 6, 0.28],
    ["MiniMax-Hailuo-2.3", "image", "768P", 10, 0.56],
    ["MiniMax-Hailuo-2.3", "text", "1080P", 6, 0.49],
    ["MiniMax-Hailuo-2.3-Fast", "image", "768P", 6, 0.19],
    ["MiniMax-Hailuo-2.3-Fast", "image", "768P", 10, 0.32],
    ["MiniMax-Hailuo-2.3-Fast", "image", "1080P", 6, 0.33],
    ["MiniMax-Hailuo-02", "image", "512P", 6, 0.1],
    ["MiniMax-Hailuo-02", "image", "512P", 10, 0.15],
    ["MiniMax-Hailuo-02", "text", "768P", 6, 0.28],
    ["MiniMax-Hailuo-02", "frames", "768P", 10, 0.56],
    ["MiniMax-Hailuo-02", "frames", "1080P", 6, 0.49],
  ];
  it.each(prices)(
    "%s from %s at %s for %d s costs $%d, to the cent",
    (model, mode, resolution, duration, usd) => {
      const body = bodyOf({ model, mode, resolution, duration });
      expect(drafted({ ...body, max_cost_usd: usd }).draft.model).toBe(model);
      const refusal = refusedBy(() => drafted({ ...body, max_cost_usd: usd - 0.01 }));
      expect(refusal).toMatchObject({ code: "cost_exceeds_limit", param: "max_cost_usd" });
      expect(refusal.row.status).toBe(402);
      expect(refusal.message).toContain(`$${usd}`);
    },
  );

  it.each(Object.entries(firstSeries))(
    "%s has no published price, so a limit cannot be kept",
    (model, mode) => {
      const body = { model, prompt: "A lighthouse", ...(modes[mode] as Partial<CreateVideoRequest>) };
      const refusal = refusedBy(() => drafted({ ...body, max_cost_usd: 100 }));
      expect(refusal).toMatchObject({ code: "price_unknown", param: "max_cost_usd" });
      expect(refusal.row.status).toBe(400);
    },
  );
});

describe("an order's fingerprint", () => {
  /** Images as the routes resolve them: an address stays one, bytes become their hash. */
  function orderOf(body: CreateVideoRequest, images: Order["images"] = {}): Order {
    const { v2, ...draft } = drafted(body).draft;
    const resolved = Object.entries(draft.images).map(([field, url]) => [field, { kind: "url", url }]);
    const order: Order = { ...draft, images: { ...Object.fromEntries(resolved), ...images } };
    if (v2 === undefined) return order;
    const references = v2.references.map(({ field, source }) => ({
      field,
      source: { kind: "url", url: source } as const,
    }));
    return { ...order, v2: { ...v2, references } };
  }
  const fingerprintOf = (body: CreateVideoRequest) => fingerprintOrder(orderOf(body));

  /** Bodies of every mode that makes 768P, with each optional field left out, said, or said in another spelling. */
  const body = fc
    .record({
      start: fc.constantFrom<{ model: string; fields: Partial<CreateVideoRequest> }>(
        { model: "MiniMax-Hailuo-2.3", fields: modes.text },
        { model: "MiniMax-Hailuo-2.3", fields: modes.image },
        { model: "MiniMax-Hailuo-02", fields: modes.text },
        { model: "MiniMax-Hailuo-02", fields: modes.image },
      ),
      prompt: fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
        .filter((text) => text.trim() !== ""),
      duration: fc.constantFrom(6, 10),
      optimizer: fc.boolean(),
      fast: fc.boolean(),
      take: fc.integer({ min: 1, max: 1000 }),
    })
    .map(({ start, prompt, duration, optimizer, fast, take }) => ({
      ...start.fields,
      model: start.model,
      prompt,
      duration,
      resolution: "768P",
      prompt_optimizer: optimizer,
      fast_pretreatment: fast,
      take,
    }));

  it("is the same in whatever order the fields come, and with whatever has no effect", () => {
    fc.assert(
      fc.property(body, fc.infiniteStream(fc.nat()), (one, random) => {
        const shuffled = Object.entries(one)
          .map((entry) => ({ entry, place: random.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ entry }) => entry);
        const other = { ...Object.fromEntries(shuffled), n: 1, aspect_ratio: "1:1", metadata: { a: "b" } };
        expect(fingerprintOf(other as unknown as CreateVideoRequest)).toBe(fingerprintOf(one));
      }),
    );
  });

  it("is the same whether defaults are spelled out, spelled in lower case or left out", () => {
    const defaults: Record<string, unknown> = {
      duration: 6,
      resolution: "768P",
      prompt_optimizer: true,
      fast_pretreatment: false,
      take: 1,
    };
    fc.assert(
      fc.property(body, (one) => {
        const bare = Object.entries(one).filter(([field, value]) => defaults[field] !== value);
        const said = { ...one, resolution: one.resolution.toLowerCase() };
        expect(fingerprintOf(Object.fromEntries(bare) as CreateVideoRequest)).toBe(fingerprintOf(one));
        expect(fingerprintOf(said)).toBe(fingerprintOf(one));
      }),
    );
  });

  it("differs exactly when what is to be made, or its take, differs", () => {
    fc.assert(
      fc.property(body, body, (one, other) => {
        expect(fingerprintOf(one) === fingerprintOf(other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        );
      }),
      { numRuns: 500 },
    );
  });

  const base: CreateVideoRequest = { model: "MiniMax-Hailuo-02", prompt: "A lighthouse", ...modes.frames };
  const changes: [what: string, change: Partial<CreateVideoRequest>][] = [
    ["the prompt", { prompt: "A lighthouse." }],
    ["a space in the prompt", { prompt: "A lighthouse " }],
    ["no prompt", { prompt: undefined }],
    ["the duration", { duration: 10 }],
    ["the resolution", { resolution: "1080P" }],
    ["the optimizer", { prompt_optimizer: false }],
    ["the take", { take: 2 }],
    ["the first frame", { first_frame_image: "https://example.com/other.png" }],
    ["the last frame", { last_frame_image: "https://example.com/other.png" }],
    ["frames swapped", { first_frame_image: modes.frames.last_frame_image, last_frame_image: frame }],
    ["no first frame", { first_frame_image: undefined }],
    ["no last frame", { last_frame_image: undefined }],
    ["the model", { model: "MiniMax-Hailuo-2.3", last_frame_image: undefined }],
  ];
  it("differs for each single change", () => {
    const all = [base, ...changes.map(([, change]) => ({ ...base, ...change }))].map(fingerprintOf);
    expect(new Set(all).size).toBe(all.length);
  });

  const kept = (about: Partial<Extract<ImageSource, { kind: "stored" }>> = {}): ImageSource => ({
    kind: "stored",
    sha256: "ab".repeat(32),
    contentType: "image/png",
    bytes: 5000,
    ...about,
  });
  const withFrame = (first_frame_image: ImageSource) =>
    fingerprintOrder(orderOf(base, { first_frame_image }));

  it("knows kept images by their content alone", () => {
    expect(withFrame(kept({ contentType: "image/jpeg", bytes: 1 }))).toBe(withFrame(kept()));
    expect(withFrame(kept({ sha256: "cd".repeat(32) }))).not.toBe(withFrame(kept()));
  });

  it("does not take an address for a hash", () => {
    expect(withFrame({ kind: "url", url: "ab".repeat(32) })).not.toBe(withFrame(kept()));
  });

  it("does not tell apart what the 01 series drops", () => {
    const first: CreateVideoRequest = { model: "T2V-01", prompt: "A lighthouse" };
    expect(fingerprintOf({ ...first, resolution: "1080P", duration: 10 })).toBe(fingerprintOf(first));
  });
});
