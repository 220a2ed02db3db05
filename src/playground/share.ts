/** What one takes along from a take: its link, the code that embeds it, and the order as a curl and as a program. */

import type { Video } from "../client/filmgate.ts";
import { curlOf, embeddings, orderOf, programOf } from "./code.ts";
import { codeBlock } from "./copy.ts";
import type { Desk } from "./desk.ts";
import { el, fill } from "./dom.ts";
import { openPublishing } from "./publishing.ts";
import { createSegmented } from "./segmented.ts";
import { session } from "./session.ts";
import { momentWord } from "./words.ts";

type Kind = "link" | "embed" | "curl" | "program";
const kinds: { value: Kind; text: string }[] = [
  { value: "link", text: "Link" },
  { value: "embed", text: "Embed" },
  { value: "curl", text: "curl" },
  { value: "program", text: "TypeScript" },
];

/** What was looked at last stays open from video to video. */
let chosen: Kind = "link";

export function createShare(desk: Desk, video: Video): HTMLElement {
  const offered = kinds.filter(
    ({ value }) =>
      (value !== "link" || video.status === "completed") && (value !== "embed" || video.status !== "failed"),
  );
  const panel = el("div", { class: "share-panel" });
  const choice = createSegmented({
    legend: "Take it along",
    onChoose: (value) => {
      chosen = value as Kind;
      show();
    },
  });
  const show = () => {
    const kind = offered.some(({ value }) => value === chosen) ? chosen : (offered[0]?.value ?? "curl");
    choice.show(offered, kind);
    fill(panel, ...contentOf(desk, video, kind));
  };
  show();
  return el("section", { class: "share", "aria-label": "Take it along" }, choice.element, panel);
}

function contentOf(desk: Desk, video: Video, kind: Kind): HTMLElement[] {
  const order = () => orderOf(video, session.orderOf(video.id));
  switch (kind) {
    case "link":
      return [linkOf(desk, video)];
    case "embed":
      return embedOf(desk, video);
    case "curl":
      return [
        codeBlock(
          {
            name: "This order, in a shell",
            note: "The key is $FILMGATE_API_KEY.",
            code: curlOf(order(), location.origin),
          },
          desk.say,
        ),
      ];
    case "program":
      return [
        codeBlock(
          {
            name: "This order, with the client",
            note: "One call: orders, waits, and has the link.",
            code: programOf(order(), location.origin),
          },
          desk.say,
        ),
      ];
  }
}

/** The link as it is now; an old one is asked for anew. */
function linkOf(desk: Desk, video: Video): HTMLElement {
  const holder = el("div", {});
  const show = (url: string, expiresAt: number) =>
    fill(
      holder,
      codeBlock(
        {
          name: "Signed link",
          note: `Plays for whoever has it, until ${momentWord(expiresAt)}. It is not for a page that stays.`,
          code: url,
        },
        desk.say,
      ),
    );
  const { download_url: url, download_url_expires_at: expiresAt, file_id: fileId } = video;
  if (url !== null && expiresAt !== null && expiresAt * 1000 > Date.now()) {
    show(url, expiresAt);
  } else if (fileId !== null) {
    desk.client.video.downloadVideo(fileId).then(
      (link) => show(link.download_url, link.expires_at),
      (error) => fill(holder, el("p", { class: "problem" }, desk.explain(error))),
    );
  }
  return holder;
}

function embedOf(desk: Desk, video: Video): HTMLElement[] {
  if (video.publication !== null) {
    return embeddings(video.publication, video.size, location.origin).map(({ name, about, code }) =>
      codeBlock({ name, note: about, code }, desk.say),
    );
  }
  const row = el("div", { class: "row" });
  const button = el("button", { type: "button", class: "solid" }, "Publish it");
  button.addEventListener("click", () => openPublishing(desk, video, row, button));
  row.append(button);
  return [
    el(
      "p",
      { class: "note" },
      "A page needs an address that stays, and a signed link ends: after seven days at most. Published, the video has one until you take it down.",
    ),
    row,
  ];
}
