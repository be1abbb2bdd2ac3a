import { randomInt } from "node:crypto";
import { ServiceError } from "./service-error.js";

export interface PasswordRules {
  readonly PasswordLength: number;
  readonly ExcludeCharacters: string;
  readonly ExcludeNumbers: boolean;
  readonly ExcludePunctuation: boolean;
  readonly ExcludeUppercase: boolean;
  readonly ExcludeLowercase: boolean;
  readonly IncludeSpace: boolean;
  readonly RequireEachIncludedType: boolean;
}

/**
 * A password as GetRandomPassword makes one: docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 *
 * @throws ServiceError for rules that no password can follow
 */
export function randomPassword(rules: PasswordRules): string {
  const types = [
    rules.ExcludeLowercase ? "" : "abcdefghijklmnopqrstuvwxyz",
    rules.ExcludeUppercase ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    rules.ExcludeNumbers ? "" : "0123456789",
    rules.ExcludePunctuation ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    rules.IncludeSpace ? " " : "",
  ]
    .map((type) => [...type].filter((character) => !rules.ExcludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  const all = types.flat();
  const required = rules.RequireEachIncludedType ? types : [];
  if (all.length === 0) {
    throw new ServiceError(
      "InvalidParameterException",
      "The password can't be empty: all characters are excluded.",
    );
  }
  if (required.length > rules.PasswordLength) {
    throw new ServiceError(
      "InvalidParameterException",
      "The password length is less than the number of required character types.",
    );
  }
  const one = (characters: readonly string[]) => characters[randomInt(characters.length)] ?? "";
  const chosen = required.map(one);
  while (chosen.length < rules.PasswordLength) chosen.push(one(all));
  return shuffled(chosen).join("");
}

/** In an order that says nothing of how the characters were chosen. */
function shuffled(characters: readonly string[]): string[] {
  const order = [...characters];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] ?? "", order[last] ?? ""];
  }
  return order;
}
