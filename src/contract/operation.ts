// What an operation of the API is: path, who may call it, and the schemas of all that goes in and out. openapi.yaml is printed from these.

import type { z } from 'zod';
import type { ErrorCode } from '../kernel/errors.ts';
import type { Scope } from '../kernel/principal.ts';

export type JsonSchema = z.ZodType;
export type Fields = z.ZodObject;

/** A body that is not JSON: the bytes of a file. */
export interface RawBody {
  readonly mediaTypes: readonly string[];
  readonly description: string;
}

export interface OperationShape {
  /** camelCase name, the operationId of OpenAPI. */
  readonly id: string;
  readonly method: 'get' | 'post';
  /** OpenAPI spelling below the origin, e.g. `/api/v1/seals/{sealId}`. */
  readonly path: `/api/v1/${string}` | `/csc/v2/${string}`;
  readonly tag:
    | 'Documents'
    | 'Seals'
    | 'Licences'
    | 'Verification'
    | 'Audit'
    | 'Alerts'
    | 'Certificates'
    | 'Business systems'
    | 'Accounts'
    | 'Mandates'
    | 'Remote signing';
  readonly summary: string;
  readonly description?: string;
  /** Scopes a token needs, all of them; `public`: no token is needed. */
  readonly access: readonly Scope[] | 'public';
  readonly params?: Fields;
  readonly query?: Fields;
  readonly json?: JsonSchema;
  /** Largest JSON body where it is not the usual one. */
  readonly jsonSizeBytes?: number;
  readonly raw?: RawBody;
  /** A POST that changes nothing: what is looked for does not belong in an address. */
  readonly reads?: boolean;
  /** True when it makes something: it takes an Idempotency-Key. */
  readonly creates?: boolean;
  /** The answer has an ETag (RFC 9110, 8.8.3); one that `demands` also takes it back in If-Match, so that nobody undoes unseen what another did. */
  readonly versioned?: 'answers' | 'demands';
  readonly success: {
    /** 202: taken, and done afterwards. */
    readonly status: 200 | 201 | 202;
    readonly json?: JsonSchema;
    readonly raw?: RawBody;
    /** The file is made while it is sent; one that ends early is known by the connection that is cut. */
    readonly streams?: boolean;
  };
  /** How refusals are told: as problems (RFC 9457) unless another standard says how. */
  readonly refusal?: JsonSchema;
  /** Refusals of its own; those that every operation can give are added when it is printed. */
  readonly errors: readonly ErrorCode[];
}

/** Keeps the exact types of an operation, so that its handler is checked against them. */
export function operation<const O extends OperationShape>(shape: O): O {
  return shape;
}

/**
 * What changes who may do what, or whom others trust. Persons do it with a sign-in of the last minutes only (`step-up-required`), and every
 * operation of these scopes is one unless it says that it reads.
 */
export function isAdministratorsDeed({ method, access, reads }: OperationShape): boolean {
  if (method !== 'post' || reads === true || access === 'public') return false;
  return (['identity.manage', 'pki.manage', 'seal.manage'] as const).some((scope) => access.includes(scope));
}

type Out<T> = T extends z.ZodType ? z.output<T> : undefined;

export type Params<O extends OperationShape> = Out<O['params']>;
export type Query<O extends OperationShape> = Out<O['query']>;
export type Json<O extends OperationShape> = Out<O['json']>;
export type Reply<O extends OperationShape> = Out<O['success']['json']>;

/** Refusals that any operation can give. */
export const commonErrors = [
  'malformed-request',
  'too-many-requests',
  'database-unavailable',
  'shutting-down',
  'internal',
] as const satisfies readonly ErrorCode[];

/** Refusals of operations that need a token. */
export const tokenErrors = [
  'token-missing',
  'token-invalid',
  'token-expired',
  'scope-missing',
] as const satisfies readonly ErrorCode[];

/** Refusals of operations that need no token, when a bad one is offered all the same. */
export const offeredTokenErrors = ['token-invalid', 'token-expired'] as const satisfies readonly ErrorCode[];

/** Refusals of operations with an identifier in the path: one that cannot be one. */
export const pathErrors = ['not-found'] as const satisfies readonly ErrorCode[];

/** Refusals of operations that take If-Match. */
export const versionErrors = ['precondition-required', 'precondition-failed'] as const satisfies readonly ErrorCode[];

/** Refusals of operations that take JSON. */
export const bodyErrors = ['request-too-large', 'unsupported-media-type'] as const satisfies readonly ErrorCode[];
