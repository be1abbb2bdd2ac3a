/** A part of AWS that is sealed off from the others, with names of its own. */
export interface Partition {
  /** Second part of every ARN in it. */
  readonly name: string;
  /** End of the services' host names. */
  readonly dnsSuffix: string;
  /** Start of the names of most VPC endpoints. */
  readonly reverseDnsPrefix: string;
}

/** By the start of their Regions' names: github.com/boto/botocore/blob/develop/botocore/data/partitions.json */
const byRegion: readonly (readonly [regions: RegExp, partition: Partition])[] = [
  [/^cn-/, partition("aws-cn", "amazonaws.com.cn")],
  [/^us-gov-/, partition("aws-us-gov", "amazonaws.com")],
  [/^us-iso-/, partition("aws-iso", "c2s.ic.gov")],
  [/^us-isob-/, partition("aws-iso-b", "sc2s.sgov.gov")],
  [/^eu-isoe-/, partition("aws-iso-e", "cloud.adc-e.uk")],
  [/^us-isof-/, partition("aws-iso-f", "csp.hci.ic.gov")],
  [/^eusc-/, partition("aws-eusc", "amazonaws.eu")],
];

const commercial = partition("aws", "amazonaws.com");

/** The partition that a Region is in. */
export function partitionOf(region: string): Partition {
  return byRegion.find(([regions]) => regions.test(region))?.[1] ?? commercial;
}

function partition(name: string, dnsSuffix: string): Partition {
  return { name, dnsSuffix, reverseDnsPrefix: dnsSuffix.split(".").reverse().join(".") };
}
