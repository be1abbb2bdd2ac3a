import { expect, it, vi } from "vitest";
import { startCloud } from "../../services/cloud.js";
import { graphOf, resource } from "../support/graphs.js";

const listening = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap").length;

it("names the table that DynamoDB refuses, and lets the process end", async () => {
  const before = listening();
  const table = resource("aws:dynamodb/table:Table", "history", {
    hashKey: "id",
    attributes: [
      { name: "id", type: "S" },
      { name: "unused", type: "S" },
    ],
  });
  await expect(startCloud(graphOf([table]))).rejects.toThrow(
    /^Table history: DynamoDB refuses the table: .*Attribute/,
  );
  await vi.waitFor(() => expect(listening()).toBe(before));
});
