/** Port of the gateway, unless `npm start` is given another. */
export const defaultPort = 8787;
