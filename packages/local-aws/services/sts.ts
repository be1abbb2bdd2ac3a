import { z } from "zod";
import { type Principal, principalArn } from "../iam/principal.js";
import type { Graph } from "../program/graph.js";
import { readInput, unknownOperation } from "./input.js";

/** STS tells a caller who it is. Everybody may ask: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function callSts(
  graph: Graph,
  operation: string,
  input: Readonly<Record<string, unknown>>,
  principal: Principal,
): Record<string, string> {
  if (operation !== "GetCallerIdentity") throw unknownOperation("STS", operation);
  readInput(z.strictObject({}), input);
  const arn = principalArn(principal, graph);
  return { UserId: arn.slice(arn.lastIndexOf("/") + 1), Account: graph.account, Arn: arn };
}
