/** The MIME type alone, as API Gateway matches content types. A missing one counts as `application/json` (AWS fact 1.15). */
export function mimeType(header: string | undefined): string {
  const type = header?.split(";")[0]?.trim().toLowerCase() ?? "";
  return type === "" ? "application/json" : type;
}

/** The value stored under a MIME type. */
export function forMimeType<T>(byType: Readonly<Record<string, T>>, type: string): T | undefined {
  return Object.entries(byType).find(([key]) => mimeType(key) === type)?.[1];
}

/** The template for a response: by the first type the client accepts, else the JSON one, else the first (AWS fact 1.18). */
export function forAccept<T>(byType: Readonly<Record<string, T>>, accept: string | undefined): T | undefined {
  return (
    forMimeType(byType, firstAccepted(accept)) ??
    forMimeType(byType, "application/json") ??
    Object.values(byType)[0]
  );
}

/** Only the first type of `Accept` counts (AWS fact 1.21a). */
export function firstAccepted(accept: string | undefined): string {
  return mimeType(accept?.split(",")[0]);
}
