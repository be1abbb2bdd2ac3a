/** Where events about the pipeline itself go, and what they tell of it. */
export interface EventsDefinition {
  /** Name of an EventBridge bus in the function's account and Region, or the ARN of any bus. */
  readonly bus: string;
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** Name of its stage. */
  readonly stage: string;
  /** Rejected webhooks of one source in five minutes that are worth an event. */
  readonly rejectedWebhooks: number;
}
