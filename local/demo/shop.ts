/** A source with subscribers, one of which always fails. */
export const shop = { source: "shop", working: ["billing", "lake"], failing: "crm" } as const;
