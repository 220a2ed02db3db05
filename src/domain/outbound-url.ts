/**
 * Addresses of callers that filmgate itself calls: which it takes. Only https to a public host, so that an order
 * cannot make this deployment knock at doors that its caller cannot reach. Pure, so it sees what an address says and
 * not what its name resolves to; docs/webhooks.md tells what that means.
 *
 * An address is judged as the URL parser reads it, and is called in that very spelling: `0x7f.1`, `2130706433` and
 * `①②⑦.⓪.⓪.①` are all 127.0.0.1 by then.
 */

export const maxUrlCharacters = 2048;

export type UrlVerdict =
  /** In the spelling in which it will be called. */
  | { accepted: true; url: string }
  /** What is wrong, as the end of a sentence that began with the field; it never shows more of the URL than its host. */
  | { accepted: false; problem: string };

/** @param rules.allowsLoopback true only where the deployment itself runs in development: then http is taken, too. */
export function judgeUrl(text: string, rules: { allowsLoopback: boolean }): UrlVerdict {
  const refuse = (problem: string): UrlVerdict => ({ accepted: false, problem });
  if (text.length > maxUrlCharacters) return refuse(`has ${text.length} characters`);
  // The parser drops tabs and line ends and reads a backslash as a slash: what it would mend was meant to mislead.
  if (!/^https?:\/\/[^/]/i.test(text)) return refuse("is not an https URL");
  if (hasStrayCharacter(text) || !URL.canParse(text)) return refuse("is not a URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return refuse("has a user name or password in it");
  if (text.includes("#")) return refuse("has a fragment, which is never sent");
  const isOwnMachine = isLoopback(url.hostname);
  if (!(isOwnMachine && rules.allowsLoopback)) {
    if (url.protocol !== "https:") return refuse("is not https");
    const problem = problemOfHost(url.hostname);
    if (problem !== null) return refuse(problem);
  }
  if (url.href.length > maxUrlCharacters) return refuse(`has ${url.href.length} characters once encoded`);
  return { accepted: true, url: url.href };
}

/** What is accepted, as a sentence. */
export const acceptedUrls = `Accepted is an https URL of at most ${maxUrlCharacters} characters, on a public host, without user name, password or fragment.`;

/** True for an origin that is http on this very machine: who calls MiniMax there calls the simulator. */
export function isOnThisMachine(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return protocol === "http:" && isLoopback(hostname);
}

/** An address as a log may show it: what stands in a query is often a secret. */
export function withoutQuery(address: string): string {
  if (!URL.canParse(address)) return "";
  const { origin, pathname, search } = new URL(address);
  return `${origin}${pathname}${search === "" ? "" : "?…"}`;
}

/** A last segment of so many characters stays a secret when its last four are shown. */
const longSecret = 16;

/**
 * An address that is a secret, as its owner may see it: the host, and the last four characters where so many more stay
 * hidden that they tell one hook from another and nothing else.
 */
export function maskedUrl(address: string): string {
  if (!URL.canParse(address)) return "…";
  const { origin, pathname } = new URL(address);
  const last = pathname.split("/").findLast((segment) => segment !== "") ?? "";
  return `${origin}/…${last.length >= longSecret ? last.slice(-4) : ""}`;
}

/** @param host as the parser gives it: in lower case, names in punycode, IPv4 dotted, IPv6 in brackets. */
function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "[::1]") return true;
  const ipv4 = readIpv4(host);
  return ipv4 !== null && isInside(ipv4, 0x7f000000, 8);
}

function problemOfHost(host: string): string | null {
  if (host.startsWith("[")) {
    return isPublicIpv6(readIpv6(host)) ? null : `names ${host}, which is no public address`;
  }
  const ipv4 = readIpv4(host);
  if (ipv4 !== null) {
    const isClosed = closedIpv4.some(([base, bits]) => isInside(ipv4, base, bits));
    return isClosed ? `names ${host}, which is no public address` : null;
  }
  const labels = host.split(".");
  if (host.endsWith(".")) return "names a host that ends in a dot";
  if (host.length > 253 || !labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)))
    return "names a host that no public name can be";
  if (labels.length === 1) return `names ${host}, which is no public host`;
  if (closedDomains.has(labels.at(-1) ?? "")) return `names ${host}, which is no public host`;
  return null;
}

/**
 * Last labels under which nobody has a public name. Special-use names: RFC 6761 (localhost, test, invalid, example;
 * example.com is an ordinary name), 6762 with its appendix G (local, and what home and office networks call
 * themselves), 7686 (onion), 9476 (alt). `internal` is reserved by ICANN (board resolution of 2024-07-29) and names
 * clouds' metadata services; `arpa` holds infrastructure, home.arpa (RFC 8375) among it. `localdomain` and `mail`
 * were never delegated and are in hosts files everywhere.
 */
const closedDomains = new Set(
  "localhost test invalid example local intranet internal private corp home lan onion alt arpa localdomain mail".split(
    " ",
  ),
);

/** What is not globally reachable by the IANA IPv4 Special-Purpose Address Registry, and multicast. */
const closedIpv4: readonly [base: number, bits: number][] = [
  [0x00000000, 8], // this network
  [0x0a000000, 8], // private
  [0x64400000, 10], // carrier-grade NAT
  [0x7f000000, 8], // loopback
  [0xa9fe0000, 16], // link-local, clouds' metadata services among it
  [0xac100000, 12], // private
  [0xc0000000, 24], // protocol assignments
  [0xc0000200, 24], // documentation
  [0xc0586300, 24], // 6to4 relays
  [0xc0a80000, 16], // private
  [0xc6120000, 15], // benchmarking
  [0xc6336400, 24], // documentation
  [0xcb007100, 24], // documentation
  [0xe0000000, 4], // multicast
  [0xf0000000, 4], // reserved, broadcast
];

/** Inside 2000::/3, which alone is global unicast; by the first 32 bits (IANA IPv6 Special-Purpose Address Registry). */
const closedIpv6: readonly [base: number, bits: number][] = [
  [0x20010000, 23], // protocol assignments, Teredo among them
  [0x20010db8, 32], // documentation
  [0x20020000, 16], // 6to4, which holds an IPv4 address of any kind
  [0x3fff0000, 20], // documentation
];

/** Everything outside of 2000::/3 is refused: IPv4 in IPv6, NAT64, unique local, link-local, multicast. */
function isPublicIpv6(groups: readonly number[]): boolean {
  const [first = 0, second = 0] = groups;
  const start = first * 0x10000 + second;
  return isInside(start, 0x20000000, 3) && !closedIpv6.some(([base, bits]) => isInside(start, base, bits));
}

function isInside(address: number, base: number, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(base / size);
}

function readIpv4(host: string): number | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return null;
  return host.split(".").reduce((address, part) => address * 256 + Number(part), 0);
}

/** Eight groups from the parser's spelling, which never has a dotted end. */
function readIpv6(host: string): number[] {
  const [left = "", right] = host.slice(1, -1).split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const [head, tail] = [groups(left), groups(right)];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16));
}

function hasStrayCharacter(text: string): boolean {
  // Spaces, controls, and the backslash.
  return [...text].some((character) => character <= " " || character === "\x7f" || character === "\\");
}
