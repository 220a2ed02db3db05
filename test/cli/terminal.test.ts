/** Where somebody looks there are colours and a line that is redrawn; elsewhere neither. */

import { describe, expect, it } from "vitest";
import { createTerminal } from "../../src/cli/terminal.ts";

const mark = "\u001b";

function look(isTTY: boolean, environment: Record<string, string> = {}, columns = 60) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { written, terminal: createTerminal(stream, environment) };
}

describe("a terminal", () => {
  it("has colours, and the line of progress is redrawn and taken away", () => {
    const { written, terminal } = look(true);
    const progress = terminal.startProgress();
    progress.show(0, "in the queue, 3rd");
    progress.show(50, "MiniMax is making it");
    progress.end();
    progress.end();
    expect(written).toHaveLength(3);
    expect(written[1]).toContain(`${mark}[36m▮▮▮▮▮▮▮▮${mark}[0m`);
    expect(written[1]?.startsWith(`\r${mark}[2K`)).toBe(true);
    expect(written[2]).toBe(`\r${mark}[2K`);
    expect(terminal.columns()).toBe(60);
  });

  it("is never filled to its edge: a line that wraps cannot be taken back", () => {
    const { written, terminal } = look(true, { NO_COLOR: "1" }, 40);
    terminal.startProgress().show(100, "a very long word about how the video is doing");
    expect(written[0]?.replace(`\r${mark}[2K`, "").length).toBeLessThan(40);
  });

  it("keeps its line and loses its colours with NO_COLOR", () => {
    const { written, terminal } = look(true, { NO_COLOR: "1" });
    terminal.startProgress().show(25, "storing it");
    expect(terminal.accent("text")).toBe("text");
    expect(written).toEqual([`\r${mark}[2K  ▮▮▮▮▯▯▯▯▯▯▯▯▯▯▯▯  storing it`]);
  });
});

it.each([
  ["a pipe", false, {}],
  ["a dumb terminal", true, { TERM: "dumb" }],
])("%s gets a line when the word changes, and nothing else", (_what, isTTY, environment) => {
  const { written, terminal } = look(isTTY, environment);
  const progress = terminal.startProgress();
  progress.show(1, "MiniMax is making it");
  progress.show(40, "MiniMax is making it");
  progress.show(100, "ready");
  progress.end();
  expect(written).toEqual(["  MiniMax is making it\n", "  ready\n"]);
  expect(terminal.bold("text")).toBe("text");
  expect(terminal.columns()).toBeNull();
});
