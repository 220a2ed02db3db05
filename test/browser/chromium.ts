/** A real Chromium, wherever this machine has one. */

import { access } from "node:fs/promises";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Starts the browser; CHROMIUM names one that lies elsewhere.
 * @throws Error saying how to get one.
 */
export async function startChromium(): Promise<Browser> {
  for (const executablePath of [process.env.CHROMIUM ?? "", ...places]) {
    const found = await access(executablePath).then(
      () => executablePath !== "",
      () => false,
    );
    if (!found) continue;
    return chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
      ],
    });
  }
  throw new Error(
    "No Chromium was found. Install it (Debian: apt-get install chromium), or name it in CHROMIUM.",
  );
}
