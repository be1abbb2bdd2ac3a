import { Tokens } from "./tokens.js";

/** Gives the value of a metric in the period, or of an expression; undefined where it has none. */
export type Value = (idOf: (id: string) => number | undefined) => number | undefined;

/**
 * Metric math of one value a period: numbers, ids of metrics, arithmetic, comparisons, AND and OR, and the functions below. Whatever is
 * computed from a missing value is missing, except by FILL.
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @throws Error for what is not understood, such as the functions of whole time series
 */
export function parseMetricMath(expression: string): {
  readonly value: Value;
  readonly ids: readonly string[];
} {
  const tokens = new Tokens(expression, /[A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=!]=|&&|\|\||[-+*/(),<>]/);
  const ids = new Set<string>();
  const value = readLevel(0, tokens, ids);
  tokens.expectEnd();
  return { value, ids: [...ids] };
}

const truth = (is: boolean) => (is ? 1 : 0);

type Operator = (left: number, right: number) => number;

const or: Operator = (left, right) => truth(left !== 0 || right !== 0);
const and: Operator = (left, right) => truth(left !== 0 && right !== 0);

/** The operators of each level, those that bind least first. */
const levels: readonly Readonly<Record<string, Operator>>[] = [
  { OR: or, "||": or },
  { AND: and, "&&": and },
  {
    "<": (left, right) => truth(left < right),
    "<=": (left, right) => truth(left <= right),
    ">": (left, right) => truth(left > right),
    ">=": (left, right) => truth(left >= right),
    "==": (left, right) => truth(left === right),
    "!=": (left, right) => truth(left !== right),
  },
  { "+": (left, right) => left + right, "-": (left, right) => left - right },
  { "*": (left, right) => left * right, "/": (left, right) => left / right },
];

function readLevel(level: number, tokens: Tokens, ids: Set<string>): Value {
  const operators = levels[level];
  if (operators === undefined) return readOne(tokens, ids);
  let value = readLevel(level + 1, tokens, ids);
  for (;;) {
    const operator = operators[tokens.take(...Object.keys(operators)) ?? ""];
    if (operator === undefined) return value;
    const left = value;
    const right = readLevel(level + 1, tokens, ids);
    value = (idOf) => {
      const [one, other] = [left(idOf), right(idOf)];
      if (one === undefined || other === undefined) return undefined;
      const result = operator(one, other);
      // A division by zero is no data point.
      return Number.isFinite(result) ? result : undefined;
    };
  }
}

const functions: Readonly<
  Record<string, { readonly inputs: number; readonly of: (inputs: readonly Value[]) => Value }>
> = {
  IF: {
    inputs: 3,
    of:
      ([condition, met, unmet]) =>
      (idOf) => {
        const is = condition?.(idOf);
        return is === undefined ? undefined : is === 0 ? unmet?.(idOf) : met?.(idOf);
      },
  },
  FILL: {
    inputs: 2,
    of:
      ([filled, by]) =>
      (idOf) =>
        filled?.(idOf) ?? by?.(idOf),
  },
};

function readOne(tokens: Tokens, ids: Set<string>): Value {
  if (tokens.take("(") !== undefined) {
    const value = readLevel(0, tokens, ids);
    tokens.expect(")");
    return value;
  }
  if (tokens.take("-") !== undefined) {
    const value = readOne(tokens, ids);
    return (idOf) => {
      const positive = value(idOf);
      return positive === undefined ? undefined : -positive;
    };
  }
  const token = tokens.takeAny();
  if (/^\d/.test(token)) return () => Number(token);
  if (tokens.next === "(") return readCall(token, tokens, ids);
  if (!/^[a-z]/.test(token))
    throw new Error(`"${token}" is not understood: ids of metrics begin with a small letter`);
  ids.add(token);
  return (idOf) => idOf(token);
}

function readCall(name: string, tokens: Tokens, ids: Set<string>): Value {
  const called = functions[name.toUpperCase()];
  if (called === undefined) {
    throw new Error(`the function ${name} is not known here, only ${Object.keys(functions).join(" and ")}`);
  }
  tokens.expect("(");
  const inputs = [readLevel(0, tokens, ids)];
  while (tokens.take(",") !== undefined) inputs.push(readLevel(0, tokens, ids));
  tokens.expect(")");
  if (inputs.length !== called.inputs) {
    throw new Error(`${name} takes ${called.inputs} values, and got ${inputs.length}`);
  }
  return called.of(inputs);
}
