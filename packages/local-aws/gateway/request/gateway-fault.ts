/** The reasons for which API Gateway answers by itself; names from its gateway responses. */
export type GatewayResponseType = keyof typeof gatewayResponseDefaults | "DEFAULT_4XX" | "DEFAULT_5XX";

/**
 * Status and `x-amzn-ErrorType` of each: statuses from the guide's "supported gateway response types", error types as
 * seen in AWS's answers.
 */
export const gatewayResponseDefaults = {
  ACCESS_DENIED: { status: 403, errorType: "AccessDeniedException" },
  API_CONFIGURATION_ERROR: { status: 500, errorType: "InternalServerErrorException" },
  BAD_REQUEST_BODY: { status: 400, errorType: "BadRequestException" },
  BAD_REQUEST_PARAMETERS: { status: 400, errorType: "BadRequestException" },
  INTEGRATION_FAILURE: { status: 504, errorType: "InternalServerErrorException" },
  INTEGRATION_TIMEOUT: { status: 504, errorType: "InternalServerErrorException" },
  INVALID_API_KEY: { status: 403, errorType: "ForbiddenException" },
  INVALID_SIGNATURE: { status: 403, errorType: "IncompleteSignatureException" },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, errorType: "MissingAuthenticationTokenException" },
  REQUEST_TOO_LARGE: { status: 413, errorType: "RequestTooLargeException" },
  THROTTLED: { status: 429, errorType: "TooManyRequestsException" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, errorType: "BadRequestException" },
} as const;

/** A request that API Gateway answers itself, with one of the API's gateway responses. */
export class GatewayFault extends Error {
  override readonly name = "GatewayFault";

  /**
   * @param message what the client is told
   * @param detail what the execution log tells in addition; the client never sees it
   */
  constructor(
    readonly type: keyof typeof gatewayResponseDefaults,
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }

  /** A fault in the API's own set-up: a 500 that says nothing to the client (AWS fact 1.25). */
  static configuration(detail: string): GatewayFault {
    return new GatewayFault("API_CONFIGURATION_ERROR", "Internal server error", detail);
  }
}
