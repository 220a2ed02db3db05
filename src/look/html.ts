/** HTML that cannot be got wrong: whatever stands in a template is escaped, unless it was made by a template itself. */

export type Html = Readonly<{ markup: string }>;
type Value = string | number | Html | readonly Html[] | null;

export function html(texts: TemplateStringsArray, ...values: Value[]): Html {
  const markup = texts.map((text, index) => text + markupOf(values[index] ?? null)).join("");
  return { markup };
}

/** Text of our own source, such as a style sheet: where it stands, entities would not be read. */
export function verbatim(markup: string): Html {
  return { markup };
}

function markupOf(value: Value): string {
  if (value === null) return "";
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  if ("markup" in value) return value.markup;
  return value.map(({ markup }) => markup).join("");
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A sentence in which `code` may be marked with backticks, as descriptions are written. */
export function prose(text: string): Html {
  const parts = text.split("`");
  return html`${parts.map((part, index) => (index % 2 === 1 && index < parts.length - 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}

/** A long path or name, which may be broken where a reader would. */
export function breakable(text: string): Html {
  return html`${text.split(/(?<=[/_.])/).map((part) => html`${part}<wbr>`)}`;
}
