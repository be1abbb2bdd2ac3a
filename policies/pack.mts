import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import { type CheckedResource, unknown } from "./checked-resource.mjs";
import { rules } from "./rules.mjs";

new PolicyPack("webhook-pipeline", {
  enforcementLevel: "mandatory",
  policies: rules.map(({ name, description, check }) => ({
    name,
    description,
    // All at once, after the program has registered them: most rules are about several resources.
    validateStack: ({ resources }, report) => {
      for (const { resource, problem } of check(checkedResources(resources))) {
        report(`${resource.name}: ${problem}`, urnOf(resource));
      }
    },
  })),
});

interface EngineResource extends CheckedResource {
  readonly urn: string;
}

function checkedResources(resources: readonly PolicyResource[]): CheckedResource[] {
  return resources.map(checkedResource);
}

function checkedResource(resource: PolicyResource): EngineResource {
  return {
    urn: resource.urn,
    type: resource.type,
    name: resource.name,
    isProtected: resource.opts.protect,
    property: (name) => propertyOf(resource, name),
    madeFrom: (property) => (resource.propertyDependencies[property] ?? []).map(checkedResource),
  };
}

/** A property's value. In a preview, the SDK throws where a value is not known. */
function propertyOf(resource: PolicyResource, name: string): unknown {
  try {
    const value: unknown = resource.props[name];
    // What is not known inside of a value shows when it is read.
    JSON.stringify(value);
    return value ?? undefined;
  } catch (error) {
    // The SDK does not export its error's class.
    if ((error as Error).constructor.name === "UnknownValueError") return unknown;
    throw error;
  }
}

function urnOf(resource: CheckedResource): string {
  return (resource as EngineResource).urn;
}
