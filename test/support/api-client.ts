// A client of the JSON API over supertest: it holds every answer against openapi.yaml, and hands back what the contract types say.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { parse } from 'yaml';
import type { OperationShape, Reply } from '../../src/contract/operation.ts';
import { projectRoot } from './database.ts';
import { isObject, type JsonObject, memberOf, schemaFaults } from './json-schema.ts';

export const openApi: JsonObject = parse(readFileSync(join(projectRoot(), 'openapi.yaml'), 'utf8'));

export interface CallOptions {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number>>;
  /** The body as JSON; anything, since tests also send what is wrong. */
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type of `bytes`. */
  readonly type?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

export interface Problem extends Answer {
  readonly code: string;
  readonly problem: JsonObject;
}

export class ApiClient {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor({ url, token }: { url: string; token?: string }) {
    this.#url = url;
    this.#token = token;
  }

  /** Whatever an operation answers. */
  async any(operation: OperationShape, options: CallOptions = {}): Promise<Answer> {
    return this.#call(operation, options);
  }

  /** The reply of an operation that must succeed. */
  async json<O extends OperationShape>(operation: O, options: CallOptions = {}): Promise<Reply<O>> {
    const answer = await this.#call(operation, options);
    assert.equal(answer.status, operation.success.status, `${operation.id}: ${textOf(answer)}`);
    // The contract's own schema gives the value its type; that it is right was judged by openapi.yaml before.
    return operation.success.json?.parse(JSON.parse(textOf(answer))) as Reply<O>;
  }

  /** The file that an operation must answer with. */
  async file(operation: OperationShape, options: CallOptions = {}): Promise<Answer> {
    const accept = operation.success.raw?.mediaTypes.join(', ') ?? '*/*';
    const answer = await this.#call(operation, { ...options, headers: { accept, ...options.headers } });
    assert.equal(answer.status, operation.success.status, textOf(answer));
    return answer;
  }

  /** The problem document (RFC 9457) that an operation must refuse with. */
  async refusal(operation: OperationShape, options: CallOptions = {}): Promise<Problem> {
    const answer = await this.#call(operation, options);
    assert.ok(answer.status >= 400, `${operation.id} was not refused: ${answer.status}`);
    const problem: JsonObject = JSON.parse(textOf(answer));
    assert.equal(problem['status'], answer.status);
    return { ...answer, code: String(problem['code']), problem };
  }

  async #call(operation: OperationShape, options: CallOptions): Promise<Answer> {
    const { params = {}, query = {}, json, bytes, type, headers = {} } = options;
    const path = operation.path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
    const request = supertest(this.#url)[operation.method](path).query(query).responseType('blob');
    if (this.#token !== undefined) request.set('authorization', `Bearer ${this.#token}`);
    if (bytes !== undefined) request.type(type ?? operation.raw?.mediaTypes[0] ?? 'application/octet-stream');
    for (const [name, value] of Object.entries(headers)) request.set(name, value);
    const body = bytes === undefined ? json : Buffer.from(bytes);
    const response = await (body === undefined ? request : request.send(body as object));
    const answer = { status: response.status, headers: response.headers, bytes: new Uint8Array(response.body) };
    mustBeAsPrinted(operation, answer);
    return answer;
  }
}

export function textOf(answer: Answer): string {
  return new TextDecoder().decode(answer.bytes);
}

/** Status, media type, code and body must all stand in openapi.yaml. */
function mustBeAsPrinted(operation: OperationShape, answer: Answer): void {
  const { status } = answer;
  const what = `${operation.id} answers ${status}`;
  const response = memberOf(openApi, 'paths', operation.path, operation.method, 'responses', String(status));
  assert.ok(isObject(response), `${what}, which openapi.yaml does not know: ${textOf(answer)}`);
  const mediaType = (answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  const content = memberOf(response, 'content', mediaType);
  assert.ok(isObject(content), `${what} as ${mediaType}, which openapi.yaml does not know`);
  if (!mediaType.endsWith('json')) return;
  const body: unknown = JSON.parse(textOf(answer));
  assert.deepEqual(schemaFaults(openApi, content['schema'], body), [], what);
  if (status < 400 || !isObject(body)) return;
  assert.equal(mediaType, 'application/problem+json', what);
  assert.equal(body['type'], `/problems/${String(body['code'])}`);
  const codes = String(response['description']);
  assert.ok(
    codes.includes(`\`${String(body['code'])}\``),
    `${what} with ${String(body['code'])}, not printed: ${codes}`,
  );
}
