import { recordProgram } from "local-aws";
import { describe, expect, it } from "vitest";
import { ProcessorNetwork, type ProcessorNetworkArgs } from "../../components/processor-network.js";
import { lookup, place } from "../support/registered.js";

/** Names of the interface endpoints of a network. */
async function endpointsOf(args: Partial<ProcessorNetworkArgs>, region = "eu-west-1"): Promise<unknown[]> {
  const options = { project: "webhook-pipeline", stack: "test", place: { ...place, region } };
  const { resources } = await recordProgram(options, async () => {
    const size = { cidrBlock: "10.0.0.0/16", availabilityZones: 2, natGateway: false, tags: {} };
    new ProcessorNetwork("events", { ...size, ...args });
    return {};
  });
  return lookup(resources)
    .all("aws:ec2/vpcEndpoint:VpcEndpoint")
    .filter(({ inputs }) => inputs.vpcEndpointType === "Interface")
    .map(({ inputs }) => inputs.serviceName);
}

const targets = ["queue", "eventBus", "topic", "function", "stateMachine", "stream", "firehose"] as const;
const always = ["sqs", "secretsmanager"];

describe("a network without a way to the internet", () => {
  it("has an endpoint for each service that webhooks are handed to, once", async () => {
    const services = [...always, "events", "kinesis-firehose", "kinesis-streams", "lambda", "sns", "states"];
    expect(await endpointsOf({ targets: [...targets, "topic"] })).toEqual(
      services.map((service) => `com.amazonaws.eu-west-1.${service}`),
    );
  });

  it("names them in China as AWS does there", async () => {
    expect(await endpointsOf({ targets: ["stateMachine", "topic"] }, "cn-north-1")).toEqual([
      "cn.com.amazonaws.cn-north-1.sqs",
      "com.amazonaws.cn-north-1.secretsmanager",
      "com.amazonaws.cn-north-1.sns",
      "cn.com.amazonaws.cn-north-1.states",
    ]);
  });
});

describe("a network with a NAT gateway", () => {
  it("has no endpoints for targets", async () => {
    expect(await endpointsOf({ targets, natGateway: true })).toEqual(
      always.map((service) => `com.amazonaws.eu-west-1.${service}`),
    );
  });
});
