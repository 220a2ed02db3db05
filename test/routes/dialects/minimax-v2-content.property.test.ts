/** Whatever stands in `content`: it is read into an order that says the same, or refused by the item's name. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { inMiniMaxV2Words, readContent } from "../../../src/routes/dialects/minimax-v2-content.ts";

const roles = {
  first_frame: "image_url",
  last_frame: "image_url",
  reference_image: "image_url",
  reference_video: "video_url",
  reference_audio: "audio_url",
} as const;
type Role = keyof typeof roles;

const address = fc.nat(999).map((number) => `https://example.com/${number}`);
const text = fc.string({ minLength: 1 }).filter((words) => words.trim() !== "");
const reference = fc.constantFrom<Role>("reference_image", "reference_video", "reference_audio");
const item = (role: fc.Arbitrary<Role>) =>
  fc.tuple(role, address).map(([name, url]) => ({ type: roles[name], [roles[name]]: { url }, role: name }));
type Item = { type: string; role: Role } & Record<string, unknown>;
const frames = fc
  .subarray(["first_frame", "last_frame"] as Role[])
  .chain((names) => fc.tuple(...names.map((name) => item(fc.constant(name)))));
const media = fc.oneof(fc.array(item(reference)), frames) as fc.Arbitrary<Item[]>;

/** What our fields say, as MiniMax would be told it. */
function itemsOf(fields: ReturnType<typeof readContent>["fields"]) {
  const told = (role: Role, urls: readonly string[] = []) => urls.map((url) => `${role} ${url}`);
  const one = (url: string | undefined) => (url === undefined ? [] : [url]);
  return [
    ...told("first_frame", one(fields.first_frame_image)),
    ...told("last_frame", one(fields.last_frame_image)),
    ...told("reference_image", fields.reference_images),
    ...told("reference_video", fields.reference_videos),
    ...told("reference_audio", fields.reference_audio),
  ];
}

describe("content", () => {
  it("keeps every item, its part and the order of its kind, wherever the text stands", () => {
    fc.assert(
      fc.property(text, media, fc.nat(), (prompt, items, at) => {
        const content: unknown[] = [...items];
        content.splice(at % (items.length + 1), 0, { type: "text", text: prompt });
        const { fields, places } = readContent(content);
        expect(fields.prompt).toBe(prompt);
        const inOrder = Object.keys(roles).flatMap((role) =>
          items
            .filter((one) => one.role === role)
            .map((one) => `${role} ${(one[one.type] as { url: string }).url}`),
        );
        expect(itemsOf(fields)).toEqual(inOrder);
        for (const place of places.values()) {
          const [, index = "", path = ""] = /^content\[(\d+)\]\.(.*)$/.exec(place) ?? [];
          const found = path
            .split(".")
            .reduce<unknown>(
              (inner, name) => (inner as Record<string, unknown>)?.[name],
              content[Number(index)],
            );
          expect(found, place).toEqual(expect.any(String));
        }
      }),
    );
  });

  it("of any JSON is read, or refused with the place and a sentence that ends", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { type: fc.constantFrom("text", "image_url", "video_url", "toString"), text: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.record({ type: fc.constant("image_url"), image_url: fc.jsonValue(), role: fc.jsonValue() }),
      fc.record({ type: fc.constant("audio_url"), audio_url: fc.record({ url: fc.jsonValue() }) }),
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 6 }), (content) => {
        try {
          expect(readContent(content).fields.prompt).toEqual(expect.any(String));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          const { message, param } = error as Refusal;
          expect(message).toMatch(/^content(?:\[\d+\][\w.]*)?: [\s\S]+\.$/);
          expect(message.startsWith(`${param}: `)).toBe(true);
        }
      }),
    );
  });

  it("with one image that has no part is a first frame", () => {
    fc.assert(
      fc.property(text, address, fc.constantFrom(undefined, null, ""), (prompt, url, role) => {
        const { fields } = readContent([
          { type: "text", text: prompt },
          { type: "image_url", image_url: { url }, role },
        ]);
        expect(fields).toEqual({ prompt, first_frame_image: url });
      }),
    );
  });
});

describe("a refusal of one of our fields", () => {
  const { places } = readContent([
    { type: "text", text: "A lighthouse" },
    { type: "image_url", image_url: { url: "https://example.com/1" }, role: "reference_image" },
    { type: "image_url", image_url: { url: "https://example.com/2" }, role: "reference_image" },
  ]);
  it.each([
    ["prompt: 7001 characters.", "prompt", "content[0].text: 7001 characters."],
    ["reference_images.1: is none.", "reference_images.1", "content[2].image_url.url: is none."],
    ["reference_images: 10 were sent.", "reference_images", "content (reference_image): 10 were sent."],
    [
      "first_frame_image: takes a last_frame_image beside a first_frame_image.",
      "first_frame_image",
      "content (first_frame): takes a last_frame beside a first_frame.",
    ],
    ["prompt_expansion: not taken.", "prompt_expansion", "extra.prompt_expansion_mode: not taken."],
    ["duration: too long.", "duration", "duration: too long."],
    ["MiniMax is busy.", null, "MiniMax is busy."],
  ])("%s is told by the name that its caller gave", (message, param, told) => {
    const refusal = new Refusal("invalid_field", { message, ...(param === null ? {} : { param }) });
    expect(inMiniMaxV2Words(refusal, places).message).toBe(told);
  });
});
