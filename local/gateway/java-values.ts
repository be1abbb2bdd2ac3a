import { javaRegExp, javaReplacement } from "./java-text.js";

/**
 * What a mapping template computes with: Java's values, since API Gateway runs Apache Velocity on a JVM (fact 1.27).
 *
 * Whole numbers are bigint and floating-point ones are number, so that 5 / 2 is 2 and 10.0 prints as `10.0`. A JSON path
 * that leads nowhere gives undefined, which equals both null and the empty text (fact 1.3).
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

/** A `java.util.List`; one read from JSON prints as JSON (fact 1.3). */
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

/** How a value prints in a template; null prints as nothing (fact 1.6). */
export function printed(value: JavaValue): string {
  return value === null || value === undefined || value instanceof JavaObject ? "" : text(value);
}

/** `toString()`, which unlike {@link printed} shows a null inside a collection. */
function text(value: JavaValue): string {
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

/** `$value.name` */
export function property(value: JavaValue, name: string): JavaValue {
  if (value instanceof Map) return value.get(name) ?? null;
  if (value instanceof JavaObject)
    return Object.hasOwn(value.properties, name) ? (value.properties[name] ?? null) : null;
  // A bean's getter: `$list.empty` is isEmpty(); `$text.length` is no getter and prints nothing.
  if (name === "empty" && (typeof value === "string" || value instanceof JavaList))
    return call(value, "isEmpty", []);
  return null;
}

/** `$value[key]` */
export function element(value: JavaValue, key: JavaValue): JavaValue {
  if (value instanceof Map) return value.get(printed(key)) ?? null;
  return value instanceof JavaList ? itemAt(value, key) : null;
}

/** `#set($target.name = …)` and `#set($target[key] = …)` */
export function assign(target: JavaValue, key: JavaValue, value: JavaValue): void {
  if (target instanceof Map) target.set(printed(key), value);
  else if (target instanceof JavaList && typeof key === "bigint") target.items[Number(key)] = value;
  else throw new TemplateFault(`#set cannot put "${printed(key)}" on ${typeOf(target)}`);
}

/** `$value.name(…)`; null has no methods and gives null, silently (fact 1.6). */
export function call(value: JavaValue, name: string, parameters: readonly JavaValue[]): JavaValue {
  if (value === null || value === undefined) return null;
  const methods = methodsOf(value);
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method !== undefined) return method(...parameters);
  if (name === "toString" && parameters.length === 0) return text(value);
  if (name === "equals") return equal(value, parameters[0]);
  // Velocity takes a method that Java does not have for null, in silence. Only this one is told from one missing here.
  if (name === "get" && !(value instanceof JavaObject)) return null;
  throw new TemplateFault(
    `the local gateway has no ${typeOf(value)}.${name}(); it knows ${Object.keys(methods).join(", ")}`,
  );
}

function methodsOf(value: JavaValue): Readonly<Record<string, JavaMethod>> {
  if (value instanceof JavaObject) return value.methods;
  if (value instanceof Map) return mapMethods(value);
  if (value instanceof JavaList) return listMethods(value);
  if (typeof value === "string") return textMethods(value);
  return isNumber(value) ? { intValue: () => BigInt(Math.trunc(Number(value))) } : {};
}

function mapMethods(map: JavaMap): Record<string, JavaMethod> {
  const before = (key: string) => map.get(key) ?? null;
  return {
    get: (key) => before(printed(key)),
    getOrDefault: (key, fallback) => map.get(printed(key)) ?? fallback,
    containsKey: (key) => map.has(printed(key)),
    containsValue: (wanted) => [...map.values()].some((value) => equal(value, wanted)),
    keySet: () => new JavaList([...map.keys()]),
    values: () => new JavaList([...map.values()]),
    entrySet: () =>
      new JavaList(
        [...map].map(
          ([key, value]) =>
            new JavaObject("Entry", { getKey: () => key, getValue: () => value }, { key, value }),
        ),
      ),
    size: () => BigInt(map.size),
    isEmpty: () => map.size === 0,
    put(key, value) {
      const old = before(printed(key));
      map.set(printed(key), value);
      return old;
    },
    remove(key) {
      const old = before(printed(key));
      map.delete(printed(key));
      return old;
    },
  };
}

function listMethods(list: JavaList): Record<string, JavaMethod> {
  return {
    get: (index) => itemAt(list, index),
    size: () => BigInt(list.items.length),
    isEmpty: () => list.items.length === 0,
    contains: (wanted) => list.items.some((item) => equal(item, wanted)),
    indexOf: (wanted) => BigInt(list.items.findIndex((item) => equal(item, wanted))),
    add: (item) => list.items.push(item) > 0,
    subList: (from, to) => new JavaList(list.items.slice(Number(from), Number(to))),
  };
}

function textMethods(value: string): Record<string, JavaMethod> {
  const place = (index: JavaValue) => {
    if (typeof index === "bigint" && index >= 0n && index <= value.length) return Number(index);
    throw new TemplateFault(`String index out of range: ${printed(index)}`);
  };
  return {
    length: () => BigInt(value.length),
    isEmpty: () => value === "",
    hashCode: () => {
      let hash = 0;
      for (let index = 0; index < value.length; index++) hash = (31 * hash + value.charCodeAt(index)) | 0;
      return BigInt(hash);
    },
    equalsIgnoreCase: (other) => value.toLowerCase() === printed(other).toLowerCase(),
    contains: (part) => value.includes(printed(part)),
    startsWith: (part) => value.startsWith(printed(part)),
    endsWith: (part) => value.endsWith(printed(part)),
    indexOf: (part) => BigInt(value.indexOf(printed(part))),
    lastIndexOf: (part) => BigInt(value.lastIndexOf(printed(part))),
    charAt: (index) => value.charAt(place(index)),
    concat: (other) => value + printed(other),
    substring: (from, to = BigInt(value.length)) => value.slice(place(from), place(to)),
    toLowerCase: () => value.toLowerCase(),
    toUpperCase: () => value.toUpperCase(),
    // String.trim() takes everything up to the space character, unlike JavaScript's.
    trim: () => value.replace(/^[\0-\x20]+|[\0-\x20]+$/g, ""),
    replace: (from, to) => value.replaceAll(printed(from), () => printed(to)),
    replaceAll: (pattern, to) =>
      value.replace(javaRegExp(printed(pattern), "g"), javaReplacement(printed(to))),
    replaceFirst: (pattern, to) => value.replace(javaRegExp(printed(pattern)), javaReplacement(printed(to))),
    matches: (pattern) => javaRegExp(`^(?:${printed(pattern)})$`).test(value),
    split: (pattern) => {
      const parts = value.split(javaRegExp(printed(pattern)));
      while (parts.length > 1 && parts.at(-1) === "") parts.pop();
      return new JavaList(parts);
    },
  };
}

function itemAt({ items }: JavaList, index: JavaValue): JavaValue {
  const place = Number(index);
  if (Number.isInteger(place) && place >= 0 && place < items.length) return items[place];
  throw new TemplateFault(`Index: ${printed(index)}, Size: ${items.length}`);
}

function isNumber(value: JavaValue): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}

function typeOf(value: JavaValue): string {
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
