// openapi.yaml is a sound OpenAPI 3.1 document, the one that is served, and /docs draws it without asking another host; OpenAPI 3.1, 4.8.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { operations } from '../../../src/contract/api.ts';
import { openApi } from '../../support/api-client.ts';
import { projectRoot } from '../../support/database.ts';
import { isObject, type JsonObject, memberOf, resolveReference, schemaFaults } from '../../support/json-schema.ts';
import { startServer, type TestServer } from '../../support/server.ts';

interface Described {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

function described(): Described[] {
  return membersOf(openApi['paths']).flatMap(([path, item]) =>
    membersOf(item).map(([method, operation]) => ({
      path,
      method,
      operation: objectOf(operation, `${method} ${path}`),
    })),
  );
}

describe('OpenAPI 3.1, 4.8: openapi.yaml is a sound document', () => {
  it('has the members that the specification requires, and no others', () => {
    assert.match(String(openApi['openapi']), /^3\.1\.\d+$/);
    assert.deepEqual(Object.keys(openApi), ['openapi', 'info', 'servers', 'paths', 'components']);
    const info = objectOf(openApi['info'], 'info');
    for (const name of ['title', 'version']) assert.equal(typeof info[name], 'string');
    assert.deepEqual(Object.keys(objectOf(openApi['components'], 'components')), ['schemas', 'securitySchemes']);
  });

  it('describes every operation of the contract once, with an operationId of its own', () => {
    const found = described();
    assert.equal(found.length, operations.length);
    for (const { id, path, method } of operations) {
      const one = found.find((described) => described.path === path && described.method === method);
      assert.equal(one?.operation['operationId'], id);
    }
    const ids = found.map(({ operation }) => operation['operationId']);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('declares the parameters of each path, no more and no fewer, all required', () => {
    for (const { path, operation } of described()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = (Array.isArray(operation['parameters']) ? operation['parameters'] : []).filter(isObject);
      const declared = parameters.filter((parameter) => parameter['in'] === 'path');
      assert.deepEqual(
        declared.map((parameter) => parameter['name']),
        inPath,
        path,
      );
      assert.ok(declared.every((parameter) => parameter['required'] === true));
      const places = parameters.map((parameter) => `${String(parameter['in'])} ${String(parameter['name'])}`);
      assert.equal(new Set(places).size, places.length);
      for (const parameter of parameters) assert.ok(isObject(parameter['schema']), path);
    }
  });

  it('gives each answer a description and a media type with a schema, and each operation a success and its refusals', () => {
    for (const { path, operation } of described()) {
      const responses = membersOf(operation['responses']);
      assert.ok(
        responses.some(([status]) => /^20[012]$/.test(status)) && responses.some(([status]) => status === '500'),
      );
      for (const [status, response] of responses) {
        assert.match(status, /^[1-5]\d\d$/);
        assert.equal(typeof memberOf(response, 'description'), 'string');
        const contents = membersOf(memberOf(response, 'content'));
        assert.ok(contents.length > 0, `${path} ${status}`);
        for (const [mediaType, content] of contents) {
          assert.match(mediaType, /^[a-z]+\/[a-z0-9.+-]+$/);
          assert.ok(isObject(memberOf(content, 'schema')));
        }
      }
    }
  });

  it('refers only to what is there, and uses only keywords of JSON Schema that are known', () => {
    const references = [...JSON.stringify(openApi).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference]) => reference ?? '',
    );
    assert.ok(references.length > 50, `only ${references.length} references were found`);
    for (const reference of references) assert.ok(isObject(resolveReference(openApi, reference)));
    const schemas = membersOf(memberOf(openApi, 'components', 'schemas'));
    assert.ok(schemas.length >= 8, `only ${schemas.length} schemas were found`);
    // The checker throws at a keyword, a type or a format that it does not know.
    for (const [, schema] of schemas) walk(schema);
    for (const { operation } of described()) walkContents(operation);
  });

  it('names only security schemes that are declared, and asks a token for everything but verification, proof, public keys and the status of a seal', () => {
    const open = new Set([
      '/csc/v2/info',
      '/api/v1/seal-statuses/{sealCode}',
      '/api/v1/sign-in-receipt-keys',
      '/api/v1/verifications',
      '/api/v1/verification-receipt-keys',
      '/api/v1/licence-verifications',
      '/api/v1/audit/entries/{entry}/receipt', // what the log says in public anyway
      '/api/v1/audit/consistency',
    ]);
    const schemes = new Set(membersOf(memberOf(openApi, 'components', 'securitySchemes')).map(([name]) => name));
    for (const { path, operation } of described()) {
      const security = Array.isArray(operation['security']) ? operation['security'] : [];
      assert.equal(security.length === 0, open.has(path), path);
      for (const name of security.flatMap((one) => Object.keys(one))) assert.ok(schemes.has(name));
    }
  });
});

describe('OpenAPI 3.1 as it is served', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it('is the printed file, byte for byte, at /openapi.yaml', async () => {
    const { status, headers, body } = await supertest(server.url).get('/openapi.yaml').responseType('blob');
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^application\/yaml/);
    assert.deepEqual(Buffer.from(body), readFileSync(join(projectRoot(), 'openapi.yaml')));
  });

  it('is drawn at /docs from our own files only', async () => {
    const docs = await supertest(server.url).get('/docs');
    assert.equal(docs.status, 200);
    const addresses = [...docs.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    const own = addresses.filter((address) => address.startsWith('/'));
    assert.deepEqual(
      addresses.filter((address) => !address.startsWith('/') && address !== 'data:,'),
      [],
    );
    assert.ok(own.length >= 4);
    for (const address of own) {
      const { status, headers } = await supertest(server.url).get(address);
      assert.equal(status, 200, address);
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
    // Whatever a script would like: the browser lets it ask nobody but us.
    const policy = docs.headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /connect-src 'self'/);
    assert.doesNotMatch(policy, /https?:|\*/);
  });
});

function walk(schema: unknown): void {
  if (!isObject(schema)) return;
  // A value of every type makes each keyword of the schema speak.
  for (const value of [{}, [], '', 0, true, null]) schemaFaults(openApi, schema, value);
  for (const [name, inner] of Object.entries(schema)) {
    if (name === 'properties') for (const [, property] of membersOf(inner)) walk(property);
    else if (['items', 'additionalProperties', 'propertyNames'].includes(name)) walk(inner);
    else if (['anyOf', 'oneOf'].includes(name) && Array.isArray(inner)) inner.forEach(walk);
  }
}

function walkContents(value: unknown): void {
  for (const [name, inner] of membersOf(value)) {
    if (name === 'schema') walk(inner);
    else if (Array.isArray(inner)) inner.forEach(walkContents);
    else walkContents(inner);
  }
}

function membersOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

function objectOf(value: unknown, what: string): JsonObject {
  assert.ok(isObject(value), what);
  return value;
}
