/**
 * What a mapping template computes with: Java's values, since API Gateway runs Apache Velocity on a JVM (AWS fact 1.27).
 *
 * Whole numbers are bigint and floating-point ones are number, so that 5 / 2 is 2 and 10.0 prints as `10.0`. A JSON path
 * that leads nowhere gives undefined, which equals both null and the empty text (AWS fact 1.3).
 */
export type JavaValue =
  | undefined
  | null
  | boolean
  | bigint
  | number
  | string
  | JavaList
  | JavaMap
  | JavaObject;

/** A `java.util.Map`; the keys keep their order. */
export interface JavaMap extends Map<string, JavaValue> {}

/** A `java.util.List`; one read from JSON prints as JSON (AWS fact 1.3). */
export class JavaList {
  constructor(
    readonly items: JavaValue[],
    readonly fromJson = false,
  ) {}
}

export type JavaMethod = (...parameters: readonly JavaValue[]) => JavaValue;

/** `$input` and its like: named methods and properties, printed as nothing. */
export class JavaObject {
  constructor(
    readonly typeName: string,
    readonly methods: Readonly<Record<string, JavaMethod>>,
    readonly properties: Readonly<Record<string, JavaValue>> = {},
  ) {}
}

/** A template that AWS could not render either, or that needs Java this gateway does not have. */
export class TemplateFault extends Error {
  override readonly name = "TemplateFault";
}

/** How a value prints in a template; null prints as nothing (AWS fact 1.6). */
export function printed(value: JavaValue): string {
  return value === null || value === undefined || value instanceof JavaObject ? "" : text(value);
}

/** `toString()`, which unlike {@link printed} shows a null inside a collection. */
export function text(value: JavaValue): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return value;
  if (typeof value === "number") return doubleText(value);
  if (value instanceof Map)
    return `{${[...value].map(([key, inner]) => `${key}=${text(inner)}`).join(", ")}}`;
  if (value instanceof JavaList)
    return value.fromJson ? jsonText(value) : `[${value.items.map(text).join(", ")}]`;
  if (value instanceof JavaObject) {
    return value.typeName === "Entry" ? `${text(value.properties.key)}=${text(value.properties.value)}` : "";
  }
  return String(value);
}

/** `Double.toString`. */
function doubleText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : `${value < 0 ? "-" : ""}Infinity`;
  if (size === 0 || (size >= 1e-3 && size < 1e7))
    return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [digits = "", exponent = ""] = value.toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** Whether `#if` takes the branch. Velocity 1.7's rule: everything but null and false, empty text and 0 included. */
export function isTrue(value: JavaValue): boolean {
  return value !== undefined && value !== null && value !== false;
}

/** `==` in a template: numbers by value, values of unlike types by what they print. */
export function equal(left: JavaValue, right: JavaValue): boolean {
  if (left === undefined || right === undefined) return [left, right].every((side) => (side ?? "") === "");
  if (left === null || right === null) return left === right;
  if (isNumber(left) && isNumber(right)) return Number(left) === Number(right);
  if (typeof left === typeof right && typeof left !== "object") return left === right;
  return text(left) === text(right);
}

export function compare(
  left: JavaValue,
  right: JavaValue,
  holds: (left: number, right: number) => boolean,
): boolean {
  return isNumber(left) && isNumber(right) && holds(Number(left), Number(right));
}

/** `+ - * / %`; null where Velocity has no answer, such as a division by zero. */
export function calculate(operator: string, left: JavaValue, right: JavaValue): JavaValue {
  if (operator === "+" && (typeof left === "string" || typeof right === "string"))
    return printed(left) + printed(right);
  if (!isNumber(left) || !isNumber(right)) return null;
  if ((operator === "/" || operator === "%") && Number(right) === 0) return null;
  return typeof left === "bigint" && typeof right === "bigint"
    ? wholeResult(operator, left, right)
    : floatingResult(operator, Number(left), Number(right));
}

function wholeResult(operator: string, left: bigint, right: bigint): bigint {
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  return operator === "/" ? left / right : left % right;
}

function floatingResult(operator: string, left: number, right: number): number {
  if (operator === "+") return left + right;
  if (operator === "-") return left - right;
  if (operator === "*") return left * right;
  return operator === "/" ? left / right : left % right;
}

export function negate(value: JavaValue): JavaValue {
  return typeof value === "bigint" || typeof value === "number" ? -value : null;
}

/** What `#foreach` walks: a list's items, a map's values; nothing for everything else. */
export function elements(value: JavaValue): JavaValue[] {
  if (value instanceof JavaList) return value.items;
  return value instanceof Map ? [...value.values()] : [];
}

export function isNumber(value: JavaValue): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

export function typeOf(value: JavaValue): string {
  if (value instanceof JavaObject) return value.typeName;
  if (value instanceof Map) return "Map";
  if (value instanceof JavaList) return "List";
  if (isNumber(value)) return typeof value === "bigint" ? "Integer" : "Double";
  return value === null || value === undefined
    ? "null"
    : value === true || value === false
      ? "Boolean"
      : "String";
}

/**
 * Reads JSON as `$input.path` and `$util.parseJson` do. Numbers keep every digit. Stricter than AWS's json-smart, which
 * also takes unquoted names: such a body is refused here and would be accepted there.
 *
 * @throws SyntaxError for text that is not JSON
 */
export function fromJson(json: string): JavaValue {
  return JSON.parse(json, (_key, value: unknown, { source }: { source?: string } = {}) => {
    if (typeof value === "number") return /^-?\d+$/.test(source ?? "") ? BigInt(source ?? value) : value;
    if (Array.isArray(value)) return new JavaList(value, true);
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : value;
  }) as JavaValue;
}

/** A value as JSON, as `$input.json` prints it: json-smart also escapes the control and format characters up to U+20FF. */
export function jsonText(value: JavaValue): string {
  if (value instanceof Map)
    return `{${[...value].map(([key, inner]) => `${jsonText(key)}:${jsonText(inner)}`).join(",")}}`;
  if (value instanceof JavaList) return `[${value.items.map(jsonText).join(",")}]`;
  if (typeof value === "string") return JSON.stringify(value).replace(/[\x7f-\x9f\u2000-\u20ff]/g, escaped);
  return text(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
