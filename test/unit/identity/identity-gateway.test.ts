// The identity gateway's adapter against a gateway that answers rightly, wrongly, slowly or not at all; docs/levels.md, "The gateway".

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Circuit } from '../../../src/identity/circuit.ts';
import { IdentityGateway } from '../../../src/identity/levels/identity-gateway.ts';
import { silentLog } from '../../../src/kernel/log.ts';

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, string>;
}

type Answer = (asked: Asked, response: ServerResponse) => void;

const person = { name: '测试甲', idNumber: '990000199003070013' };
const requestId = 'request-1';
const pages = 'https://face.gateway.example';

describe('docs/levels.md: the identity gateway', () => {
  const asked: Asked[] = [];
  let answer: Answer = () => undefined;
  let server: Server;
  let url = '';

  before(async () => {
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        asked.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
        answer(asked[asked.length - 1] as Asked, response);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked.length = 0;
  });

  const gateway = (circuit = new Circuit()) =>
    new IdentityGateway({
      url,
      token: 'a token of the gateway',
      source: 'population-gateway',
      pageOrigins: [pages],
      rules: { loopback: true, internalHosts: [], timeoutMs: 2000 },
      log: silentLog,
      circuit,
    });
  const says = (members: object, status = 200): Answer => {
    return ({ body }, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ requestId: body['requestId'], ...members }));
    };
  };

  it('asks for a name and a number under a request id and its token, and takes yes and no', async () => {
    answer = says({ result: 'match', reference: 'R-1' });
    assert.deepEqual(await gateway().matchRegister(person, requestId), { result: 'match', reference: 'R-1' });
    assert.deepEqual(asked, [
      {
        path: '/v1/register-checks',
        authorization: 'Bearer a token of the gateway',
        body: { requestId, ...person },
      },
    ]);
    answer = says({ result: 'mismatch', reference: 'R-2' });
    assert.deepEqual(await gateway().matchRegister(person, requestId), { result: 'mismatch' });
  });

  it('asks whether somebody represents an organisation, and believes a yes only with its registered name (docs/mandates.md)', async () => {
    const uscc = '91990000XTEXT000XQ';
    const ask = (organisationName: string, result = 'match') => {
      answer = says({ result, reference: 'R-1', organisationName });
      return gateway().representative(uscc, person, requestId);
    };
    assert.deepEqual(await ask(' 测试有限公司 '), {
      result: 'representative',
      name: '测试有限公司',
      reference: 'R-1',
    });
    assert.deepEqual(asked[0]?.path, '/v1/representative-checks');
    assert.deepEqual(asked[0]?.body, { requestId, uscc, ...person });
    assert.deepEqual(await ask('', 'mismatch'), { result: 'mismatch' });
    for (const name of ['', '长'.repeat(201)]) assert.deepEqual(await ask(name), { result: 'unavailable' });
  });

  it('repeats a question of the register once under the same id, and the start of a face check never', async () => {
    answer = says({}, 503);
    assert.deepEqual(await gateway().matchRegister(person, requestId), { result: 'unavailable' });
    assert.deepEqual(
      asked.map(({ body }) => body['requestId']),
      [requestId, requestId],
    );
    asked.length = 0;
    const returnUrl = 'https://trust.example/back';
    assert.deepEqual(await gateway().startFaceCheck(person, { requestId, returnUrl }), { result: 'unavailable' });
    assert.equal(asked.length, 1);
  });

  const unbelievable: Record<string, Answer> = {
    'of another request': (_asked, response) =>
      response.end(JSON.stringify({ requestId: 'other', result: 'match', reference: 'R' })),
    'with a member too many': says({ result: 'match', reference: 'R', score: '99' }),
    'without a reference': says({ result: 'match' }),
    'with a reference that is a line': says({ result: 'match', reference: 'R\nR' }),
    'that is not JSON': (_asked, response) => response.end('match'),
    'that is a list': (_asked, response) => response.end('[]'),
    'that is too long': says({ result: 'match', reference: 'R', filler: 'x'.repeat(70_000) }),
    'with a status that is no 200': says({ result: 'match', reference: 'R' }, 201),
    'with another word': says({ result: 'MATCH', reference: 'R' }),
    'that redirects': (_asked, response) => response.writeHead(302, { location: '/v1/other' }).end(),
    'that breaks off': (_asked, response) =>
      response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
  };
  for (const [what, how] of Object.entries(unbelievable)) {
    it(`does not believe an answer ${what}`, async () => {
      answer = how;
      assert.deepEqual(await gateway().matchRegister(person, requestId), { result: 'unavailable' });
    });
  }

  it('sends people to the pages of the gateway only', async () => {
    const start = () => gateway().startFaceCheck(person, { requestId, returnUrl: 'https://trust.example/back' });
    answer = says({ reference: 'F-1', pageUrl: `${pages}/look?t=1` });
    assert.deepEqual(await start(), {
      result: 'started',
      reference: 'F-1',
      stage: { kind: 'page', url: `${pages}/look?t=1` },
    });
    for (const pageUrl of [
      'https://evil.example/',
      `${pages}.evil.example/`,
      'javascript:alert(1)',
      `${pages}@evil.example/`,
    ]) {
      answer = says({ reference: 'F-1', pageUrl });
      assert.deepEqual(await start(), { result: 'unavailable' }, pageUrl);
    }
  });

  it('takes the result of the very check it asked about', async () => {
    const result = () => gateway().faceResult({ reference: 'F-1', requestId });
    answer = says({ reference: 'F-1', result: 'pending' });
    assert.deepEqual(await result(), { result: 'pending' });
    answer = says({ reference: 'F-1', result: 'match' });
    assert.deepEqual(await result(), { result: 'match', reference: 'F-1' });
    answer = says({ reference: 'F-2', result: 'match' });
    assert.deepEqual(await result(), { result: 'unavailable' });
  });

  it('asks nobody any more after failures in a row, until a trial after the pause succeeds', async () => {
    let nowMs = 0;
    const circuit = new Circuit({ maxFailures: 2, pauseMs: 1000, nowMs: () => nowMs });
    const broken = gateway(circuit);
    answer = says({}, 500);
    await broken.matchRegister(person, requestId);
    assert.equal(asked.length, 2);
    assert.deepEqual(await broken.matchRegister(person, requestId), { result: 'unavailable' });
    assert.equal(asked.length, 2, 'the circuit is open');
    nowMs = 1000;
    await broken.matchRegister(person, requestId);
    assert.equal(asked.length, 3, 'one trial');
    nowMs = 2000;
    answer = says({ result: 'match', reference: 'R' });
    await broken.matchRegister(person, requestId);
    await broken.matchRegister(person, requestId);
    assert.equal(asked.length, 5, 'closed again');
  });
});

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
}
