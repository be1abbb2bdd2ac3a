/** A value within a resource that is one thing and becomes another. */
export interface Difference {
  /** Where it is, such as `policy.Statement[0].Action` or `environment.variables.MODE`. */
  readonly path: string;
  /** Undefined: there was nothing. */
  readonly from: unknown;
  /** Undefined: there is nothing any more. */
  readonly to: unknown;
}

/** What Pulumi's engine writes in place of a value that is known only once the update has been made. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What Pulumi's engine writes in place of a secret. */
export const secretValue = "[secret]";

/** The key under which the engine keeps what kind of value an object stands for, and the kinds that files have. */
const kindKey = "4dabf18193072939515e22adb298388d";
const fileKinds = ["0def7320c3a5731c473e5ecbe6d01bc7", "c44067f5952c0a294b673a41bacd8c17"];

/** Properties that the provider keeps for itself, or that repeat others. */
const ofTheProvider = new Set(["__meta", "__pulumi_raw_state_delta", "__defaults", "tagsAll"]);

/**
 * How two values differ, down to the smallest parts that do. Text that holds JSON is compared as what it says, so that an other
 * order or other blanks are no difference.
 */
export function differences(from: unknown, to: unknown, path = ""): Difference[] {
  const [before, after] = [readable(from), readable(to)];
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      differences(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((name) => !ofTheProvider.has(name))
      .flatMap((name) => differences(before[name], after[name], path === "" ? name : `${path}.${name}`));
  }
  return before === after ? [] : [{ path, from: before, to: after }];
}

/** What a person can compare: JSON as what it says, and files as their hash. Nothing and empty are the same. */
function readable(value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value === "string" && /^\s*[[{]/.test(value)) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  if (isObject(value) && fileKinds.includes(String(value[kindKey]))) {
    return `files ${String(value.hash).slice(0, 8)}`;
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How much of a value is shown, in characters. */
const shownCharacters = 80;

/** A value as people are shown it, on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return "(nothing)";
  const text = known(typeof value === "string" ? value : JSON.stringify(value));
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`;
}

/** The text with words where the engine has a mark for what it does not know yet. */
export function known(text: string): string {
  return text.replaceAll(unknownValue, "(known after the update)");
}
