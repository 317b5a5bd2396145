// Room for bodies: how many bytes of documents this process holds for all callers together, counted as they arrive; OWASP API4.

import type { Request, Response } from 'express';
import { TrustError } from '../kernel/errors.ts';

export class BodyRoom {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor({ maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Counts what `request` brings until its answer is out. What was declared and not sent costs nothing, so nobody can book the room
   * by promising. Calls `refuse` with `too-many-requests` once the room is full; strangers have half of it, so that they cannot shut
   * out callers with a token. To be called before anybody else reads the body.
   */
  admit(request: Request, response: Response, caller: { known: boolean }, refuse: (error: TrustError) => void): void {
    let own = 0;
    let released = false;
    const count = (chunk: Uint8Array): void => {
      if (released) return;
      own += chunk.length;
      this.#heldBytes += chunk.length;
      if (this.#heldBytes <= (caller.known ? this.#maxBytes : this.#maxBytes / 2)) return;
      // Nobody may keep collecting: the rest is read and thrown away, and the connection ends with the answer.
      request.removeAllListeners('data');
      response.set('connection', 'close');
      release();
      refuse(new TrustError('too-many-requests', 'too many documents at once', { details: { retryAfterSeconds: 5 } }));
    };
    const release = (): void => {
      if (released) return;
      released = true;
      this.#heldBytes -= own;
    };
    request.on('data', count);
    response.once('close', release);
  }
}
