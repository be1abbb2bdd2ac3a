import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineFolder } from "../../pulumi-engine/engine-binary.js";

const npms = join("/project", "node_modules", ".bin");
const own = join("/usr", "local", "bin");
const downloaded = join("/home", "pulumi", "versions", "3.265.0", "bin");
const env = { PULUMI_HOME: join("/home", "pulumi"), PATH: [npms, own].join(delimiter) };

const found = (...folders: string[]) =>
  engineFolder(env, "3.265.0", (file) => folders.some((folder) => file.startsWith(folder)));

describe("Pulumi's binary", () => {
  it("is the one that npm's wrapper has downloaded", () => {
    expect(found(npms, own, downloaded)).toBe(downloaded);
  });

  it("is another one on the PATH, if the wrapper has downloaded none", () => {
    expect(found(npms, own)).toBe(own);
  });

  it("is never the wrapper, which passes no signal on", () => {
    expect(found(npms)).toBeUndefined();
  });
});
