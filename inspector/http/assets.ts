import { fileURLToPath } from "node:url";

/** The page, ready to be served. */
export interface Page {
  readonly html: string;
  /** By their paths. */
  readonly assets: ReadonlyMap<string, { readonly type: string; readonly body: Uint8Array }>;
}

/** Where the assets are served. Their names have a hash of their content. */
export const assetsPath = "/assets/";

const entry = fileURLToPath(new URL("../page/main.tsx", import.meta.url));

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
};

/** Bundles the page in memory. It takes some hundred milliseconds, so it waits for the first who wants to see it. */
export async function bundlePage(): Promise<Page> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    write: false,
    outdir: "/",
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "file", ".woff2": "file" },
    publicPath: assetsPath,
    logLevel: "silent",
  });
  const assets = new Map(
    outputFiles.map(({ path, contents }) => {
      const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
      const type = types[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
      return [`${assetsPath}${name}`, { type, body: contents }];
    }),
  );
  const ending = (end: string) => [...assets.keys()].filter((path) => path.endsWith(end));
  return { html: document(ending(".js"), ending(".css")), assets };
}

function document(scripts: readonly string[], styles: readonly string[]): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    "<title>Webhook inspector</title>",
    ...styles.map((path) => `<link rel="stylesheet" href="${path}">`),
    ...scripts.map((path) => `<script type="module" src="${path}"></script>`),
    "</head>",
    '<body><div id="app"></div><noscript>The inspector needs JavaScript.</noscript></body>',
    "</html>",
    "",
  ].join("\n");
}
