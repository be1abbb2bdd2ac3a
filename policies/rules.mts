import type { Rule } from "./checked-resource.mjs";
import {
  alarmsTell,
  functionsAreSupported,
  logsEnd,
  noSecretsInEnvironments,
  resourcesAreTagged,
} from "./rules/operation.mjs";
import { nothingPublic, noWildcards } from "./rules/permissions.mjs";
import { webhooksAreProtected } from "./rules/protection.mjs";
import { queuesAreEncrypted, queuesHaveDeadLetters } from "./rules/queues.mjs";
import { tlsOnly } from "./rules/transport.mjs";

/** What must hold for every stage, whoever edits the program. */
export const rules: readonly Rule[] = [
  queuesAreEncrypted,
  queuesHaveDeadLetters,
  tlsOnly,
  webhooksAreProtected,
  noWildcards,
  nothingPublic,
  logsEnd,
  alarmsTell,
  functionsAreSupported,
  noSecretsInEnvironments,
  resourcesAreTagged,
];
