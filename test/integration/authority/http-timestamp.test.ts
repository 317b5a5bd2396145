// A foreign time-stamp authority over HTTP: a good token is taken, everything else is refused; RFC 3161, 3.4.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { HttpTimestampAuthority } from '../../../src/pki/http-timestamp.ts';
import { parseTimestampRequest, writeTimestampRequest } from '../../../src/pki/timestamp-request.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import type { AuthorityHouse } from './authority-house.ts';
import { authorityHouse } from './authority-house.ts';

const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(utf8('ours')) } as const;
const replyType = { 'content-type': 'application/timestamp-reply' };

describe('RFC 3161, 3.4: a foreign time-stamp authority', () => {
  let setup: AuthorityHouse;
  let server: Server;
  let url: string;
  let answer: RequestListener;
  before(async () => {
    setup = await authorityHouse();
    await setup.authority.ensureHierarchy();
    setup.clock.advance(5000);
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await setup.close();
  });

  const client = (changes = {}) =>
    new HttpTimestampAuthority({ url, clock: setup.clock, doubt: async () => undefined, timeoutMs: 2000, ...changes });

  /** Answers with what the authority says to the request, or to what `change` makes of it. */
  const honest = (change = (der: Uint8Array) => der): RequestListener => {
    return (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const der = change(new Uint8Array(Buffer.concat(chunks)));
        void setup.timestamps.respond(der).then((reply) => response.writeHead(200, replyType).end(Buffer.from(reply)));
      });
    };
  };
  const refused = (reason: RegExp) => (error: unknown) =>
    isTrustError(error, 'timestamp-refused') && reason.test(error.message);

  it('is asked for its certificates, with a nonce, and its good token is taken as it came', async () => {
    let asked: ReturnType<typeof parseTimestampRequest> | undefined;
    answer = honest((der) => {
      asked = parseTimestampRequest(der);
      return der;
    });
    const token = await client().stamp(imprint);
    assert.equal(asked?.certReq, true);
    assert.ok((asked?.nonce?.length ?? 0) >= 8);
    const { intact, valid } = verifyTimestampToken({ token, imprint: () => imprint.digest });
    assert.deepEqual([intact, valid], [true, true]);
  });

  const other = { digestAlgorithm: 'SHA-256', digest: sha256(utf8('theirs')) } as const;
  const nonce = new Uint8Array(16).fill(3);
  const lies: Record<string, { answer: () => RequestListener; reason: RegExp; changes?: () => object }> = {
    'a token over something else': {
      answer: () => honest(() => writeTimestampRequest(other, nonce)),
      reason: /something else/,
    },
    'a nonce that is not ours': { answer: () => honest(() => writeTimestampRequest(imprint, nonce)), reason: /nonce/ },
    'a refusal': { answer: () => honest(() => Uint8Array.of(0x30, 0)), reason: /status 2/ },
    'a certificate that nobody trusts': {
      answer: () => honest(),
      reason: /anchor/,
      changes: () => ({ doubt: async () => 'its certificate leads to no anchor for time stamps' }),
    },
    'a time far from ours': {
      answer: () => honest(),
      reason: /away from ours/,
      changes: () => ({ clock: { now: () => addSeconds(setup.clock.now(), 400) } }),
    },
    'another media type': {
      answer: () => (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      reason: /text\/html/,
    },
    'an error': { answer: () => (_, response) => response.writeHead(503).end(), reason: /503/ },
    'a way to somebody else': {
      answer: () => (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      reason: /cannot be reached/,
    },
    'what is no TimeStampResp': {
      answer: () => (_, response) => response.writeHead(200, replyType).end('hello'),
      reason: /malformed/,
    },
    'an answer without end': {
      answer: () => (_, response) => {
        response.writeHead(200, replyType);
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 1)));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      },
      reason: /too large/,
    },
    'no answer': { answer: () => () => undefined, reason: /cannot be reached/, changes: () => ({ timeoutMs: 200 }) },
  };
  for (const [what, lie] of Object.entries(lies)) {
    it(`is not believed when it gives ${what}`, async () => {
      answer = lie.answer();
      await assert.rejects(client(lie.changes?.()).stamp(imprint), refused(lie.reason));
    });
  }
});
