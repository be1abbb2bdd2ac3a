import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { readSettings } from "../../config.js";

const project = pulumi.getProject();
const sources = JSON.stringify([{ name: "github", signature: { scheme: "github" } }]);
const alarms = JSON.stringify({ https: ["https://pager.example/integration/a-key/enqueue"] });

afterEach(() => pulumi.runtime.setAllConfig({}));

describe("the settings of a stage", () => {
  it("say which groups were set with --secret", () => {
    const values = { [`${project}:sources`]: sources, [`${project}:alarms`]: alarms };

    pulumi.runtime.setAllConfig(values, [`${project}:alarms`]);
    expect(readSettings().secretGroups).toEqual(["alarms"]);

    pulumi.runtime.setAllConfig(values);
    expect(readSettings().secretGroups).toEqual([]);
  });
});
