/**
 * A stream as somebody looks at it: quiet colours and one line of progress on a terminal, neither where nobody looks
 * (a pipe, a file, NO_COLOR, TERM=dumb). The command line and the scripts write through this.
 */

export type Terminal = Readonly<{
  /** Whether a line can be redrawn in place. */
  isLive: boolean;
  /** How many characters fit into a line; null where nobody looks. */
  columns: () => number | null;
  dim: Paint;
  bold: Paint;
  accent: Paint;
  /** A line of progress: redrawn in place on a terminal, elsewhere printed when the word changes. */
  startProgress: () => Progress;
}>;
export type Paint = (text: string) => string;
export type Progress = Readonly<{
  /** @param percent 0 to 100. @param word the honest word beside the strip, without control characters. */
  show(percent: number, word: string): void;
  /** Takes the line away; what follows stands in its place. May be called twice. */
  end(): void;
}>;

type Written = { isTTY?: boolean | undefined; columns?: number | undefined; write(text: string): unknown };

const frames = 16;

export function createTerminal(stream: Written, environment: Readonly<Record<string, string | undefined>>) {
  const isLive = stream.isTTY === true && environment.TERM !== "dumb";
  const isColoured = isLive && !environment.NO_COLOR;
  const paint =
    (code: number): Paint =>
    (text) =>
      isColoured && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  const [bold, dim, accent] = [paint(1), paint(2), paint(36)];

  /** Frames passing the gate: a strip that fills. */
  const strip = (percent: number): string => {
    const passed = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * frames);
    return `${accent("▮".repeat(passed))}${dim("▯".repeat(frames - passed))}`;
  };

  const terminal: Terminal = {
    isLive,
    columns: () => (isLive ? (stream.columns ?? null) : null),
    dim,
    bold,
    accent,
    startProgress() {
      let last = "";
      return {
        show(percent, word) {
          // A line that wraps cannot be taken back.
          const room = Math.max((stream.columns || 80) - frames - 5, 0);
          if (isLive) stream.write(`\r\u001b[2K  ${strip(percent)}  ${word.slice(0, room)}`);
          else if (word !== last) stream.write(`  ${word}\n`);
          last = word;
        },
        end() {
          if (isLive && last !== "") stream.write("\r\u001b[2K");
          last = "";
        },
      };
    },
  };
  return terminal;
}
