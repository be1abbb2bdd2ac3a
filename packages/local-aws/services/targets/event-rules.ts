import type { Authoriser } from "../../iam/authoriser.js";
import type { Principal } from "../../iam/principal.js";
import type { ApiCall } from "../../iam/required-access.js";
import { busArn } from "../../iam/resources-elsewhere.js";
import { arnOf, describe, type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { UserError } from "../../program/user-error.js";
import type { Sns } from "../sns.js";
import { queueDoesNotExist } from "../sqs/errors.js";
import type { SqsService } from "../sqs/service.js";
import type { BusEvent } from "./event-bridge.js";
import type { StepFunctions } from "./step-functions.js";

/**
 * Reads a rule's event pattern, and makes what tells whether an event fits it.
 *
 * @throws Error that says what is wrong with the pattern
 */
export type CompileEventPattern = (pattern: unknown) => (event: BusEvent) => boolean;

export interface EventRulesOptions {
  readonly graph: Graph;
  readonly authoriser: Authoriser;
  readonly sqs: SqsService;
  readonly sns: Sns;
  readonly stepFunctions: StepFunctions;
  /** Absent: a rule stops the start. */
  readonly compileEventPattern?: CompileEventPattern | undefined;
  /** Told of each event that a target does not take: on AWS only a metric would tell. */
  readonly onProblem: (problem: string) => void;
}

interface Rule {
  readonly arn: string;
  readonly busArn: string;
  fits(event: BusEvent): boolean;
  readonly targets: readonly Target[];
}

interface Target {
  readonly resource: GraphResource;
  /** Hands an event on. Throws where AWS would not deliver it. */
  deliver(event: BusEvent): void;
}

/** The rules of the program's buses: what each hands on, judged by the policies of its targets. */
export class EventRules {
  readonly #rules: readonly Rule[];

  /** @throws UserError for a rule or a target that this machine cannot do as AWS does */
  constructor(private readonly options: EventRulesOptions) {
    const { graph } = options;
    const targets = resourcesOfType(graph, "aws:cloudwatch/eventTarget:EventTarget");
    this.#rules = resourcesOfType(graph, "aws:cloudwatch/eventRule:EventRule")
      .filter(({ inputs }) => inputs.state !== "DISABLED" && inputs.isEnabled !== false)
      // A schedule sends nothing on this machine: what it calls is elsewhere.
      .filter(({ inputs }) => inputs.eventPattern !== undefined || inputs.scheduleExpression === undefined)
      .map((rule) => this.#read(rule, targets));
  }

  /** Hands an event to the targets of the rules that it fits. */
  apply(busArn: string, event: BusEvent): void {
    for (const rule of this.#rules) {
      if (rule.busArn !== busArn || !rule.fits(event)) continue;
      for (const { resource, deliver } of rule.targets) {
        try {
          deliver(event);
        } catch (error) {
          this.options.onProblem(`${describe(resource)}: ${(error as Error).message}`);
        }
      }
    }
  }

  #read(rule: GraphResource, targets: readonly GraphResource[]): Rule {
    const { graph, compileEventPattern } = this.options;
    const { eventBusName, eventPattern } = rule.inputs;
    const refuse = (why: string) => new UserError(`${describe(rule)}: ${why}`);
    if (compileEventPattern === undefined) {
      throw refuse("event patterns are not known here: give startLocalAws compileEventPattern");
    }
    if (eventPattern === undefined) throw refuse("it has neither eventPattern nor scheduleExpression");
    const bus = busArn(graph, eventBusName);
    let fits: Rule["fits"];
    try {
      fits = compileEventPattern(JSON.parse(String(eventPattern)));
    } catch (error) {
      throw refuse(`eventPattern ${(error as Error).message}`);
    }
    const own = targets.filter(
      ({ inputs }) => inputs.rule === rule.state.name && busArn(graph, inputs.eventBusName) === bus,
    );
    return {
      arn: arnOf(rule),
      busArn: bus,
      fits,
      targets: own.map((resource) => ({ resource, deliver: this.#delivery(resource, arnOf(rule)) })),
    };
  }

  #delivery(target: GraphResource, ruleArn: string): Target["deliver"] {
    const { sqs, sns, stepFunctions } = this.options;
    const { arn: targetArn, roleArn, input } = target.inputs;
    const arn = String(targetArn);
    const textOf = (event: BusEvent) => (input === undefined ? JSON.stringify(event) : String(input));
    // EventBridge calls these in its own name, so the target's policy and its key's policy must let it in.
    const asService: Principal = { kind: "service", name: "events.amazonaws.com", sourceArn: ruleArn };
    switch (arn.split(":")[2]) {
      case "sqs": {
        const { messageGroupId } = (target.inputs.sqsTarget ?? {}) as { messageGroupId?: string };
        return (event) => {
          const queue = sqs.queueByArn(arn);
          if (queue === undefined) throw queueDoesNotExist();
          const QueueUrl = queue.settings.url;
          this.#check(asService, { service: "sqs", operation: "SendMessage", input: { QueueUrl } });
          const group = messageGroupId === undefined ? {} : { groupId: messageGroupId };
          queue.send({ body: textOf(event), attributes: {}, ...group });
        };
      }
      case "sns":
        return (event) => {
          const message = { TopicArn: arn, Message: textOf(event) };
          this.#check(asService, { service: "sns", operation: "Publish", input: message });
          sns.handle("Publish", message, asService);
        };
      case "states": {
        if (typeof roleArn !== "string") {
          throw new UserError(
            `${describe(target)}: a state machine needs roleArn, with which EventBridge starts it`,
          );
        }
        const asRole: Principal = { kind: "role", arn: roleArn };
        return (event) => {
          this.options.authoriser.checkTrust(roleArn, "events.amazonaws.com");
          const execution = { stateMachineArn: arn, input: textOf(event) };
          this.#check(asRole, { service: "states", operation: "StartExecution", input: execution });
          stepFunctions.handle("StartExecution", execution, asRole);
        };
      }
      default:
        throw new UserError(
          `${describe(target)}: rules on this machine hand events to queues, topics and state machines, not to ${arn}`,
        );
    }
  }

  #check(principal: Principal, call: ApiCall): void {
    this.options.authoriser.check(principal, call);
  }
}
