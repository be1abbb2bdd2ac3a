import { describe, expect, it } from "vitest";
import { isPublicAddress, publicLookup } from "../../../runtime/forward/address-guard.js";

describe("isPublicAddress", () => {
  it.each([
    "8.8.8.8",
    "52.95.110.1",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "2600:1f18::1",
    "2a05:d018::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ])("is true for %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ["loopback", ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]],
    [
      "the metadata services of AWS",
      ["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "::ffff:169.254.169.254"],
    ],
    ["private networks", ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::1"]],
    ["private networks behind NAT64", ["64:ff9b::10.0.0.1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe"]],
    ["link-local addresses", ["169.254.1.1", "fe80::1", "fe80::1%eth0"]],
    ["no address in particular", ["0.0.0.0", "::", "255.255.255.255", "224.0.0.1", "ff02::1", "240.0.0.1"]],
    ["carriers' and AWS's own insides", ["100.64.0.1", "100.127.255.255", "198.18.0.1", "192.0.0.170"]],
    ["tunnels and documentation", ["2002:7f00:1::", "2001::1", "2001:db8::1", "192.0.2.1", "64:ff9b:1::1"]],
    ["what is no address", ["localhost", "", "1.2.3", "::ffff:127.0.0.1:80"]],
  ])("is false for %s", (_, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});

describe("publicLookup", () => {
  const resolved = (hostname: string, all: boolean) =>
    new Promise((resolve, reject) => {
      publicLookup(hostname, { all }, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });

  it.each([true, false])("refuses a name that leads to this machine (all: %s)", async (all) => {
    await expect(resolved("localhost", all)).rejects.toThrow(/^localhost is a loopback, link-local, private/);
  });

  it("answers in the form that is asked for", async () => {
    expect(await resolved("8.8.8.8", true)).toEqual([{ address: "8.8.8.8", family: 4 }]);
    expect(await resolved("8.8.8.8", false)).toBe("8.8.8.8");
  });
});
