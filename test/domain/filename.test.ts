import { describe, expect, it } from "vitest";
import { contentDisposition, readName, spellName, unspellName } from "../../src/domain/filename.ts";

describe("a name to save a video under", () => {
  it.each([
    ["Waves.mp4", "Waves.mp4"],
    ["Waves", "Waves.mp4"],
    ["Waves.MP4", "Waves.MP4"],
    ["waves.exe", "waves.exe.mp4"],
    ['Wässer — 水 "Morgen"', 'Wässer — 水 "Morgen".mp4'],
    ["👩‍👩‍👧", "👩‍👩‍👧.mp4"],
  ])("%s is %s", (text, name) => {
    expect(readName(text)).toBe(name);
    expect(unspellName(spellName(name))).toBe(name);
    expect(spellName(name)).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})+$/);
  });

  it.each([
    ["nothing", ""],
    ["dots", "..."],
    ["space around it", " Waves"],
    ["a folder", "../Waves.mp4"],
    ["a folder of Windows", "C:\\Waves"],
    ["a line break", "Waves\r\nset-cookie: a=b"],
    ["a zero byte", "Waves\u0000"],
    ["text that runs backwards", "Waves\u202e4pm.exe"],
    ["half a character", "Waves\ud83d"],
    ["too much", "a".repeat(147)],
  ])("is not %s", (_title, text) => {
    expect(readName(text)).toBeNull();
  });

  it.each(["%", "%C3", "Waves", "Waves%2emp4", "Waves.mp4%0A", "W%61ves.mp4"])(
    "is not spelled %s",
    (text) => {
      expect(unspellName(text)).toBeNull();
    },
  );
});

describe("Content-Disposition", () => {
  it.each([
    ["Waves at sunset.mp4", 'attachment; filename="Waves at sunset.mp4"'],
    ["Wässer.mp4", "attachment; filename=\"W_sser.mp4\"; filename*=UTF-8''W%C3%A4sser.mp4"],
    ['"a" 100 %.mp4', "attachment; filename=\"_a_ 100 _.mp4\"; filename*=UTF-8''%22a%22%20100%20%25.mp4"],
    ["it's (1).mp4", 'attachment; filename="it\'s (1).mp4"'],
    ["水's.mp4", "attachment; filename=\"_'s.mp4\"; filename*=UTF-8''%E6%B0%B4%27s.mp4"],
  ])("names %s to those who read ASCII only, and exactly", (name, header) => {
    expect(contentDisposition("attachment", name)).toBe(header);
    expect(new Headers({ "content-disposition": header }).get("content-disposition")).toBe(header);
  });
});
