// Pushed authorization requests in the store: good for one answer, also when a person takes long to sign in; RFC 9126 section 7.3.

import type { Adapter } from 'oidc-provider';
import { errors } from './engine.ts';

/** The engine refuses to begin with a pushed request after 60 s; an answer to it may take as long as signing in and agreeing. */
const answeringSeconds = 3600;

/**
 * The engine answers a request whose pushed one is gone as if there had been none, so the row stays as long as somebody may still be
 * signing in, and one that is not found ends the request. Opening a request_uri twice is allowed, two answers are not.
 */
export function pushedRequests(store: Adapter): Adapter {
  const used = () => new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
  return {
    ...store,
    upsert: (id, payload, expiresInSeconds) => store.upsert(id, payload, (expiresInSeconds ?? 0) + answeringSeconds),
    find: async (id) => {
      const found = await store.find(id);
      if (!found) throw used();
      return found;
    },
    consume: async (id) => {
      try {
        await store.consume(id);
      } catch (error) {
        throw error instanceof errors.InvalidGrant ? used() : error;
      }
    },
  };
}
