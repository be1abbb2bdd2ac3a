import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** The error for a forwarding URL that leads to an address that is not allowed. */
export class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";

  constructor(host: string) {
    super(
      `${host} is a loopback, link-local, private or reserved address: ` +
        "set forward.allowPrivateNetwork if webhooks may go there",
    );
  }
}

/**
 * Addresses outside the public internet: iana.org/assignments/iana-ipv4-special-registry. 169.254.0.0/16 has the
 * metadata endpoints of EC2, ECS and Lambda. AWS uses 100.64.0.0/10 internally.
 */
const reservedIpv4: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * IPv6 addresses that lead to the IPv4 address in their last 32 bits: IPv4-mapped addresses, and those of NAT64 (RFC
 * 6052).
 */
const embeddingPrefixes = ["::ffff:", "64:ff9b::"];

/**
 * The IPv6 range in use on the internet, and the parts of it that are not public: protocol assignments (including
 * Teredo), documentation, 6to4. iana.org/assignments/iana-ipv6-special-registry
 */
const globalIpv6 = ["2000::", 3] as const;
const reservedIpv6: readonly (readonly [network: string, prefix: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const global = new BlockList();
global.addSubnet(...globalIpv6, "ipv6");
for (const prefix of embeddingPrefixes) global.addSubnet(`${prefix}0.0.0.0`, 96, "ipv6");

const reserved = new BlockList();
for (const [network, prefix] of reservedIpv6) reserved.addSubnet(network, prefix, "ipv6");
for (const [network, prefix] of reservedIpv4) {
  reserved.addSubnet(network, prefix, "ipv4");
  for (const embedding of embeddingPrefixes) {
    reserved.addSubnet(`${embedding}${network}`, 96 + prefix, "ipv6");
  }
}

/** Whether an address is on the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !reserved.check(address, "ipv4");
    case 6:
      // Only link-local addresses have a zone ("%eth0").
      return !address.includes("%") && global.check(address, "ipv6") && !reserved.check(address, "ipv6");
    default:
      return false;
  }
}

/** Refuses a host that is written as an address, because no look-up would check it. */
export function refusePrivateHost(hostname: string): void {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw new PrivateAddressError(address);
}

/**
 * Looks a name up and refuses it if any of its addresses is not public. It is the connection's own look-up, so it
 * checks exactly the addresses that are connected to. A check beforehand could get a different answer.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    // The type says that it is always present, but it is absent with an error.
    const addresses = (found ?? []) as LookupAddress[];
    const [first] = addresses;
    if (error !== null) callback(error, "", 0);
    else if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new PrivateAddressError(hostname), "", 0);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
