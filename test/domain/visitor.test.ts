/** What a visitor reads of a video, and as whom they are counted. */

import { describe, expect, it } from "vitest";
import { videoView } from "../../src/domain/view.ts";
import { forVisitor, networkOf } from "../../src/domain/visitor.ts";
import { states } from "./tasks.ts";

describe("a visitor", () => {
  it("reads what a player needs, and nothing that only the owner does", () => {
    const task = states.succeeded;
    const whole = {
      ...videoView(
        { ...task, metadata: { customer: "7" }, retryOf: "task_of_before" },
        0,
        null,
        "https://x.example",
      ),
      events: [],
    };
    const seen = forVisitor(whole);
    const hidden = Object.keys(whole).filter((field) => !(field in seen));
    expect(hidden.sort()).toEqual(["cost", "events", "metadata", "prompt", "retry_of"]);
    for (const [field, value] of Object.entries(seen)) expect(value).toBe(whole[field as keyof typeof whole]);
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:ffff::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
    ["nonsense", "nonsense"],
  ])("at '%s' is counted as '%s'", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
