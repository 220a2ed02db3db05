/** What the scripts print: quiet colours, one line of progress; neither where nobody looks (NO_COLOR, no terminal). */

const live = process.stdout.isTTY === true;
const coloured = live && !process.env.NO_COLOR;

const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
export const dim = paint(2);
export const bold = paint(1);
export const accent = paint(36);

/** Frames passing the gate: a strip that fills, with the honest word beside it. */
function strip(percent: number): string {
  const frames = 16;
  const passed = Math.round((percent / 100) * frames);
  return `${accent("▮".repeat(passed))}${dim("▯".repeat(frames - passed))}`;
}

/** A line of progress: redrawn in place on a terminal, elsewhere printed when the word changes. */
export function startProgress(): { show(percent: number, word: string): void; end(): void } {
  let last = "";
  return {
    show(percent, word) {
      if (live) process.stdout.write(`\r\u001b[2K  ${strip(percent)}  ${word}`);
      else if (word !== last) console.log(`  ${word}`);
      last = word;
    },
    end() {
      if (live) process.stdout.write("\r\u001b[2K");
    },
  };
}
