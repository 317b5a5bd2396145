// Tells on standard error how far long work has come, every few seconds; short work says nothing.

import { monotonicMs } from '../kernel/clock.ts';
import type { Progress } from './audit-verify-tree.ts';

const everyMs = 3000;

export function progressOn(stream: { write(text: string): unknown }): Progress {
  const beganMs = monotonicMs();
  let saidMs = beganMs;
  let first: number | undefined;
  return (done, size) => {
    first ??= done;
    const now = monotonicMs();
    if (now - saidMs < everyMs || done === size) return;
    saidMs = now;
    const rate = Math.max(1, ((done - first) * 1000) / (now - beganMs));
    const share = Math.floor((100 * done) / size);
    stream.write(`${done} of ${size} entries (${share} %), about ${Math.ceil((size - done) / rate)} s to go\n`);
  };
}
