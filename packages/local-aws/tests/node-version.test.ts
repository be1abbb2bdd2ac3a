import { describe, expect, it } from "vitest";
import { checkNodeVersion } from "../node-version.js";
import { UserError } from "../program/user-error.js";

describe("the Node that runs functions", () => {
  it.each(["22.18.0", "22.20.1", "24.0.0", "26.1.0"])("may be %s", (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });

  it.each(["18.20.0", "20.20.2", "22.17.9"])(
    "is refused in words that say what else works: %s",
    (version) => {
      const check = () => checkNodeVersion(version);
      expect(check).toThrow(UserError);
      expect(check).toThrow(`need Node 22.18 or newer, and this is ${version}.`);
      expect(check).toThrow("npm rebuild node --ignore-scripts=false");
      expect(check).toThrow("A newer Node on the PATH does as well");
    },
  );
});
