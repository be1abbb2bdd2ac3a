import { JavaList, type JavaValue, TemplateFault } from "./java-values.js";

/**
 * The JSONPath that `$input.path` and `$input.json` take: names, quoted names, indexes (from the end when negative),
 * unions, slices, `*` and `..`. Filters and functions are refused, not ignored. The engine beneath AWS is Jayway
 * JsonPath (AWS fact 1.4), whose rule is kept: a path that can match more than one place gives a list.
 *
 * @returns undefined where a definite path leads nowhere
 * @throws TemplateFault for a path that cannot be read
 */
export function readPath(root: JavaValue, path: string): JavaValue {
  const steps = parsePath(path);
  let found: JavaValue[] = [root];
  for (const step of steps) found = found.flatMap((value) => step.select(value));
  return steps.every((step) => step.definite) ? found[0] : new JavaList(found, true);
}

interface Step {
  /** Whether the step can only ever select one place. */
  readonly definite: boolean;
  select(value: JavaValue): JavaValue[];
}

const parsed = new Map<string, readonly Step[]>();

function parsePath(path: string): readonly Step[] {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const steps = [...stepsOf(path)];
  parsed.set(path, steps);
  return steps;
}

const token =
  /(?<deep>\.\.)?(?:\.?(?<all>\*|\[\*\])|\.?\[(?<bracket>(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[-\d:,\s])+)\]|\.?(?<name>[^.[\]()'"*?@\s]+))/y;

function* stepsOf(path: string): Generator<Step> {
  // Jayway puts the `$.` in front of a path that lacks it.
  const full = path.startsWith("$") ? path : `$.${path}`;
  token.lastIndex = 1;
  while (token.lastIndex < full.length) {
    const at = token.lastIndex;
    const groups = token.exec(full)?.groups;
    if (groups === undefined)
      throw new TemplateFault(`JSONPath "${path}" is not supported locally from "${full.slice(at)}" on`);
    if (groups.deep !== undefined) yield { definite: false, select: descendants };
    if (groups.all !== undefined) yield { definite: false, select: children };
    else if (groups.name !== undefined) yield named(groups.name);
    else yield bracket(groups.bracket ?? "", path, token.lastIndex === full.length);
  }
}

function bracket(inside: string, path: string, isLast: boolean): Step {
  const names = [...inside.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map(([, single, double]) =>
    (single ?? double ?? "").replace(/\\(.)/g, "$1"),
  );
  const [name] = names;
  if (name !== undefined && names.length === 1) return named(name);
  if (name !== undefined && !isLast)
    throw new TemplateFault(`JSONPath "${path}" is not supported locally: several names can only end it`);
  if (name !== undefined) return picked(names);
  const slice = /^\s*(-?\d*)\s*:\s*(-?\d*)\s*$/.exec(inside);
  if (slice !== null) {
    const [from, to] = [slice[1], slice[2]].map((end) => (end ? Number(end) : undefined));
    return {
      definite: false,
      select: (value) => (value instanceof JavaList ? value.items.slice(from, to) : []),
    };
  }
  const indexes = inside.split(",").map((index) => (/^\s*-?\d+\s*$/.test(index) ? Number(index) : undefined));
  if (indexes.includes(undefined)) throw new TemplateFault(`JSONPath "${path}" has no index "${inside}"`);
  return {
    definite: indexes.length === 1,
    select: (value) =>
      value instanceof JavaList
        ? indexes.flatMap((index = 0) => (hasIndex(value, index) ? [value.items.at(index)] : []))
        : [],
  };
}

function hasIndex({ items }: JavaList, index: number): boolean {
  return index < items.length && index >= -items.length;
}

function named(name: string): Step {
  return {
    definite: true,
    select: (value) => (value instanceof Map && value.has(name) ? [value.get(name)] : []),
  };
}

/** Several names give one map with those of them that are there. */
function picked(names: readonly string[]): Step {
  return {
    definite: true,
    select: (value) =>
      value instanceof Map
        ? [new Map(names.filter((name) => value.has(name)).map((name) => [name, value.get(name)]))]
        : [],
  };
}

function children(value: JavaValue): JavaValue[] {
  if (value instanceof JavaList) return value.items;
  return value instanceof Map ? [...value.values()] : [];
}

function descendants(value: JavaValue): JavaValue[] {
  return [value, ...children(value).flatMap(descendants)];
}
