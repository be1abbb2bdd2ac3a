// What esbuild makes of files that are no code: a style sheet of its own, and the path of an image.
declare module "*.css";
declare module "*.svg" {
  const path: string;
  export default path;
}
