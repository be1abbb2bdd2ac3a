/** Webhooks a second that are replayed, moved back or sent where nobody says otherwise. */
export const usualRate = 10;
