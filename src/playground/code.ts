/**
 * What one takes along: the order as a curl and as a program with the client, and the code that shows a published
 * video. Pure. No key stands in any of it.
 */

import type { CreateVideoRequest, Publication, Video } from "../client/filmgate.ts";

/** The order that made a video. @param kept what this page remembers of it: its pictures and switches. */
export function orderOf(video: Video, kept: CreateVideoRequest | null): CreateVideoRequest {
  const {
    max_cost_usd: _limit,
    publish: _publish,
    ...rest
  } = kept ?? {
    model: video.model,
    ...(video.prompt === null ? {} : { prompt: video.prompt }),
    ...picturesOf(video.mode),
    duration: Number(video.seconds),
    resolution: video.resolution,
  };
  return video.take > 1 ? { ...rest, take: video.take } : rest;
}

/** A picture that the record does not tell: to be filled in. */
const somePicture = "https://example.com/picture.jpg";

function picturesOf(mode: Video["mode"]): Partial<CreateVideoRequest> {
  switch (mode) {
    case "text":
      return {};
    case "image":
      return { first_frame_image: somePicture };
    case "frames":
      return { first_frame_image: somePicture, last_frame_image: somePicture };
    case "subject":
      return { subject_reference: [{ type: "character", image: [somePicture] }] };
    case "references":
      return { reference_images: [somePicture] };
  }
}

export function curlOf(order: CreateVideoRequest, origin: string): string {
  const json = JSON.stringify(order, null, 2).replaceAll("'", "'\\''");
  return `curl "${origin}/v1/videos/generations" \\
  -H "Authorization: Bearer $FILMGATE_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${json}'`;
}

export function programOf(order: CreateVideoRequest, origin: string): string {
  const literal = JSON.stringify(order, null, 2).replaceAll(/^(\s*)"(\w+)":/gm, "$1$2:");
  return `import { Filmgate } from "filmgate/client";

// The key is FILMGATE_API_KEY of the environment.
const filmgate = new Filmgate({ baseUrl: "${origin}" });

const { downloadUrl } = await filmgate.video.generate(${literal});
console.log(downloadUrl);`;
}

/** How to make a key, as the owner of the deployment. */
export function keyCommand(origin: string): string {
  return `curl "${origin}/v1/admin/keys" \\
  -H "Authorization: Bearer $ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "playground"}'`;
}

export type Embedding = { name: string; about: string; code: string };

/** Three ways to show a published video, the shortest first. */
export function embeddings(publication: Publication, size: string, origin: string): Embedding[] {
  const { url, page_url: page, embed_html: tag, title } = publication;
  const [width = "1366", height = "768"] = /^\d+x\d+$/.test(size) ? size.split("x") : [];
  return [
    { name: "Plain video", about: "Needs nothing: your page's own player.", code: tag },
    {
      name: "Component",
      about: "Shows how it is doing until it is there.",
      code: `<script type="module" src="${attribute(origin)}/embed.js"></script>\n<filmgate-video src="${attribute(url)}"></filmgate-video>`,
    },
    {
      name: "Frame",
      about: "The player page, apart from yours.",
      code: `<iframe src="${attribute(page)}" width="${width}" height="${height}"\n  title="${attribute(title ?? "A video")}" allow="fullscreen; picture-in-picture" allowfullscreen></iframe>`,
    },
  ];
}

function attribute(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
