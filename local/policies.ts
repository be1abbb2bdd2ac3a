import type { Graph, GraphResource } from "local-aws";
import type { CheckedResource, Violation } from "../policies/checked-resource.mjs";
import { rules } from "../policies/rules.mjs";

/** What a stage's resources break of the policies, without AWS and without Pulumi's engine. */
export function violationsOf({ resources }: Graph): (Violation & { readonly rule: string })[] {
  const checked = checkedResources(resources.filter(({ custom }) => custom));
  return rules.flatMap(({ name: rule, check }) =>
    check(checked).map((violation) => ({ rule, ...violation })),
  );
}

function checkedResources(resources: readonly GraphResource[]): CheckedResource[] {
  const checked = resources.map(({ type, name, protect, inputs }): CheckedResource => {
    return {
      type,
      name,
      isProtected: protect,
      property: (property) => inputs[property],
      madeFrom(property) {
        const text = JSON.stringify(inputs[property] ?? null);
        return checked.filter((_, index) => identifiersOf(resources[index]).some((id) => names(text, id)));
      },
    };
  });
  return checked;
}

/** How other resources refer to one. The engine knows this from the program's outputs; here their values tell it. */
function identifiersOf(resource: GraphResource | undefined): string[] {
  const { arn, url, bucket } = resource?.state ?? {};
  return [arn, url, bucket].filter((value): value is string => typeof value === "string" && value !== "");
}

/** Whether a text has an identifier that does not go on, as another resource's would. */
function names(text: string, identifier: string): boolean {
  for (let at = text.indexOf(identifier); at >= 0; at = text.indexOf(identifier, at + 1)) {
    if (!/[\w-]/.test(text[at + identifier.length] ?? "")) return true;
  }
  return false;
}
