/** Port of the gateway, for `npm start` and `npm run send`. */
export const defaultPort = 8787;
