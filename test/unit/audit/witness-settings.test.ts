// The settings of the log's witnesses: what is read, and which faults stop the start; docs/config.md.

import assert from 'node:assert/strict';
import { readConfig } from '../../../src/config.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { readWitnesses } from '../../../src/log-witnesses.ts';
import { encodeVerifierKey, noteKey, signatureTypes } from '../../../src/tlog/note.ts';
import { logSigner } from '../../support/audit.ts';

function keyOf(name: string, type: 1 | 4 = signatureTypes.cosignature, { spki } = logSigner()): string {
  const key = noteKey(sha256, name, spki, type);
  assert.ok(key !== undefined);
  return encodeVerifierKey(key);
}

describe('LOG_WITNESSES, LOG_COSIGNATURES', () => {
  const [first, second] = [keyOf('w1.example'), keyOf('w2.example')];
  const environment = { KEY_ENCRYPTION_KEY: Array.from({ length: 32 }, (_, i) => `${i + 10}`).join('') };

  it('are a list of addresses and keys', () => {
    const read = readWitnesses(`https://w1.example/api/ ${first} ,\n http://10.0.0.1:3100 ${second}`, { https: false });
    assert.ok(typeof read !== 'string');
    assert.deepEqual(
      read.map(({ url, key }) => [url, encodeVerifierKey(key)]),
      [
        ['https://w1.example/api', first],
        ['http://10.0.0.1:3100', second],
      ],
    );
    assert.deepEqual(readWitnesses('', { https: true }), []);
  });

  it('stop the start when they are no address, no key of a witness, a key twice, also under two names, or plain http in production', () => {
    const same = logSigner();
    const faults: readonly [string, RegExp][] = [
      [`w1.example ${first}`, /list of `URL KEY`/],
      [`ftp://w1.example ${first}`, /list of `URL KEY`/],
      [`https://w1.example?x ${first}`, /list of `URL KEY`/],
      [`https://w1.example ${first} ${second}`, /list of `URL KEY`/],
      ['https://w1.example', /not the verifier key of a witness/],
      [`https://w1.example ${keyOf('w1.example', 1)}`, /not the verifier key of a witness/],
      [`https://w1.example ${first.replace('w1', 'w3')}`, /not the verifier key of a witness/],
      [`https://w1.example ${first}, https://w2.example ${first}`, /twice/],
      [`https://w1.example ${keyOf('a.example', 4, same)}, https://w2.example ${keyOf('b.example', 4, same)}`, /twice/],
      [`http://w1.example ${first}`, /https/],
    ];
    for (const [text, fault] of faults) {
      const said = readWitnesses(text, { https: true });
      assert.ok(typeof said === 'string', text);
      assert.match(said, fault);
    }
    assert.throws(() => readConfig({ ...environment, LOG_WITNESSES: 'here' }), { code: 'configuration-invalid' });
  });

  it('ask for no more cosignatures than there are witnesses', () => {
    const one = { ...environment, LOG_WITNESSES: `http://127.0.0.1:1 ${first}` };
    assert.equal(readConfig({ ...one, LOG_COSIGNATURES: '1' }).logWitnesses?.cosignatures, 1);
    const fault = { code: 'configuration-invalid', message: /LOG_COSIGNATURES: there are fewer witnesses/ };
    assert.throws(() => readConfig({ ...one, LOG_COSIGNATURES: '2' }), fault);
    assert.throws(() => readConfig({ ...environment, LOG_COSIGNATURES: '1' }), fault);
  });
});
