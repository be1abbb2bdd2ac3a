/** Signals by which a terminal or a supervisor ends a program, and the exit code that each stands for. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npm passes a signal on that the terminal has sent to its child as well: the same Ctrl-C arrives twice. */
const echoMilliseconds = 1_000;

/**
 * Calls back at the first of these signals. One that comes a second later ends the process at once: somebody does not want
 * to wait any longer.
 *
 * @param stop is given the exit code that the signal stands for
 * @returns ends the listening
 */
export function onStopSignal(stop: (exitCode: number) => void): () => void {
  let first: number | undefined;
  const listeners = Object.entries(exitCodes).map(([signal, exitCode]) => {
    const listener = () => {
      if (first === undefined) {
        first = Date.now();
        stop(exitCode);
      } else if (Date.now() - first > echoMilliseconds) process.exit(exitCode);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const end of listeners) end();
  };
}
