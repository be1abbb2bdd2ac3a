import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses an argument that is not a whole number within bounds. Called before `super()`, so that a component with a wrong
 * argument registers nothing.
 */
export function checkWholeNumber(propertyPath: string, value: number, least: number, most: number): void {
  const holds = Number.isInteger(value) && value >= least && value <= most;
  checkThat(holds, propertyPath, `must be a whole number from ${least} to ${most}, got ${value}`);
}

/** Refuses an argument for a reason of its own, unless it holds. */
export function checkThat(holds: boolean, propertyPath: string, reason: string): void {
  if (!holds) throw refusal(propertyPath, reason);
}

/** What {@link checkThat} throws. */
export function refusal(propertyPath: string, reason: string): Error {
  // The message names the property itself: Pulumi shows the path only for components that a plugin provides.
  return new pulumi.InputPropertyError({ propertyPath, reason: `${propertyPath} ${reason}` });
}
