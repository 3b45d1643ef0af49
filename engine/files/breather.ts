const SLICE = 25;

/**
 * For loops that work without waiting: awaited now and then, it lets others of the process run every 25 ms, such as the
 * answers that Pulumi waits for.
 */
export function breather(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = performance.now();
        resolve();
      }),
    );
  };
}
