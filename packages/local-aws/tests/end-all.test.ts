import { describe, expect, it } from "vitest";
import { endAll } from "../end-all.js";

describe("the parts of what runs", () => {
  it("end in the reverse order of their start, one after another, and once", async () => {
    const ended: string[] = [];
    const part = (name: string) => async () => {
      ended.push(`${name} begins to end`);
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(`${name} has ended`);
    };
    const parts = [part("queue"), part("function")];
    await endAll(parts);
    await endAll(parts);
    expect(ended).toEqual([
      "function begins to end",
      "function has ended",
      "queue begins to end",
      "queue has ended",
    ]);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("the port is stuck"))],
    [
      "throws",
      () => {
        throw new Error("the port is stuck");
      },
    ],
  ])("all end if one cannot be ended, which is told: it %s", async (_, stuck: () => Promise<unknown>) => {
    const ended: string[] = [];
    const part = (name: string) => async () => void ended.push(name);
    await expect(endAll([part("first"), stuck, part("last")])).rejects.toThrow("the port is stuck");
    expect(ended).toEqual(["last", "first"]);
  });
});
