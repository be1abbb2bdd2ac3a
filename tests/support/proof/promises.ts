import type { World } from "./world.js";

/** Promise 4: what is given up was delivered exactly as often as the queue says. */
export function givenUpTooSoon({ traffic, options: { scenario } }: World): string[] {
  return traffic
    .deadLettered()
    .filter(({ receiveCount }) => receiveCount !== scenario.maxReceiveCount)
    .map(
      ({ delivery, receiveCount }) =>
        `${delivery.webhookId} was given up after ${receiveCount} of ${scenario.maxReceiveCount} deliveries`,
    );
}

/** Promise 5: what is given up is to blame for that itself. */
export function takenAlong({ traffic, options: { scenario } }: World): string[] {
  return traffic.deadLettered().flatMap(({ delivery }) => {
    const { behaviour = "processed" } = scenario.webhooks[delivery.webhook] ?? {};
    const blameless = ["processed", "ignored", "invalid", "forged"].includes(behaviour);
    return blameless ? `${delivery.webhookId}, which is ${behaviour}, ends in the dead-letter queue` : [];
  });
}

/** Promise 4: mended and redriven, everything that was sent comes to an end. */
export function lost({ traffic: { left, sent }, ledger }: World): string[] {
  const open = sent.filter(({ delivery }) => !ledger.isDone(delivery.webhookId));
  return [
    ...(left > 0 ? [`${left} mended messages never end`] : []),
    ...open.map(({ delivery }) => `${delivery.webhookId} is lost: no message and no end of it is left`),
  ];
}

/**
 * Promise 3: a webhook is opened once by its sender, if it was ignored or invalid once by each of its requests, and once
 * more by each replay at most.
 */
export function openedTooOften(world: World): string[] {
  return [...world.acceptedWebhooks()].flatMap((webhookId) => {
    const own = world.traffic.sent.filter(({ delivery }) => delivery.webhookId === webhookId);
    const replays = new Set(own.flatMap(({ delivery }) => delivery.replayId ?? []));
    const requests = new Set(own.map(({ delivery }) => delivery.requestId)).size;
    const { behaviour } = world.options.scenario.webhooks[own[0]?.delivery.webhook ?? 0] ?? {};
    const bySender = behaviour === "ignored" || behaviour === "invalid" ? requests : 1;
    const openings = world.ledger.openingsOf(webhookId);
    if (openings <= bySender + replays.size) return [];
    return `${webhookId} was opened ${openings} times, with ${requests} requests and ${replays.size} replays`;
  });
}
