import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Microsoft Graph (rich notifications)",
  signature: {
    kind: "jwt",
    json: "validationTokens",
    algorithms: ["RS256"],
    keys: { kind: "key-set", url: "https://login.microsoftonline.com/common/discovery/v2.0/keys" },
    // The app that publishes change notifications; `azp` in tokens of version 2.0.
    claims: [{ name: ["appid", "azp"], value: "0bf30f3b-4a52-48df-9a82-234910c4a086" }],
    needs: ["issuer", "audience"],
  },
  secret: {
    store: "nothing: Microsoft publishes the keys",
    shownAt: "the app registration shows tenant id and application id",
  },
  eventId: ["request-id"],
  eventType: "none",
  handshake: { kind: "microsoft-graph" },
  contentTypes: ["application/json"],
  delivery: { answerTimeout: notConfirmed, retries: notConfirmed },
  notes:
    "For notifications with resource data, whose `validationTokens` must all be genuine. The tokens prove who sends and nothing about the rest of the body, which is encrypted for you. Notifications without resource data carry no tokens and are rejected: give them a source of their own with `signature: { scheme: none }` and `handshake: { kind: microsoft-graph }`, whose handler compares `clientState`. `issuer` is `https://sts.windows.net/<tenant id>/`, or `https://login.microsoftonline.com/<tenant id>/v2.0` for an app whose tokens have version 2.0; `audience` is the application id. One request carries many notifications.",
  unconfirmed: ["`azp` in tokens of version 2.0", "that a retry keeps its body"],
  links: [
    "https://learn.microsoft.com/en-us/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications",
  ],
  sample: {
    body: '{"value":[{"subscriptionId":"76619225-ff6b-4489-96ca-4ef547e78b22","tenantId":"84bd8158-6d4d-4958-8b9f-9d6445542f95","changeType":"created","resource":"teams(\'1\')/channels(\'2\')/messages(\'3\')"}]}',
  },
} satisfies Provider;
