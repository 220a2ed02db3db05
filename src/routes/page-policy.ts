/** The Content-Security-Policy of filmgate's own pages: nothing from elsewhere, and inline only what the page knows. */

/**
 * @param page `style` and `script` as they stand inline in it; `images`: where its images come from; `sources`:
 * directives for what else it loads; `framedBy`: who may frame it, as `frame-ancestors` says it.
 */
export async function pagePolicy(page: {
  style: string;
  script: string;
  images: string;
  sources: readonly string[];
  framedBy: string;
}): Promise<string> {
  return [
    "default-src 'none'",
    `style-src '${await hashOf(page.style)}'`,
    `script-src '${await hashOf(page.script)}'`,
    ...page.sources,
    `img-src ${page.images}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${page.framedBy}`,
  ].join("; ");
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
