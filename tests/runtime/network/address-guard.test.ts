import dns, { type LookupAddress } from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isPublicAddress, publicLookup } from "../../../runtime/network/address-guard.js";

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

  describe("of a name with several addresses", () => {
    afterEach(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });

    const publicAddresses: LookupAddress[] = [
      { address: "8.8.8.8", family: 4 },
      { address: "2600:1f18::1", family: 6 },
    ];
    const privateAddress: LookupAddress = { address: "169.254.169.254", family: 4 };
    function answerWith(addresses: LookupAddress[]): void {
      const answer = (...args: unknown[]) => (args.at(-1) as (...found: unknown[]) => void)(null, addresses);
      vi.spyOn(dns, "lookup").mockImplementation(answer as never);
      syncBuiltinESMExports();
    }

    it.each([
      ["first", [privateAddress, ...publicAddresses]],
      ["in between", publicAddresses.toSpliced(1, 0, privateAddress)],
      ["last", [...publicAddresses, privateAddress]],
    ])("refuses it if one of them is private: %s", async (_, addresses) => {
      answerWith(addresses);
      await expect(resolved("hooks.example.com", true)).rejects.toThrow(/^hooks\.example\.com is a loopback/);
      await expect(resolved("hooks.example.com", false)).rejects.toThrow(
        /^hooks\.example\.com is a loopback/,
      );
    });

    it("passes on all of them, or the first, if they are public", async () => {
      answerWith(publicAddresses);
      expect(await resolved("hooks.example.com", true)).toEqual(publicAddresses);
      expect(await resolved("hooks.example.com", false)).toBe("8.8.8.8");
    });

    it("refuses a name without addresses", async () => {
      answerWith([]);
      await expect(resolved("hooks.example.com", true)).rejects.toThrow(/^hooks\.example\.com is/);
    });
  });

  it("answers in the form that is asked for", async () => {
    expect(await resolved("8.8.8.8", true)).toEqual([{ address: "8.8.8.8", family: 4 }]);
    expect(await resolved("8.8.8.8", false)).toBe("8.8.8.8");
  });
});
