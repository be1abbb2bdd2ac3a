import * as pulumi from "@pulumi/pulumi";

/**
 * An output whose value is not made yet: resources can be given it, and wait. Whoever calls this calls the function too.
 *
 * @returns the output, and the function that says what it is
 */
export function outputLater<Value>(): [pulumi.Output<Value>, (source: pulumi.Output<Value>) => void] {
  let resolve: (made: { readonly source: pulumi.Output<Value> }) => void = () => {};
  const made = new Promise<{ readonly source: pulumi.Output<Value> }>((settle) => {
    resolve = settle;
  });
  // In an object, because a promise would take an output for something to wait for.
  const later = pulumi.output(made).apply(({ source }) => source) as unknown as pulumi.Output<Value>;
  return [later, (source) => resolve({ source })];
}
