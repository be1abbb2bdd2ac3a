import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Provider } from "./provider.js";

/** Providers by their names, in alphabetical order. */
export type Providers = Readonly<Record<string, Provider>>;

/**
 * Reads the providers in a folder: every `.ts` file directly in it is one, and is named like it. So a new provider needs
 * its file and no entry in any list.
 *
 * @param folder full path
 * @throws Error naming the file that is no provider, and what to do about it
 */
export async function loadProviders(folder: string): Promise<Providers> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
  const found = await Promise.all(
    names.map(async (name) => [name, await loadProvider(folder, name)] as const),
  );
  return Object.fromEntries(found);
}

async function loadProvider(folder: string, name: string): Promise<Provider> {
  const file = `${name}.ts`;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new Error(
      `providers/${file}: its name must be lower-case words with - between them, such as my-shop.ts`,
    );
  }
  const { href } = pathToFileURL(join(folder, file));
  const { default: provider } = (await import(/* @vite-ignore */ href)) as { default?: Provider };
  if (provider?.signature === undefined) {
    throw new Error(
      `providers/${file}: has no provider as its default export; docs/adding-a-provider.md shows how it must look`,
    );
  }
  return provider;
}
