/**
 * Filter patterns of CloudWatch Logs: terms, and conditions on the members of a JSON line.
 * docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */

/** Whether a line is found. */
export type LineFilter = (line: string) => boolean;

/** A pattern that CloudWatch refuses, or that this machine does not know. */
export class InvalidPattern extends Error {
  override readonly name = "InvalidPattern";
}

/** @throws InvalidPattern */
export function lineFilter(pattern: string): LineFilter {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return jsonFilter(text);
  if (text.startsWith("[")) {
    throw new InvalidPattern("local AWS does not know patterns of space-delimited fields, in brackets");
  }
  return termFilter(text);
}

function termFilter(text: string): LineFilter {
  const terms = [...text.matchAll(/([?-]?(?:"(?:[^"\\]|\\.)*"|%[^%]+%|[^\s"%]+))\s*/gy)];
  // Whatever is no term, such as a quotation mark that is not closed, is left over.
  if (terms.reduce((length, [part]) => length + part.length, 0) !== text.length) {
    throw new InvalidPattern("a quotation mark or % is not closed");
  }
  const read = terms.map(([, term = ""]) => readTerm(term));
  const optional = read.filter(({ sign }) => sign === "?");
  if (optional.length === 0) return (line) => read.every(({ sign, isIn }) => isIn(line) !== (sign === "-"));
  if (optional.length === read.length) return (line) => read.some(({ isIn }) => isIn(line));
  throw new InvalidPattern(
    "local AWS does not know patterns that mix terms with a question mark and without",
  );
}

interface Term {
  readonly sign: "?" | "-" | "";
  readonly isIn: LineFilter;
}

function readTerm(text: string): Term {
  const sign = text.startsWith("?") ? "?" : text.startsWith("-") ? "-" : "";
  const term = text.slice(sign.length);
  if (term.startsWith("%")) {
    const expression = regularExpression(term);
    return { sign, isIn: (line) => expression.test(line) };
  }
  const literal = term.startsWith('"') ? unquoted(term) : term;
  return { sign, isIn: (line) => line.includes(literal) };
}

const unquoted = (text: string) => text.slice(1, -1).replace(/\\(.)/g, "$1");

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text.slice(1, -1));
  } catch {
    throw new InvalidPattern(`${text} is no regular expression`);
  }
}

type Condition = (record: unknown) => boolean;
type MemberOf = (record: unknown) => unknown;

function jsonFilter(text: string): LineFilter {
  const holds = new JsonPattern(text).read();
  return (line) => {
    if (!line.trimStart().startsWith("{")) return false;
    try {
      return holds(JSON.parse(line));
    } catch {
      return false;
    }
  };
}

/** `&&` binds more strongly than `||`. */
class JsonPattern {
  readonly #tokens: string[];
  #next = 0;

  constructor(text: string) {
    const form =
      /\s*(\{|\}|\(|\)|&&|\|\||!=|<=|>=|=|<|>|"(?:[^"\\]|\\.)*"|%[^%]+%|\$(?:\.[\w-]+|\[\d+\]|\['[^']*'\]|\["[^"]*"\])+|[^\s(){}=<>!&|"%]+)\s*/gy;
    const found = [...text.matchAll(form)];
    if (found.reduce((length, [part]) => length + part.length, 0) !== text.length) {
      throw new InvalidPattern("it is not written { $.member = value }");
    }
    this.#tokens = found.map(([, token = ""]) => token);
  }

  read(): Condition {
    this.#expect("{");
    const condition = this.#either();
    this.#expect("}");
    if (this.#next !== this.#tokens.length) throw new InvalidPattern("something follows the closing brace");
    return condition;
  }

  #either(): Condition {
    const parts = [this.#both()];
    while (this.#take("||")) parts.push(this.#both());
    return (record) => parts.some((part) => part(record));
  }

  #both(): Condition {
    const parts = [this.#one()];
    while (this.#take("&&")) parts.push(this.#one());
    return (record) => parts.every((part) => part(record));
  }

  #one(): Condition {
    if (this.#take("(")) {
      const inner = this.#either();
      this.#expect(")");
      return inner;
    }
    const selector = this.#token();
    if (!selector.startsWith("$")) throw new InvalidPattern(`"${selector}" is no selector such as $.member`);
    const memberOf = selected(selector);
    const operator = this.#token();
    if (operator === "IS") return is(memberOf, this.#token());
    if (operator === "NOT") {
      this.#expect("EXISTS");
      return (record) => memberOf(record) === undefined;
    }
    return compared(memberOf, operator, this.#token());
  }

  #token(): string {
    const token = this.#tokens[this.#next++];
    if (token === undefined) throw new InvalidPattern("it ends too early");
    return token;
  }

  #take(wanted: string): boolean {
    const taken = this.#tokens[this.#next] === wanted;
    if (taken) this.#next += 1;
    return taken;
  }

  #expect(wanted: string): void {
    if (!this.#take(wanted)) throw new InvalidPattern(`${wanted} is missing`);
  }
}

/** Reads a member: `$.a['b c'][0]`. */
function selected(selector: string): MemberOf {
  const path = [...selector.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g)].map(
    ([, name, index, single, double]) => name ?? index ?? single ?? double ?? "",
  );
  return (record) =>
    path.reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      record,
    );
}

function is(memberOf: MemberOf, what: string): Condition {
  const wanted = { NULL: null, TRUE: true, FALSE: false }[what];
  if (wanted === undefined) throw new InvalidPattern(`IS ${what}: write IS NULL, IS TRUE or IS FALSE`);
  return (record) => memberOf(record) === wanted;
}

const comparisons: Readonly<Record<string, (actual: number, wanted: number) => boolean>> = {
  "=": (actual, wanted) => actual === wanted,
  "!=": (actual, wanted) => actual !== wanted,
  "<": (actual, wanted) => actual < wanted,
  "<=": (actual, wanted) => actual <= wanted,
  ">": (actual, wanted) => actual > wanted,
  ">=": (actual, wanted) => actual >= wanted,
};

function compared(memberOf: MemberOf, operator: string, operand: string): Condition {
  const compare = comparisons[operator];
  if (compare === undefined) throw new InvalidPattern(`"${operator}" is no operator`);
  const number = Number(operand);
  const isNumber = !/^["%]/.test(operand) && Number.isFinite(number);
  const isText = operator === "=" || operator === "!=";
  if (!isNumber && !isText) throw new InvalidPattern(`${operator} compares numbers, and ${operand} is none`);
  const matches = isNumber ? undefined : textMatcher(operand);
  return (record) => {
    const actual = memberOf(record);
    if (actual === undefined || actual === null || typeof actual === "object") return false;
    if (matches !== undefined) return matches(String(actual)) === (operator === "=");
    // A number that stands in quotation marks in the line is compared as a text.
    if (typeof actual !== "number") return isText && (String(actual) === operand) === (operator === "=");
    return compare(actual, number);
  };
}

/** `*` stands for any characters. */
function textMatcher(operand: string): LineFilter {
  if (operand.startsWith("%")) {
    const expression = regularExpression(operand);
    return (text) => expression.test(text);
  }
  const wanted = operand.startsWith('"') ? unquoted(operand) : operand;
  const expression = new RegExp(
    `^${wanted.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", ".*")}$`,
    "s",
  );
  return (text) => expression.test(text);
}
