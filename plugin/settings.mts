// Written by `npm run docs` from settings/: change the settings there.
// biome-ignore-all lint/suspicious/noExplicitAny: Pulumi's packages know no unions of types.
import type * as pulumi from "@pulumi/pulumi";

/** The settings of a pipeline, as a stage's file has them. */
export interface WebhookPipelineArgs {
  readonly sources: pulumi.Input<SourceSettings[]>;
  readonly api?: pulumi.Input<ApiSettings>;
  readonly queue?: pulumi.Input<QueueSettings>;
  readonly processor?: pulumi.Input<ProcessorSettings>;
  readonly history?: pulumi.Input<HistorySettings>;
  readonly alarms?: pulumi.Input<AlarmsSettings>;
  /** Default: true. */
  readonly dashboard?: pulumi.Input<boolean>;
  readonly events?: pulumi.Input<EventsSettings>;
  /** One of aws-managed, customer-key. Default: aws-managed. */
  readonly encryption?: pulumi.Input<string>;
  /** Default: true. */
  readonly protect?: pulumi.Input<boolean>;
  readonly tags?: pulumi.Input<{ [key: string]: string }>;
  readonly formerApi?: pulumi.Input<FormerApiSettings>;
  readonly formerEncryption?: pulumi.Input<string>;
}

export interface SourceSignatureTimestampSettings {
  readonly header?: string;
  readonly json?: string;
  readonly form?: string;
  readonly query?: string;
  readonly prefix?: string;
  /** One of seconds, milliseconds, rfc3339. Default: seconds. */
  readonly unit?: string;
  /** 1 to 86400. Default: 300. */
  readonly toleranceSeconds?: number;
}

export interface SourceSignatureKeySettings {
  readonly prefix?: string;
  /** One of utf8, base64, hex. Default: utf8. */
  readonly encoding?: string;
}

export interface SourceSignatureBodyHashSettings {
  readonly claim: string;
  /** One of hex, base64, base64url. Default: base64. */
  readonly encoding?: string;
}

export interface SourceSignatureSettings {
  /** One of none, adyen, adyen-platform, asana, bitbucket, box, calendly, chargebee, checkout-com, clerk, contentful, discord, docusign, dropbox, elevenlabs, fusionauth, github, gitlab, gitlab-signed, google-pubsub, hubspot, intercom, jira, linear, mailgun, mailgun-routes, mandrill, meta, microsoft-graph, okta, openai, paddle, pagerduty, paypal, plaid, postmark, resend, sendgrid, sentry, shopify, shopify-events, slack, square, standard-webhooks, stripe, svix, telegram, twilio, typeform, vercel, webflow, woocommerce, x, zendesk, zoom, public-key, basic, token, hmac, jwt. */
  readonly scheme: string;
  /** 1 to 86400. */
  readonly toleranceSeconds?: number;
  readonly publicUrl?: string;
  readonly publicKey?: string;
  readonly webhookId?: string;
  readonly keysUrl?: string;
  readonly issuer?: any;
  readonly audience?: any;
  readonly serviceAccount?: string;
  readonly header?: any;
  readonly json?: string;
  readonly form?: string;
  readonly query?: string;
  readonly separator?: string;
  readonly prefix?: string;
  /** Default: {body}. */
  readonly content?: string;
  readonly timestamp?: SourceSignatureTimestampSettings;
  /** One of ed25519, ecdsa-p256-sha256, rsa-sha256. */
  readonly algorithm?: string;
  /** One of hex, base64. */
  readonly encoding?: string;
  /** One of sha1, sha256, sha512. Default: sha256. */
  readonly hash?: string;
  readonly key?: SourceSignatureKeySettings;
  readonly algorithms?: string[];
  readonly claims?: { [key: string]: any };
  readonly bodyHash?: SourceSignatureBodyHashSettings;
}

export interface SourceThrottlingSettings {
  /** 1 to 10000. */
  readonly requestsPerSecond: number;
  /** 1 to 5000. */
  readonly burst: number;
}

export interface SourceHandshakeSettings {
  /** One of asana, dropbox, intercom, meta, microsoft-graph, okta, slack, reachable, echo, none. */
  readonly kind: string;
  readonly verifyToken?: string;
  /** One of GET, POST. */
  readonly method?: string;
  readonly challenge?: any;
  readonly answer?: any;
  readonly requires?: { [key: string]: string };
  readonly token?: any;
  readonly signed?: boolean;
}

export interface SourceBackoffSettings {
  /** 1 to 900. */
  readonly baseSeconds: number;
  /** 1 to 43200. */
  readonly maxSeconds: number;
}

export interface SourceFilterSettings {
  readonly include?: string[];
  readonly exclude?: string[];
  readonly pattern?: { [key: string]: any };
}

export interface SourceForwardSettings {
  readonly url: string;
  /** 1 to 890. Default: 10. */
  readonly timeoutSeconds?: number;
  /** Default: [410]. */
  readonly permanentStatuses?: number[];
  readonly headers?: { [key: string]: string };
  /** Default: false. */
  readonly passSecretHeaders?: boolean;
  /** One of cloudevents, cloudevents-binary. */
  readonly format?: string;
  readonly signing?: string;
  /** Default: false. */
  readonly allowPrivateNetwork?: boolean;
}

export interface SourceSubscribersTargetForwardSettings {
  readonly url: string;
  /** 1 to 890. Default: 10. */
  readonly timeoutSeconds?: number;
  /** Default: [410]. */
  readonly permanentStatuses?: number[];
  readonly headers?: { [key: string]: string };
  /** Default: false. */
  readonly passSecretHeaders?: boolean;
  /** One of cloudevents, cloudevents-binary. */
  readonly format?: string;
  readonly signing?: string;
  /** Default: false. */
  readonly allowPrivateNetwork?: boolean;
}

export interface SourceSubscribersTargetEventBusSettings {
  readonly arn: string;
  /** One of raw, cloudevents. Default: cloudevents. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetQueueSettings {
  readonly messageGroup?: any;
  /** 1024 to 1048576. Default: 1048576. */
  readonly maximumBytes?: number;
  readonly keyArn?: string;
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetTopicSettings {
  readonly messageGroup?: any;
  /** 1024 to 1048576. Default: 262144. */
  readonly maximumBytes?: number;
  readonly keyArn?: string;
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetFunctionSettings {
  /** One of event, request-response. Default: event. */
  readonly invocation?: string;
  /** 1 to 890. */
  readonly timeoutSeconds?: number;
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetStateMachineSettings {
  readonly keyArn?: string;
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetStreamSettings {
  /** Default: source. */
  readonly partitionKey?: any;
  /** 1048576 to 10485760. Default: 1048576. */
  readonly maximumBytes?: number;
  readonly keyArn?: string;
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetFirehoseSettings {
  readonly arn: string;
  /** One of raw, cloudevents. Default: raw. */
  readonly format?: string;
  readonly passSecretHeaders?: boolean;
}

export interface SourceSubscribersTargetSettings {
  readonly handler?: string;
  readonly forward?: SourceSubscribersTargetForwardSettings;
  readonly eventBus?: SourceSubscribersTargetEventBusSettings;
  readonly queue?: SourceSubscribersTargetQueueSettings;
  readonly topic?: SourceSubscribersTargetTopicSettings;
  readonly function?: SourceSubscribersTargetFunctionSettings;
  readonly stateMachine?: SourceSubscribersTargetStateMachineSettings;
  readonly stream?: SourceSubscribersTargetStreamSettings;
  readonly firehose?: SourceSubscribersTargetFirehoseSettings;
}

export interface SourceSubscribersFilterSettings {
  readonly include?: string[];
  readonly exclude?: string[];
  readonly pattern?: { [key: string]: any };
}

export interface SourceSubscribersBackoffSettings {
  /** 1 to 900. */
  readonly baseSeconds: number;
  /** 1 to 43200. */
  readonly maxSeconds: number;
}

export interface SourceSubscribersSettings {
  readonly name: string;
  readonly target: SourceSubscribersTargetSettings;
  readonly filter?: SourceSubscribersFilterSettings;
  readonly schema?: { [key: string]: any };
  readonly backoff?: SourceSubscribersBackoffSettings;
  readonly breaker?: any;
  /** One of shared, dedicated. Default: dedicated. */
  readonly queue?: string;
  /** One of shared, dedicated. */
  readonly formerQueue?: string;
  readonly formerSecrets?: string[];
  /** Default: false. */
  readonly retiring?: boolean;
}

export interface SourceSettings {
  readonly name: string;
  readonly formerNames?: string[];
  readonly rememberedAs?: string;
  /** One of shared, dedicated. */
  readonly formerQueue?: string;
  readonly formerSecrets?: string[];
  /** Default: false. */
  readonly retiring?: boolean;
  readonly signature: SourceSignatureSettings;
  readonly eventId?: any[];
  /** One of shared, dedicated. Default: shared. */
  readonly queue?: string;
  readonly carryHeaders?: string[];
  /** 5 to 1440. */
  readonly expectEveryMinutes?: number;
  readonly breaker?: any;
  readonly throttling?: SourceThrottlingSettings;
  readonly allowedCidrs?: string[];
  readonly apiKey?: boolean;
  readonly edgeSchema?: { [key: string]: any };
  readonly orderBy?: any;
  readonly deduplicateBy?: any;
  readonly handshake?: SourceHandshakeSettings;
  readonly backoff?: SourceBackoffSettings;
  readonly eventType?: any;
  readonly filter?: SourceFilterSettings;
  readonly routes?: { [key: string]: string };
  readonly forward?: SourceForwardSettings;
  readonly schema?: { [key: string]: any };
  readonly redact?: any[];
  /** One of all, none. */
  readonly keepPayload?: string;
  readonly subscribers?: SourceSubscribersSettings[];
}

export interface ApiThrottlingSettings {
  /** 1 to 10000. Default: 1000. */
  readonly requestsPerSecond?: number;
  /** 1 to 5000. Default: 2000. */
  readonly burst?: number;
}

export interface ApiSettings {
  /** One of rest, http. */
  readonly kind?: string;
  readonly stageName?: string;
  readonly formerStageNames?: string[];
  /** Default: webhooks. */
  readonly pathPrefix?: string;
  readonly formerPathPrefixes?: string[];
  /** One of bytes, text. */
  readonly bodyMode?: any;
  readonly contentTypes?: any;
  readonly customDomain?: any;
  readonly formerCustomDomains?: any;
  readonly webAclArn?: any;
  readonly throttling?: ApiThrottlingSettings;
  readonly accessLogRetentionDays?: number;
  readonly ownsAccountLogging?: any;
  readonly existing?: any;
}

export interface QueueSettings {
  /** One of standard, fifo. Default: standard. */
  readonly type?: string;
  /** One of standard, fifo. */
  readonly formerType?: string;
  /** 1 to 1000. Default: 14. */
  readonly maxReceiveCount?: number;
  /** 1 to 13. Default: 7. */
  readonly retentionDays?: number;
  /** 0 to 43200. */
  readonly visibilityTimeoutSeconds?: number;
}

export interface ProcessorBackoffSettings {
  /** 1 to 900. */
  readonly baseSeconds?: number;
  /** 1 to 43200. */
  readonly maxSeconds?: number;
}

export interface ProcessorVpcSettings {
  /** One of new, existing. */
  readonly kind: string;
  /** Default: false. */
  readonly retiring?: boolean;
  /** Default: 10.0.0.0/16. */
  readonly cidrBlock?: string;
  /** 1 to 6. Default: 2. */
  readonly availabilityZones?: number;
  /** Default: false. */
  readonly natGateway?: boolean;
  readonly subnetIds?: string[];
  readonly securityGroupIds?: string[];
}

export interface ProcessorSettings {
  /** 128 to 10240. Default: 512. */
  readonly memoryMegabytes?: number;
  /** 1 to 900. Default: 30. */
  readonly timeoutSeconds?: number;
  /** 1 to 10000. */
  readonly batchSize?: number;
  /** 0 to 300. Default: 0. */
  readonly batchWindowSeconds?: number;
  /** 2 to 1000. Default: 20. */
  readonly maxConcurrency?: number;
  /** 1 to 100. Default: 10. */
  readonly concurrency?: number;
  /** One of DEBUG, INFO, WARN, ERROR. Default: INFO. */
  readonly logLevel?: string;
  /** Default: 30. */
  readonly logRetentionDays?: number;
  /** Default: true. */
  readonly metricsBySource?: boolean;
  /** Default: false. */
  readonly tracing?: boolean;
  readonly backoff?: ProcessorBackoffSettings;
  readonly breaker?: any;
  readonly handlersFolder?: string;
  readonly vpc?: ProcessorVpcSettings;
}

export interface HistorySettings {
  /** 1 to 3650. Default: 90. */
  readonly ttlDays?: number;
  /** Default: true. */
  readonly pointInTimeRecovery?: boolean;
  /** Default: false. */
  readonly deletionProtection?: boolean;
  /** Default: true. */
  readonly overflow?: any;
  /** 1 to 3650. */
  readonly formerTtlDays?: number;
  /** One of all, none. Default: all. */
  readonly keepPayload?: string;
}

export interface AlarmsSlackSettings {
  readonly workspaceId: string;
  readonly channelId: string;
}

export interface AlarmsTeamsSettings {
  readonly teamId: string;
  readonly tenantId: string;
  readonly channelId: string;
}

export interface AlarmsPageSlackSettings {
  readonly workspaceId: string;
  readonly channelId: string;
}

export interface AlarmsPageTeamsSettings {
  readonly teamId: string;
  readonly tenantId: string;
  readonly channelId: string;
}

export interface AlarmsPageSuppressorSettings {
  readonly alarm: string;
  /** 1 to 3600. Default: 60. */
  readonly waitSeconds?: number;
  /** 1 to 3600. Default: 180. */
  readonly extensionSeconds?: number;
}

export interface AlarmsPageSettings {
  readonly email?: string[];
  readonly https?: string[];
  readonly topicArns?: string[];
  readonly slack?: AlarmsPageSlackSettings[];
  readonly teams?: AlarmsPageTeamsSettings[];
  readonly suppressor?: AlarmsPageSuppressorSettings;
}

export interface AlarmsCanarySettings {
  readonly source: string;
  /** 1 to 60. Default: 5. */
  readonly everyMinutes?: number;
}

export interface AlarmsSettings {
  readonly email?: string[];
  readonly https?: string[];
  readonly topicArns?: string[];
  readonly slack?: AlarmsSlackSettings[];
  readonly teams?: AlarmsTeamsSettings[];
  readonly page?: AlarmsPageSettings;
  readonly canary?: AlarmsCanarySettings;
  readonly runbookUrl?: string;
  /** 1 to 1000000. Default: 1. */
  readonly deadLetters?: number;
  /** 60 to 1209600. */
  readonly oldestMessageSeconds?: number;
  /** 1 to 1000000. Default: 1. */
  readonly functionErrors?: number;
  /** 1 to 1000000. Default: 1. */
  readonly functionThrottles?: number;
  /** 1 to 1000000. Default: 10. */
  readonly failedAttempts?: number;
  /** 0.01 to 100. Default: 1. */
  readonly failedAttemptPercent?: number;
  /** 1 to 1000000. Default: 10. */
  readonly rejectedWebhooks?: number;
  /** 0.01 to 100. Default: 1. */
  readonly rejectedWebhookPercent?: number;
  /** 1 to 1000000. Default: 1. */
  readonly invalidWebhooks?: number;
  /** 1 to 1000000. Default: 10. */
  readonly untriedWebhooks?: number;
  /** 1 to 1000000. Default: 1. */
  readonly throttledRequests?: number;
  /** 1 to 1000000. Default: 1. */
  readonly serverErrors?: number;
  /** 0.01 to 100. Default: 5. */
  readonly serverErrorPercent?: number;
  /** 1 to 1000000. Default: 100. */
  readonly clientErrors?: number;
  /** 0.01 to 100. Default: 5. */
  readonly clientErrorPercent?: number;
}

export interface EventsSettings {
  readonly bus: string;
}

export interface FormerApiThrottlingSettings {
  /** 1 to 10000. Default: 1000. */
  readonly requestsPerSecond?: number;
  /** 1 to 5000. Default: 2000. */
  readonly burst?: number;
}

export interface FormerApiSettings {
  /** One of rest, http. */
  readonly kind?: string;
  readonly stageName?: string;
  readonly formerStageNames?: string[];
  /** Default: webhooks. */
  readonly pathPrefix?: string;
  readonly formerPathPrefixes?: string[];
  /** One of bytes, text. */
  readonly bodyMode?: any;
  readonly contentTypes?: any;
  readonly customDomain?: any;
  readonly formerCustomDomains?: any;
  readonly webAclArn?: any;
  readonly throttling?: FormerApiThrottlingSettings;
  readonly accessLogRetentionDays?: number;
  readonly ownsAccountLogging?: any;
  readonly existing?: any;
}
