// Time stamps, CRLs and CA certificates as relying parties fetch them, judged by OpenSSL; RFC 3161 section 3.4, RFC 5280.

import assert from 'node:assert/strict';
import supertest from 'supertest';
import { type Answer, textOf } from '../../support/api-client.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const authorities = ['root-ca', 'seal-ca', 'service-ca'];

describe('PKI services over HTTP, judged by OpenSSL', () => {
  let server: TestServer;
  let openssl: OpensslBench;
  before(async function () {
    openssl = needOpenssl(this);
    server = await startServer();
  });
  after(async () => {
    await server?.stop();
    openssl?.remove();
  });

  const get = async (path: string): Promise<Answer> => {
    const { status, headers, body } = await supertest(server.url).get(path).responseType('blob');
    return { status, headers, bytes: new Uint8Array(body) };
  };
  const stampQuery = async (query: Uint8Array, type = 'application/timestamp-query'): Promise<Answer> => {
    const request = supertest(server.url).post('/tsa').type(type).responseType('blob');
    const { status, headers, body } = await request.send(Buffer.from(query));
    return { status, headers, bytes: new Uint8Array(body) };
  };
  const pemOf = async (name: string) => {
    const { bytes } = await get(`/ca/${name}.cer`);
    return openssl.writePem(`${name}.pem`, [{ label: 'CERTIFICATE', der: bytes }]);
  };

  it('RFC 9110, 13: a list, a certificate or an answer that is known already is not sent again', async () => {
    const openRequest = openssl.path('kept.der');
    const [root, leaf] = [await pemOf('root-ca'), await pemOf('seal-ca')];
    assert.ok(openssl.run('ocsp', '-issuer', root, '-cert', leaf, '-no_nonce', '-reqout', openRequest).good);
    const asked = encodeURIComponent(Buffer.from(openssl.read('kept.der')).toString('base64'));
    for (const path of ['/crl/seal-ca.crl', '/crl/seal-ca.delta.crl', '/ca/seal-ca.cer', `/ocsp/root-ca/${asked}`]) {
      const first = await get(path);
      assert.equal(first.status, 200, path);
      const { etag = '', 'last-modified': modified = '', 'cache-control': control = '' } = first.headers;
      assert.match(etag, /^"[\w-]{43}"$/, path);
      assert.ok(Date.parse(modified) <= Date.now(), `${path}: ${modified}`);
      assert.match(control, /max-age=\d+/);
      const again = await supertest(server.url).get(path).set('if-none-match', etag).responseType('blob');
      assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, etag], path);
      const since = await supertest(server.url).get(path).set('if-modified-since', modified);
      assert.equal(since.status, path.startsWith('/ca/') ? 304 : 200, `${path}: a date of whole seconds is no proof`);
      const other = await supertest(server.url).get(path).set('if-none-match', '"other"').responseType('blob');
      assert.equal(other.status, 200, path);
      const head = await supertest(server.url).head(path);
      assert.deepEqual([head.status, head.headers.etag], [200, etag], path);
    }
  });

  it('RFC 9110, 13: a list that changed is sent, whoever knows the one before', async () => {
    const before = await get('/crl/service-ca.crl');
    await server.services.authority.regenerateCrl('service-ca');
    const request = supertest(server.url)
      .get('/crl/service-ca.crl')
      .set('if-none-match', before.headers['etag'] ?? '');
    assert.equal((await request.responseType('blob')).status, 200);
  });

  it('RFC 9110, 15.5.6: another method is told which one is taken', async () => {
    const takes: [string, string][] = [
      ['/tsa', 'POST'],
      ['/tsa/sm2', 'POST'],
      ['/ocsp/seal-ca', 'POST'],
      ['/ocsp/seal-ca/MAA=', 'GET, HEAD'],
      ['/crl/seal-ca.crl', 'GET, HEAD'],
      ['/ca/seal-ca.cer', 'GET, HEAD'],
    ];
    for (const [path, allow] of takes) {
      for (const method of ['put', 'delete', allow === 'POST' ? 'get' : 'post'] as const) {
        const { status, headers } = await supertest(server.url)[method](path);
        assert.deepEqual([status, headers['allow']], [405, allow], `${method} ${path}`);
      }
    }
  });

  it('RFC 3161: openssl ts asks, the authority answers, openssl ts -verify is content', async () => {
    const data = openssl.write('data.txt', '一份文件');
    for (const more of [['-cert'], [], ['-cert', '-no_nonce'], ['-cert', '-sha512']]) {
      const query = openssl.path('query.tsq');
      assert.ok(openssl.run('ts', '-query', '-data', data, '-sha256', ...more, '-out', query).good);
      const { status, headers, bytes } = await stampQuery(openssl.read('query.tsq'));
      assert.deepEqual([status, headers['content-type']], [200, 'application/timestamp-reply']);
      const reply = openssl.write('reply.tsr', bytes);
      const trust = ['-CAfile', await pemOf('root-ca'), '-untrusted', await untrusted(more.includes('-cert'))];
      const verdict = openssl.run('ts', '-verify', '-queryfile', query, '-in', reply, ...trust);
      assert.match(verdict.output, /Verification: OK/, `${more.join(' ')}: ${verdict.output}`);
    }
  });

  it('RFC 3161: a stamp of other data is refused by openssl ts -verify', async () => {
    const query = openssl.path('other.tsq');
    openssl.run('ts', '-query', '-data', openssl.write('one.txt', '一'), '-sha256', '-cert', '-out', query);
    const reply = openssl.write('other.tsr', (await stampQuery(openssl.read('other.tsq'))).bytes);
    const trust = ['-CAfile', await pemOf('root-ca'), '-untrusted', await pemOf('service-ca')];
    const verdict = openssl.run('ts', '-verify', '-data', openssl.write('two.txt', '二'), '-in', reply, ...trust);
    assert.equal(verdict.good, false);
  });

  it('RFC 3161: a query that cannot be read is a rejection, one of another media type a 415', async () => {
    const { status, bytes } = await stampQuery(Uint8Array.of(1, 2, 3));
    assert.equal(status, 200);
    const text = openssl.run('ts', '-reply', '-in', openssl.write('bad.tsr', bytes), '-text').output;
    assert.match(text, /Status: Rejected/);
    assert.equal((await stampQuery(Uint8Array.of(1, 2, 3), 'text/plain')).status, 415);
    assert.equal((await stampQuery(new Uint8Array(9000))).status, 413);
  });

  it('a query whose length is not declared gets the same answer as one whose length is, apart from what is new in each', async () => {
    const query = openssl.path('chunked.tsq');
    openssl.run('ts', '-query', '-data', openssl.write('three.txt', '三'), '-sha256', '-out', query);
    const declared = await stampQuery(openssl.read('chunked.tsq'));
    const chunked = await fetch(`${server.url}/tsa`, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Blob([openssl.read('chunked.tsq')]).stream(),
      duplex: 'half',
    });
    assert.deepEqual([declared.status, chunked.status], [200, 200]);
    for (const name of ['content-type', 'cache-control', 'x-content-type-options']) {
      assert.equal(declared.headers[name], chunked.headers.get(name), name);
    }
    assert.match(String(declared.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    const reply = openssl.write('chunked.tsr', new Uint8Array(await chunked.arrayBuffer()));
    assert.match(openssl.run('ts', '-reply', '-in', reply, '-text').output, /Status: Granted/);
  });

  it('whatever is posted without being plain is refused as everywhere: type, coding, length', async () => {
    const status = async (headers: Record<string, string>, body: Uint8Array, path = '/ocsp/seal-ca') =>
      (await fetch(`${server.url}${path}`, { method: 'POST', headers, body })).status;
    const type = { 'content-type': 'application/ocsp-request' };
    assert.equal(await status(type, Uint8Array.of(1)), 200, 'a malformed request is told in the form of OCSP');
    assert.equal(await status(type, Uint8Array.of(1), '/ocsp/nobody'), 200, 'so is an authority that is not there');
    assert.equal(await status({ 'content-type': 'text/plain' }, Uint8Array.of(1)), 415);
    assert.equal(await status({ ...type, 'content-encoding': 'gzip' }, Uint8Array.of(1)), 415);
    assert.equal(await status(type, new Uint8Array(5000)), 413);
    assert.equal(await status(type, Uint8Array.of(1), '/ocsp/seal-ca/'), 404);
  });

  for (const name of authorities) {
    it(`RFC 5280: openssl reads the certificate and the CRL of ${name}, and the chain to the root`, async () => {
      const answer = await get(`/ca/${name}.cer`);
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'application/pkix-cert']);
      const certificate = await pemOf(name);
      const text = openssl.run('x509', '-in', certificate, '-noout', '-text').output;
      assert.match(text, /CA:TRUE/);
      assert.match(text, /Certificate Sign, CRL Sign/);
      const chain = openssl.run('verify', '-x509_strict', '-CAfile', await pemOf('root-ca'), certificate);
      assert.ok(chain.good, chain.output);
      const crl = await get(`/crl/${name}.crl`);
      assert.deepEqual([crl.status, crl.headers['content-type']], [200, 'application/pkix-crl']);
      const file = openssl.write(`${name}.crl`, crl.bytes);
      const judged = openssl.run('crl', '-inform', 'DER', '-in', file, '-CAfile', certificate, '-noout', '-text');
      assert.match(judged.output, /verify OK/);
      assert.match(judged.output, /X509v3 CRL Number/);
    });
  }

  it('RFC 5280: the addresses in a certificate are ours, and they answer', async () => {
    const { certificate } = await server.services.authority.certificateOf('tsa');
    const file = openssl.writePem('tsa.pem', [{ label: 'CERTIFICATE', der: certificate.der }]);
    const text = openssl.run('x509', '-in', file, '-noout', '-text').output;
    const addresses = [...text.matchAll(/(OCSP - )?URI:(\S+)/g)];
    assert.ok(addresses.length >= 2, text);
    for (const [, ocsp, address = ''] of addresses) {
      assert.ok(address.startsWith(server.url), address);
      const path = address.slice(server.url.length);
      if (ocsp === undefined) assert.equal((await get(path)).status, 200, address);
      else await assertOcspGood(path, file);
    }
  });

  it('an authority that is not there: 404', async () => {
    for (const path of ['/ca/none.cer', '/crl/none.crl', '/ca/tsa.cer', '/ca/root-ca.pem', '/crl/..%2Froot-ca.crl']) {
      const answer = await get(path);
      assert.equal(answer.status, 404, `${path}: ${textOf(answer).slice(0, 200)}`);
    }
  });

  /** RFC 6960: openssl asks, the responder answers, openssl is content. */
  async function assertOcspGood(path: string, certificate: string): Promise<void> {
    const about = ['-issuer', await pemOf('service-ca'), '-cert', certificate];
    const query = openssl.path('query.ocsp');
    assert.ok(openssl.run('ocsp', '-no_nonce', ...about, '-reqout', query).good);
    const request = supertest(server.url).post(path).type('application/ocsp-request').responseType('blob');
    const { status, body } = await request.send(Buffer.from(openssl.read('query.ocsp')));
    assert.equal(status, 200, path);
    const reply = openssl.write('reply.ocsp', new Uint8Array(body));
    const trust = ['-CAfile', await pemOf('root-ca')];
    const { output } = openssl.run('ocsp', '-no_nonce', ...about, '-respin', reply, ...trust);
    assert.match(output, /Response verify OK/);
    assert.match(output, /tsa\.pem: good/);
  }

  /** Without certReq the reply holds no certificate: the relying party brings it. */
  async function untrusted(certificateInside: boolean): Promise<string> {
    const serviceCa = (await get('/ca/service-ca.cer')).bytes;
    const { certificate } = await server.services.authority.certificateOf('tsa');
    const blocks = [{ label: 'CERTIFICATE', der: serviceCa }];
    if (!certificateInside) blocks.unshift({ label: 'CERTIFICATE', der: certificate.der });
    return openssl.writePem('untrusted.pem', blocks);
  }
});
