import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider.js";
import type { ConstructResult } from "@pulumi/pulumi/provider/provider.js";
import { parseSettings, SettingsError } from "../settings/settings.js";
import { packageName, WebhookPipeline } from "./index.mjs";

/** Serves the package to Pulumi's engine. */
export class PipelineProvider extends ComponentProvider {
  constructor() {
    super({
      name: packageName,
      dirname: fileURLToPath(new URL(".", import.meta.url)),
      components: [WebhookPipeline],
    });
  }

  /** @throws pulumi.InputPropertiesError with every problem of the settings and its path */
  override async construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const { settings, secretGroups } = await readInputs(inputs);
    try {
      parseSettings(settings);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      throw new pulumi.InputPropertiesError({
        message: error.message,
        errors: error.problems.map((problem) => {
          const end = problem.indexOf(": ");
          return { propertyPath: problem.slice(0, end), reason: problem.slice(end + 2) };
        }),
      });
    }
    return super.construct(name, type, { ...settings, secretGroups }, options);
  }
}

/** A group of settings as the engine gives it. The SDK's types hide what it knows of it. */
interface Known {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(): Promise<unknown>;
}

/** The values of the settings, and the groups that hold a secret. */
async function readInputs(inputs: pulumi.Inputs) {
  const settings: Record<string, unknown> = {};
  const secretGroups: string[] = [];
  for (const [group, value] of Object.entries(inputs)) {
    const read = pulumi.output(value) as unknown as Known;
    if (!(await read.isKnown)) {
      throw new pulumi.InputPropertyError({
        propertyPath: group,
        reason:
          "is made by another resource and not known yet: the settings decide which resources there are, so give a value that is known before the update",
      });
    }
    if (await read.isSecret) secretGroups.push(group);
    const known = await read.promise();
    if (known !== undefined && known !== null) settings[group] = known;
  }
  return { settings, secretGroups };
}
