/** The code that people take along: what a shell and a program make of it is the order, whatever stands in the prompt. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { CreateVideoRequest, Publication, Video } from "../../src/client/filmgate.ts";
import { curlOf, embeddings, orderOf, programOf } from "../../src/playground/code.ts";

const origin = "https://video.example.com";
const prompts = [
  "Waves at sunset",
  "It's a 'quoted' wave; $HOME `id` \\ \"twice\"",
  "Two lines\nand </script> & <b>",
  '"model": unquoted',
];
const order = (prompt: string): CreateVideoRequest => ({
  model: "MiniMax-Hailuo-2.3",
  prompt,
  subject_reference: [{ type: "character", image: ["image_0"] }],
  duration: 6,
});

describe("the curl", () => {
  it.each(prompts)("sends the order as it is: %j", (prompt) => {
    const curl = curlOf(order(prompt), origin).replace(/^curl/, "printf '%s\\0'");
    const words = execFileSync("bash", ["--norc", "-c", curl], { env: { FILMGATE_API_KEY: "mql_test" } })
      .toString()
      .split("\0");
    expect(words.slice(0, 3)).toEqual([
      `${origin}/v1/videos/generations`,
      "-H",
      "Authorization: Bearer mql_test",
    ]);
    expect(JSON.parse(String(words[6]))).toEqual(order(prompt));
  });
});

describe("the program", () => {
  it.each(prompts)("gives the order as it is: %j", (prompt) => {
    const [, literal = ""] = /generate\(([\s\S]*)\);\nconsole/.exec(programOf(order(prompt), origin)) ?? [];
    expect(new Function(`return ${literal}`)()).toEqual(order(prompt));
    expect(literal).not.toContain('"model":\n');
  });
});

describe("the order of a video", () => {
  const video = {
    model: "MiniMax-Hailuo-02",
    mode: "frames",
    prompt: "From here to there",
    seconds: "10",
    resolution: "768P",
    take: 1,
  } as Video;
  it("is what this page ordered it with, without what was for that once", () => {
    const kept = { model: "MiniMax-Hailuo-02", prompt_optimizer: false, max_cost_usd: 1, publish: {} };
    expect(orderOf(video, kept)).toEqual({ model: "MiniMax-Hailuo-02", prompt_optimizer: false });
  });
  it("is otherwise read from its record, with places for its pictures", () => {
    expect(orderOf({ ...video, take: 3 }, null)).toEqual({
      model: "MiniMax-Hailuo-02",
      prompt: "From here to there",
      first_frame_image: "https://example.com/picture.jpg",
      last_frame_image: "https://example.com/picture.jpg",
      duration: 10,
      resolution: "768P",
      take: 3,
    });
  });
});

it("embedding code is whole, whatever the title", () => {
  const publication = {
    url: `${origin}/v/file_1.mp4`,
    page_url: `${origin}/v/file_1`,
    embed_html: "<video></video>",
    title: 'A "wave" <1>',
  } as Publication;
  const [plain, component, frame] = embeddings(publication, "1920x1080", origin).map(({ code }) => code);
  expect(plain).toBe("<video></video>");
  expect(component).toBe(
    `<script type="module" src="${origin}/embed.js"></script>\n<filmgate-video src="${origin}/v/file_1.mp4"></filmgate-video>`,
  );
  expect(frame).toContain('width="1920" height="1080"\n  title="A &quot;wave&quot; &lt;1&gt;"');
});
