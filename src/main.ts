// `npm start`: settings, database, migrations, services, sandbox, server; and the order in which all of it stops.

import { readConfig } from './config.ts';
import { monotonicMs } from './kernel/clock.ts';
import { isTrustError } from './kernel/errors.ts';
import { start } from './serve.ts';

const stopGraceMs = 10_000;
/** Ctrl-C reaches the whole group of the terminal, and npm passes it on once more: within this time it is the same wish. */
const sameWishMs = 1_000;

try {
  const running = await start(readConfig());
  console.log(running.greeting);
  let stoppingSinceMs: number | undefined;
  const stop = (signal: string) => {
    if (stoppingSinceMs !== undefined) {
      if (monotonicMs() - stoppingSinceMs > sameWishMs) process.exit(1); // asked again: now
      return;
    }
    stoppingSinceMs = monotonicMs();
    console.log(`\n${signal}: stopping …`);
    setTimeout(() => process.exit(1), stopGraceMs).unref();
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
} catch (error) {
  // A wrong setting is told in one line; anything else with its trace.
  console.error(isTrustError(error) ? `Yinxin could not start: ${error.message} [${error.code}]` : error);
  process.exit(1);
}
