/** An AWS API call that one of the local services makes on behalf of a role, before any emulator has seen it. */
export interface ServiceRequest {
  /** Service name as in the integration URI: `sqs`. */
  readonly service: string;
  /** Path after the service's endpoint: `/000000000000/orders-queue`. */
  readonly path: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Role whose policies must allow the call. */
  readonly roleArn: string;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Makes an AWS API call; an unreachable service rejects, everything else, refusals included, is a response. */
export type CallService = (request: ServiceRequest) => Promise<ServiceResponse>;
