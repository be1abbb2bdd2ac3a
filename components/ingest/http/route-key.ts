/** The request that leads to a path. */
export function routeKey(path: string): string {
  return `POST ${path}`;
}
