import { apiGatewayAccess } from "./api-gateway-access.js";
import { type AwsCall, type Input, Known, type NeededAccess } from "./call.js";
import { networkAccess } from "./network-access.js";
import { s3Access } from "./s3-access.js";
import { type ServiceAccess, serviceAccess } from "./service-access.js";

/** Says which permissions AWS asks for a call. Remembers from the answers what it has to know of the resources. */
export class CallReader {
  readonly #known: Known;

  constructor(account: string) {
    this.#known = new Known(account);
  }

  /** Undefined: nobody has written down what this call needs. */
  read(call: AwsCall): NeededAccess[] | undefined {
    const readers: Readonly<Record<string, ServiceAccess>> = {
      ...serviceAccess,
      apigateway: apiGatewayAccess,
      ec2: networkAccess,
      s3: s3Access,
    };
    return readers[call.service]?.(call, inputOf(call), this.#known);
  }
}

function inputOf({ path, body }: AwsCall): Input {
  const trimmed = body.trim();
  if (trimmed.startsWith("{")) return JSON.parse(trimmed) as Input;
  if (trimmed.startsWith("<") || trimmed === "") return queryOf(path.split("?")[1] ?? "");
  return queryOf(trimmed);
}

/** AWS's query protocol: `AlarmNames.member.1=a` is the list `AlarmNames`, `Tags.member.1.Key=a` with `…Value=b` a map's entry. */
function queryOf(text: string): Input {
  const input: Record<string, unknown> = {};
  const tags: Record<number, { Key?: string; Value?: string }> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const tag = /(?:^|\.)Tags?(?:\.member)?\.(\d+)\.(Key|Value)$/.exec(name);
    const [list = name] = name.split(/\.(?:member\.)?\d+/);
    if (tag !== null) tags[Number(tag[1])] = { ...tags[Number(tag[1])], [tag[2] as "Key" | "Value"]: value };
    else if (list !== name) input[list] = [...((input[list] as string[] | undefined) ?? []), value];
    else input[name] = value;
  }
  return Object.keys(tags).length === 0 ? input : { ...input, Tags: Object.values(tags) };
}
