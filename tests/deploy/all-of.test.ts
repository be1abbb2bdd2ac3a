import { describe, expect, it } from "vitest";
import { allOf } from "../../deploy/engine/all-of.js";

const later = <Result>(result: () => Result) =>
  new Promise<Result>((resolve, reject) =>
    setImmediate(() => {
      try {
        resolve(result());
      } catch (error) {
        reject(error);
      }
    }),
  );
const fail = (message: string) => () => {
  throw new Error(message);
};

describe("questions that are asked at the same time", () => {
  it("give their answers in their order", async () => {
    expect(await allOf([later(() => "outputs"), Promise.resolve("account")])).toEqual(["outputs", "account"]);
  });

  it("fail with the failure that stands first, because it explains the others, whichever came first", async () => {
    await expect(
      allOf([later(fail("there is no such stack")), Promise.reject(new Error("no stack file"))]),
    ).rejects.toThrow("there is no such stack");
  });

  it("have all ended when they fail: none goes on unseen", async () => {
    let ended = false;
    const slow = later(() => {
      ended = true;
    });
    await expect(allOf([Promise.reject(new Error("refused")), slow])).rejects.toThrow("refused");
    expect(ended).toBe(true);
  });
});
