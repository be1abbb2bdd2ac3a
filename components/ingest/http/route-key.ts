/** The request that leads to a source. */
export function routeKey(pathPrefix: string, { name }: { readonly name: string }): string {
  return `POST /${pathPrefix}/${name}`;
}
