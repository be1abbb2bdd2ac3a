import type * as pulumi from "@pulumi/pulumi";

/** One of several resources, each for a value of the same setting. */
export interface NamedByValue {
  readonly value: string;
  /** The resource's logical name. */
  readonly name: string;
  /** Lets Pulumi find the resource under the name that it had when there could be but one. */
  readonly aliases: pulumi.Alias[];
}

/**
 * Names resources of which a stage has one for each value of a setting: the present one, and those that still hold for a
 * while. A resource that is named by its value stays the same one when the value becomes a former one.
 *
 * @param plain name that the resource had when there could be but one
 * @param values the present one first, the earliest last
 */
export function nameByValue(plain: string, values: readonly string[]): NamedByValue[] {
  return values.map((value, index) => ({
    value,
    name: `${plain}-${value}`,
    aliases: index === values.length - 1 ? [{ name: plain }] : [],
  }));
}
