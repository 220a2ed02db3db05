import fc from "fast-check";
import { expect, it } from "vitest";
import { isSameSecret, sha256Hex } from "../../src/domain/hash.ts";

it("hashes as everybody does", () => {
  expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256Hex(new Uint8Array())).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

it("knows a secret from every other text, of whatever length", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(text, text, (given, expected) => {
      expect(isSameSecret(given, expected)).toBe(given === expected);
      expect(isSameSecret(given, given)).toBe(true);
      expect(isSameSecret(`${given} `, given)).toBe(false);
    }),
  );
});
