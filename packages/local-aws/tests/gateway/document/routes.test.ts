import { describe, expect, it } from "vitest";
import { findResource } from "../../../gateway/document/routes.js";

const resources = ["/", "/a", "/a/{id}", "/a/b", "/{any}/b", "/files/{path+}", "/files/x"].map((path) => ({
  path,
}));
const find = (path: string) => {
  const found = findResource(resources, path);
  return found && [found.resource.path, Object.fromEntries(found.pathParameters)];
};

describe("findResource", () => {
  it.each([
    ["", "/", {}],
    ["/", "/", {}],
    ["/a", "/a", {}],
    ["/a/", "/a", {}],
    ["/a/b", "/a/b", {}],
    ["/a/c", "/a/{id}", { id: "c" }],
    ["/a/x%20y", "/a/{id}", { id: "x y" }],
    ["/a/%zz", "/a/{id}", { id: "%zz" }],
    ["/z/b", "/{any}/b", { any: "z" }],
    ["/files/x", "/files/x", {}],
    ["/files/x/y", "/files/{path+}", { path: "x/y" }],
  ])("leads %j to %s", (path, resource, parameters) => {
    expect(find(path)).toEqual([resource, parameters]);
  });

  it.each(["/b", "/a/b/c", "//a", "/A", "/files"])("leads %s nowhere", (path) => {
    expect(find(path)).toBeUndefined();
  });
});
