import { isIPv6 } from "node:net";

/** An IP address as a number, and its length in bits. */
export interface IpAddress {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/**
 * Reads an IP address as EventBridge's ruler does (https://github.com/aws/event-ruler, `CIDR`). Zeros before a decimal
 * number mean nothing. An IPv6 address that stands for an IPv4 address (`::ffff:a00:1`) is that address. IPv6 addresses
 * that contain dots are none.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (/^\d+(\.\d+){3}$/.test(text)) {
    const numbers = text.split(".").map(Number);
    return numbers.every((number) => number <= 255) ? { value: joined(numbers, 8), bits: 32 } : undefined;
  }
  if (!/^[\da-f:]*$/i.test(text) || !isIPv6(text)) return undefined;
  const [start = "", end] = text.split("::");
  const [before, after] = [groupsOf(start), groupsOf(end ?? "")];
  const value = joined([...before, ...Array(8 - before.length - after.length).fill(0), ...after], 16);
  return value >> 32n === 0xffffn ? { value: value & 0xffff_ffffn, bits: 32 } : { value, bits: 128 };
}

/** A range of IP addresses: those with the same first bits as its address. */
export interface IpRange {
  readonly address: IpAddress;
  readonly fixedBits: number;
}

/** Reads `10.0.0.0/8`. The ruler takes no range of a single address, which is written without `/`. */
export function parseIpRange(text: string): IpRange | undefined {
  const [, start = "", length] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIpAddress(start);
  const fixedBits = Number(length);
  return address === undefined || fixedBits >= address.bits ? undefined : { address, fixedBits };
}

export function isSameAddress(one: IpAddress, other: IpAddress): boolean {
  return one.bits === other.bits && one.value === other.value;
}

export function isInRange(address: IpAddress, { address: base, fixedBits }: IpRange): boolean {
  const free = BigInt(base.bits - fixedBits);
  return address.bits === base.bits && address.value >> free === base.value >> free;
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function joined(numbers: readonly number[], bits: number): bigint {
  return numbers.reduce((value, number) => (value << BigInt(bits)) | BigInt(number), 0n);
}
