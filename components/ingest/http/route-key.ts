/** The request that reaches a source. */
export function routeKey(pathPrefix: string, { name }: { readonly name: string }): string {
  return `POST /${pathPrefix}/${name}`;
}
