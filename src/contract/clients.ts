// Business systems (接入系统) that sign people in or call the API, as administrators keep them; RFC 7591 in our own words.

import { z } from 'zod';
import { credentialTypes } from '../kernel/credential-details.ts';
import { scopes } from '../kernel/principal.ts';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Business systems';
const clientId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{2,63}$/)
  .meta({ description: 'Chosen at registration, never changed', example: 'housing-office' });
const uri = z.string().min(1).max(2000);
const uris = z.array(uri).max(20);
const text = z.string().min(1).max(100);
const key = z
  .strictObject({
    kty: z.string().max(8),
    kid: z.string().max(128).optional(),
    use: z.string().max(8).optional(),
    alg: z.string().max(16).optional(),
    crv: z.string().max(16).optional(),
    x: z.string().max(128).optional(),
    y: z.string().max(128).optional(),
    n: z.string().max(1024).optional(),
    e: z.string().max(16).optional(),
    x5c: z.array(z.string().max(8192)).max(1).optional(),
  })
  .meta({ id: 'ClientKey', description: 'Public key (RFC 7517)' });

export const levelFloor = z
  .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)])
  .meta({ description: 'Real-name level below which nobody signs in to it' });

const shape = {
  name: text.meta({ description: 'What people are shown, in Chinese' }),
  nameEn: text,
  authMethod: z
    .enum([
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'self_signed_tls_client_auth',
      'none',
    ])
    .meta({ description: 'How it proves itself (RFC 7591, RFC 8705)' }),
  jwks: z.strictObject({ keys: z.array(key).min(1).max(8) }).meta({ description: 'Public keys by value' }),
  tlsSubjectDn: z.string().max(512),
  profile: z.enum(['standard', 'fapi2', 'fapi2-message-signing']),
  grantTypes: z
    .array(
      z.enum([
        'authorization_code',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
        'urn:openid:params:grant-type:ciba',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ]),
    )
    .max(5),
  redirectUris: uris,
  postLogoutRedirectUris: uris,
  responseModes: z.array(z.enum(['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'])).max(5),
  backchannelLogoutUri: uri,
  apiScopes: z.array(z.enum(scopes)).max(scopes.length),
  authorizationDetailsTypes: z.array(z.enum(['seal_use', 'licence_show', ...credentialTypes])).max(4),
  offlineAccess: z.boolean().meta({ description: 'May ask for refresh tokens' }),
  idTokenAlg: z.enum(['ES256', 'RS256']),
  dpopBound: z.boolean().meta({ description: 'RFC 9449' }),
  levelFloor,
  subjectType: z.enum(['public', 'pairwise']),
  sector: z.string().max(253),
  ownerOrganisationId: idSchema('organisation').meta({ description: 'Organisation that answers for it' }),
  contacts: z.array(z.string().min(1).max(254)).max(10).meta({ description: 'Whom to call' }),
  exchangeTargets: z.array(clientId).max(50).meta({ description: 'Clients for whose API it may exchange tokens' }),
  introspects: z
    .boolean()
    .meta({ description: 'May ask what a token says that was made for it by token exchange (RFC 7662)' }),
  policyUri: uri.meta({ description: 'Page that people are shown a link to: what becomes of their data' }),
  tosUri: uri.meta({ description: 'The same for its terms' }),
};

const kind = z.enum(['system', 'public', 'confidential']).meta({
  description: '`system`: without people; `public`: an app without secret; `confidential`: a server with people',
});

const client = z
  .strictObject({
    clientId,
    kind,
    ...shape,
    jwks: z.strictObject({ keys: z.array(key) }).nullable(),
    tlsSubjectDn: z.string().nullable(),
    backchannelLogoutUri: z.string().nullable(),
    sector: z.string().nullable(),
    ownerOrganisationId: idSchema('organisation').nullable(),
    policyUri: z.string().nullable(),
    tosUri: z.string().nullable(),
    registrationTokenId: idSchema('registrationToken')
      .nullable()
      .meta({ description: 'It registered itself, with this token (RFC 7591)' }),
    firstParty: z.boolean().meta({ description: 'Our own pages: kept by the house, changed by nobody' }),
    createdAt: moment,
    suspended: z.strictObject({ at: moment, reason: z.string() }).nullable(),
    secrets: z.array(
      z.strictObject({
        which: z.enum(['present', 'former']),
        createdAt: moment.nullable(),
        lastUsedAt: moment.nullable().meta({ description: 'To the minute' }),
        expiresAt: moment.nullable().meta({ description: 'Until then a former secret opens the client too' }),
      }),
    ),
  })
  .meta({ id: 'Client' });
const withSecret = z
  .strictObject({
    client,
    secret: z.string().nullable().meta({ description: 'Where one was made: shown here and never again' }),
  })
  .meta({ id: 'ClientWithSecret' });

/** Of a registration everything that has a default may be left out. */
const order = z.strictObject({
  ...z.object(shape).partial().shape,
  clientId,
  kind,
  name: shape.name,
  nameEn: shape.nameEn,
  apiScopes: shape.apiScopes,
});

/** What is left out stays; null takes away. */
export const clientChange = z
  .strictObject({
    ...z.object(shape).partial().shape,
    jwks: shape.jwks.nullable().optional(),
    tlsSubjectDn: shape.tlsSubjectDn.nullable().optional(),
    backchannelLogoutUri: shape.backchannelLogoutUri.nullable().optional(),
    sector: shape.sector.nullable().optional(),
    ownerOrganisationId: shape.ownerOrganisationId.nullable().optional(),
    policyUri: shape.policyUri.nullable().optional(),
    tosUri: shape.tosUri.nullable().optional(),
  })
  .meta({ id: 'ClientChange', description: 'What is left out stays; null takes away' });

const params = z.strictObject({ clientId });
const changeErrors = ['forbidden', 'client-not-found', 'client-transition-forbidden'] as const;

export const listClients = operation({
  id: 'listClients',
  method: 'get',
  path: '/api/v1/clients',
  tag,
  summary: 'Business systems, by id',
  access: ['identity.read'],
  query: z.strictObject({
    search: z.string().min(1).max(64).optional().meta({ description: 'Part of the id or of a name' }),
    state: z.enum(['active', 'suspended']).optional(),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(client) },
  errors: ['cursor-invalid'],
});

export const getClient = operation({
  id: 'getClient',
  method: 'get',
  path: '/api/v1/clients/{clientId}',
  tag,
  summary: 'One business system',
  access: ['identity.read'],
  params,
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: ['client-not-found'],
});

export const registerClient = operation({
  id: 'registerClient',
  method: 'post',
  path: '/api/v1/clients',
  tag,
  summary: 'Register a business system',
  description:
    'By an administrator. Scopes that act in the name of others, or look into what is theirs, are added afterwards by two administrators (`approval-required`).',
  access: ['identity.manage'],
  json: order,
  versioned: 'answers',
  success: { status: 201, json: withSecret },
  errors: ['forbidden', 'approval-required'],
});

export const changeClient = operation({
  id: 'changeClient',
  method: 'post',
  path: '/api/v1/clients/{clientId}',
  tag,
  summary: 'Change a registration',
  description:
    'By an administrator. Dangerous scopes and a lower floor need two (`approval-required`), and so does, for a client that has such a scope, whatever puts it under the control of another or proves it more weakly. A secret is made when the new method needs one.',
  access: ['identity.manage'],
  params,
  json: clientChange,
  versioned: 'demands',
  success: { status: 200, json: withSecret },
  errors: [...changeErrors, 'approval-required'],
});

export const rotateClientSecret = operation({
  id: 'rotateClientSecret',
  method: 'post',
  path: '/api/v1/clients/{clientId}/rotate-secret',
  tag,
  summary: 'A new secret; the former one opens the client too for the overlap',
  access: ['identity.manage'],
  params,
  json: z.strictObject({ overlapSeconds: z.number().int().min(0).max(2_592_000).default(86_400) }),
  versioned: 'answers',
  success: { status: 200, json: withSecret },
  errors: [...changeErrors, 'approval-required'],
});

export const endFormerClientSecret = operation({
  id: 'endFormerClientSecret',
  method: 'post',
  path: '/api/v1/clients/{clientId}/end-former-secret',
  tag,
  summary: 'End the former secret at once',
  access: ['identity.manage'],
  params,
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: changeErrors,
});

export const addClientKey = operation({
  id: 'addClientKey',
  method: 'post',
  path: '/api/v1/clients/{clientId}/keys',
  tag,
  summary: 'Add a public key beside those that are there',
  access: ['identity.manage'],
  params,
  json: key,
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: [...changeErrors, 'approval-required'],
});

export const removeClientKey = operation({
  id: 'removeClientKey',
  method: 'post',
  path: '/api/v1/clients/{clientId}/remove-key',
  tag,
  summary: 'Remove a public key',
  access: ['identity.manage'],
  params,
  json: z.strictObject({ kid: z.string().min(1).max(128) }),
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: changeErrors,
});

export const suspendClient = operation({
  id: 'suspendClient',
  method: 'post',
  path: '/api/v1/clients/{clientId}/suspend',
  tag,
  summary: 'Refuse a business system from now on: its tokens, introspection, refresh and sign-in',
  access: ['identity.manage'],
  params,
  json: z.strictObject({ reason: z.string().min(1).max(500) }),
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: changeErrors,
});

export const resumeClient = operation({
  id: 'resumeClient',
  method: 'post',
  path: '/api/v1/clients/{clientId}/resume',
  tag,
  summary: 'Take a suspended business system back',
  access: ['identity.manage'],
  params,
  versioned: 'answers',
  success: { status: 200, json: client },
  errors: [...changeErrors, 'approval-required'],
});
