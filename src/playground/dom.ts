/**
 * Elements, made in one expression. What people write becomes text and never markup, and styles are set on the object:
 * the page's policy takes no style attribute.
 */

export type Child = Node | string | null | false;
type Listener = (event: never) => void;
type Properties = Readonly<{
  class?: string | undefined;
  /** Listeners by their event's name. */
  on?: Readonly<Record<string, Listener>> | undefined;
  /** Custom properties of its style. */
  vars?: Readonly<Record<string, string>> | undefined;
  [attribute: string]: unknown;
}>;

/** An element with its attributes; those that are false, null or undefined are left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  const { on = {}, vars = {}, ...attributes } = properties;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(attribute, value === true ? "" : String(value));
  }
  for (const [event, listener] of Object.entries(on))
    element.addEventListener(event, listener as EventListener);
  for (const [property, value] of Object.entries(vars)) element.style.setProperty(property, value);
  append(element, children);
  return element;
}

/** Puts these in place of what an element holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  element.append(...children.filter((child) => child !== null && child !== false));
}

let made = 0;
/** An id that no other element has, for what refers to it. */
export function freshId(): string {
  made += 1;
  return `e${made}`;
}

/** Whether the visitor asked for a page that does not move. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
