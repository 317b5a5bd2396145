// The OpenAPI document as it is printed: references lead somewhere, operations are whole, examples of refusals are named.

import assert from 'node:assert/strict';
import { operations } from '../../../src/contract/api.ts';
import { openApiDocument } from '../../../src/contract/openapi.ts';
import { statusOf } from '../../../src/http/problem.ts';
import { errorCodes } from '../../../src/kernel/errors.ts';

const document = openApiDocument(operations, statusOf, '0.0.0');
const text = JSON.stringify(document);
const { schemas } = document.components as { schemas: Record<string, Record<string, unknown>> };

describe('OpenAPI 3.1, components', () => {
  it('are all schemas themselves, none a reference to itself', () => {
    assert.ok(Object.keys(schemas).length >= 11);
    const hollow = Object.entries(schemas).filter(([, schema]) => schema.type === undefined);
    assert.deepEqual(hollow, []);
  });

  it('hold whatever is referred to', () => {
    const names = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map((match) => match[1] ?? '');
    assert.ok(names.length > 20);
    assert.deepEqual(
      [...new Set(names)].filter((name) => schemas[name] === undefined),
      [],
    );
    assert.doesNotMatch(text, /#\/\$defs\//);
  });
});

describe('OpenAPI 3.1, operations', () => {
  it('have names of their own', () => {
    const names = operations.map(({ id }) => id);
    assert.equal(new Set(names).size, names.length);
  });

  it('name every parameter of their path', () => {
    for (const { path, params } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      assert.deepEqual(Object.keys(params?.shape ?? {}), inPath, path);
    }
  });

  it('name only codes that there are, each with a status', () => {
    for (const { errors } of operations) {
      for (const code of errors) {
        assert.ok(errorCodes.includes(code), code);
        assert.ok(statusOf(code) >= 400, code);
      }
    }
  });
});
