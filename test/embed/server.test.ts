/** A page that is rendered on a server imports the component, too: it must not mind. */

import { expect, it } from "vitest";

it("is imported where there is no page, and does nothing", async () => {
  expect("HTMLElement" in globalThis).toBe(false);
  const { FilmgateVideo } = await import("../../src/embed/filmgate-video.ts");
  expect(FilmgateVideo.observedAttributes).toContain("src");
});
