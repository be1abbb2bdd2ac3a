import { headerValues, type NameValue } from "./headers.js";

/** The parts of a request that make a form. */
interface FormRequest {
  readonly headers: readonly NameValue[];
  readonly body: Buffer;
}

/**
 * The text fields of a form, in the sender's order: `application/x-www-form-urlencoded` or `multipart/form-data`
 * (RFC 7578). Uploaded files are left out.
 *
 * @returns undefined if the content type is neither of the two, or the body does not conform to it
 */
export function formFields({ headers, body }: FormRequest): readonly NameValue[] | undefined {
  const [type = "", ...others] = headerValues(headers, "content-type");
  if (others.length > 0) return undefined;
  switch (type.split(";", 1)[0]?.trim().toLowerCase()) {
    case "application/x-www-form-urlencoded":
      return urlencodedFields(body.toString("utf8"));
    case "multipart/form-data": {
      const boundary = parametersOf(type).get("boundary") ?? "";
      return boundary === "" ? undefined : multipartFields(body, boundary);
    }
    default:
      return undefined;
  }
}

/** Node's parser takes a time that grows with the square of the number of fields without `=`, so each gets one. */
function urlencodedFields(text: string): readonly NameValue[] {
  const fields = text.split("&").map((field) => (field === "" || field.includes("=") ? field : `${field}=`));
  return [...new URLSearchParams(fields.join("&"))];
}

/** The text fields of a multipart body (RFC 2046, section 5.1), or undefined if its last boundary is missing. */
function multipartFields(body: Buffer, boundary: string): readonly NameValue[] | undefined {
  // One character for each byte, so that the parts keep their bytes.
  const text = body.toString("latin1");
  const escaped = boundary.replace(/[^A-Za-z0-9]/g, "\\$&");
  const delimiter = new RegExp(`(?:^|\\r\\n)--${escaped}(--)?[ \\t]*(?=\\r\\n|$)`, "g");
  const fields: NameValue[] = [];
  let start: number | undefined;
  for (const match of text.matchAll(delimiter)) {
    const field = start === undefined ? undefined : fieldIn(text.slice(start, match.index));
    if (field !== undefined) fields.push(field);
    const [found, closing] = match;
    if (closing !== undefined) return fields;
    start = match.index + found.length;
  }
  return undefined;
}

/** @param part from the line break after its boundary to the line break before the next boundary */
function fieldIn(part: string): NameValue | undefined {
  const end = part.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const [, disposition] = /\r\ncontent-disposition:[ \t]*(form-data[^\r]*)/i.exec(part.slice(0, end)) ?? [];
  if (disposition === undefined) return undefined;
  const parameters = parametersOf(disposition);
  const name = parameters.get("name");
  if (name === undefined || parameters.has("filename") || parameters.has("filename*")) return undefined;
  return [utf8(name), utf8(part.slice(end + 4))];
}

/** The parameters of a header's value, with names in lower case: `; name="token"`. */
function parametersOf(header: string): ReadonlyMap<string, string> {
  const pattern = /;[ \t]*([^\s;="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;
  return new Map(
    [...header.matchAll(pattern)].map(([, name = "", quoted, plain = ""]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? plain,
    ]),
  );
}

/** The UTF-8 text of bytes that are one character each. */
function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
