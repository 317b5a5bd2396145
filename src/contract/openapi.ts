// The OpenAPI 3.1 document, printed from the operations: nothing about the API is written down twice.

import { z } from 'zod';
import type { ErrorCode } from '../kernel/errors.ts';
import { problem } from './common.ts';
import {
  bodyErrors,
  commonErrors,
  type Fields,
  type JsonSchema,
  offeredTokenErrors,
  type OperationShape,
  pathErrors,
  isAdministratorsDeed,
  tokenErrors,
  versionErrors,
} from './operation.ts';

type Plain = Record<string, unknown>;

/** `statusOf`: the HTTP status each code is answered with; it belongs to the border, so it is handed in. */
export function openApiDocument(
  operations: readonly OperationShape[],
  statusOf: (code: ErrorCode) => number,
  version: string,
): Plain {
  const components: Record<string, Plain> = {};
  const paths: Record<string, Plain> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method] = describeOperation(operation, statusOf, components);
  }
  schemaOf(problem, components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Yinxin 印信',
      version,
      summary: 'E-seals, e-licences, verification and audit',
      description:
        'Tokens come from the OpenID provider at `/oidc`. Every refusal is `application/problem+json` (RFC 9457) with a stable `code`; below `/csc/v2` it is as the Cloud Signature Consortium has it. A POST that makes something takes an `Idempotency-Key`: the same key with the same body gives the same answer.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        oidc: { type: 'openIdConnect', openIdConnectUrl: '/oidc/.well-known/openid-configuration' },
        clientCredentials: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: '/oidc/token', scopes: allScopes(operations) } },
        },
      },
    },
  };
}

function allScopes(operations: readonly OperationShape[]): Record<string, string> {
  const names = operations.flatMap((operation) => (operation.access === 'public' ? [] : operation.access));
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, name]));
}

function describeOperation(
  operation: OperationShape,
  statusOf: (code: ErrorCode) => number,
  components: Record<string, Plain>,
): Plain {
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security:
      operation.access === 'public'
        ? []
        : [{ clientCredentials: [...operation.access] }, { oidc: [...operation.access] }],
    ...withParameters(operation, components),
    ...withBody(operation, components),
    responses: {
      [operation.success.status]: {
        description: 'Done',
        ...(operation.versioned === undefined
          ? {}
          : { headers: { ETag: { description: 'Revision of what is answered', schema: { type: 'string' } } } }),
        content: {
          ...(operation.success.json === undefined
            ? {}
            : { 'application/json': { schema: schemaOf(operation.success.json, components) } }),
          ...rawContent(operation.success.raw?.mediaTypes),
        },
      },
      ...refusals(operation, statusOf, components),
    },
  };
}

function withParameters(operation: OperationShape, components: Record<string, Plain>): Plain {
  const parameters = [
    ...fieldParameters(operation.params, 'path', components),
    ...fieldParameters(operation.query, 'query', components),
    ...(operation.creates
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            description:
              'Chosen by the caller, 1 to 128 visible ASCII characters; repeat it to repeat the request safely.',
            schema: { type: 'string', minLength: 1, maxLength: 128 },
          },
        ]
      : []),
    ...(operation.versioned === 'demands'
      ? [
          {
            name: 'If-Match',
            in: 'header',
            required: true,
            description: 'The ETag of what was read (RFC 9110, 13.1.1).',
            schema: { type: 'string', maxLength: 64 },
          },
        ]
      : []),
  ];
  return parameters.length > 0 ? { parameters } : {};
}

function fieldParameters(
  fields: Fields | undefined,
  place: 'path' | 'query',
  components: Record<string, Plain>,
): Plain[] {
  return Object.entries(fields?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema as JsonSchema, components, 'input'),
  }));
}

function withBody(operation: OperationShape, components: Record<string, Plain>): Plain {
  const content = {
    ...(operation.json === undefined
      ? {}
      : { 'application/json': { schema: schemaOf(operation.json, components, 'input') } }),
    ...rawContent(operation.raw?.mediaTypes),
  };
  return Object.keys(content).length > 0 ? { requestBody: { required: true, content } } : {};
}

function rawContent(mediaTypes: readonly string[] = []): Plain {
  return Object.fromEntries(
    mediaTypes.map((mediaType) => [mediaType, { schema: { type: 'string', format: 'binary' } }]),
  );
}

function refusals(
  operation: OperationShape,
  statusOf: (code: ErrorCode) => number,
  components: Record<string, Plain>,
): Plain {
  const codes = [
    ...operation.errors,
    ...(operation.access === 'public' ? offeredTokenErrors : tokenErrors),
    ...(operation.params === undefined ? [] : pathErrors),
    ...(operation.json === undefined ? [] : bodyErrors),
    ...(operation.versioned === 'demands' ? versionErrors : []),
    ...(isAdministratorsDeed(operation) ? (['step-up-required'] as const) : []),
    ...commonErrors,
  ];
  const content =
    operation.refusal === undefined
      ? { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      : { 'application/json': { schema: schemaOf(operation.refusal, components) } };
  const byStatus = new Map<number, Set<string>>();
  for (const code of codes) byStatus.set(statusOf(code), (byStatus.get(statusOf(code)) ?? new Set()).add(code));
  const entries = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    entries.map(([status, names]) => [
      status,
      {
        description: [...names].map((name) => `\`${name}\``).join(', '),
        content,
      },
    ]),
  );
}

/** JSON Schema of a zod schema; zod takes schemas with an `id` out into $defs, which become our components. */
function schemaOf(schema: JsonSchema, components: Record<string, Plain>, io: 'input' | 'output' = 'output'): Plain {
  const {
    $defs,
    $schema: _dialect,
    ...body
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    override: ({ jsonSchema }) => {
      delete jsonSchema.id;
    },
  }) as Plain & { $defs?: Record<string, Plain> };
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = repointed(definition) as Plain;
  return repointed(body) as Plain;
}

function repointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(repointed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === '$ref' && typeof inner === 'string'
        ? inner.replace('#/$defs/', '#/components/schemas/')
        : repointed(inner),
    ]),
  );
}
