import type { Action } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { preparePause, prepareRedrive, prepareResume } from "./lanes.js";
import type { Prepared } from "./prepared.js";
import { prepareReplay } from "./replay.js";
import { prepareSend } from "./send.js";

/** Plans an action, as its command does. It changes nothing. */
export function prepare(inspected: Inspected, action: Action): Promise<Prepared> {
  switch (action.kind) {
    case "replay":
      return prepareReplay(inspected, action);
    case "redrive":
      return prepareRedrive(inspected, action);
    case "pause":
      return preparePause(inspected, action);
    case "resume":
      return prepareResume(inspected, action);
    case "send":
      return prepareSend(inspected, action);
  }
}
