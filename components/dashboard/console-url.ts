/**
 * Where the console shows a dashboard; undefined in a partition of which we do not know it.
 * docs.aws.amazon.com/general/latest/gr/console.html and the guides of the partitions
 */
export function dashboardUrl(
  name: string,
  { partition, region }: { readonly partition: string; readonly region: string },
): string | undefined {
  const console = consoles[partition];
  return (
    console && `https://${console(region)}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`
  );
}

const consoles: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  "aws-us-gov": () => "console.amazonaws-us-gov.com",
  "aws-cn": () => "console.amazonaws.cn",
};
