// Remote signing for others' software; Cloud Signature Consortium API 2.2, 11.1 (info), 11.4 and 11.5 (credentials), 11.10 (signatures/signHash). Members beyond these are not read.

import { z } from 'zod';
import { idSchema } from './common.ts';
import { operation } from './operation.ts';

/** 10.1: names are the standard's and those of RFC 6750. */
const refusal = z
  .strictObject({
    error: z.enum([
      'invalid_request',
      'invalid_token',
      'insufficient_scope',
      'access_denied',
      'server_error',
      'temporarily_unavailable',
    ]),
    error_description: z.string(),
  })
  .meta({ id: 'CscError' });

const oid = z
  .string()
  .regex(/^[0-2](\.\d{1,20}){1,20}$/)
  .max(100);
const base64 = z.string().min(1).max(4096);
const credentialID = idSchema('seal').meta({ description: 'A seal' });
const language = z.string().max(35).nullish().meta({ description: 'Read and not needed: see Accept-Language' });
const clientData = z.string().max(1024).nullish().meta({ description: 'Not kept' });

const shown = {
  certificates: z.enum(['none', 'single', 'chain']).nullish().meta({ description: '`single` when nothing is said' }),
  certInfo: z.boolean().nullish(),
  authInfo: z.boolean().nullish(),
  lang: language,
  clientData,
};

const credential = {
  description: z.string().meta({ description: 'Name, kind and code of the seal, and its organisation' }),
  key: z.strictObject({
    status: z
      .enum(['enabled', 'disabled'])
      .meta({ description: '`disabled`: the seal or its certificate is not in use' }),
    algo: z.array(oid).min(1),
    len: z.int().min(1),
    curve: oid,
  }),
  cert: z.strictObject({
    status: z.enum(['valid', 'expired', 'revoked', 'suspended']),
    certificates: z.array(base64).optional().meta({ description: 'The own one first' }),
    issuerDN: z.string().optional().meta({ description: 'RFC 4514' }),
    serialNumber: z.string().optional().meta({ description: 'Hex' }),
    subjectDN: z.string().optional(),
    validFrom: z.string().optional().meta({ description: 'GeneralizedTime (RFC 5280, 4.1.2.5.2)' }),
    validTo: z.string().optional(),
  }),
  auth: z.strictObject({
    mode: z.enum(['oauth2code', 'oauth2client']).meta({ description: '`oauth2client`: the caller is a system' }),
    objects: z.array(z.string()).max(0).meta({ description: 'Nothing is asked for in the call itself' }),
  }),
  SCAL: z.enum(['1', '2']).meta({ description: '`2`: the token names the digests; `1`: of systems it does not' }),
  multisign: z.int().min(1),
  lang: z.string(),
};

export const cscInfo = operation({
  id: 'cscInfo',
  method: 'post',
  path: '/csc/v2/info',
  tag: 'Remote signing',
  summary: 'What this service can do',
  access: 'public',
  reads: true,
  success: {
    status: 200,
    json: z
      .strictObject({
        specs: z.string(),
        name: z.string(),
        logo: z.string(),
        region: z.string().length(2),
        lang: z.string(),
        description: z.string(),
        authType: z.array(z.enum(['oauth2code', 'oauth2client'])),
        oauth2: z.string().meta({ description: '`/oauth2/authorize`, `/oauth2/token` and the others follow it' }),
        supportsRar: z.literal(true),
        asynchronousOperationMode: z.literal(false),
        methods: z.array(z.string()),
        validationInfo: z.literal(false),
        signAlgorithms: z.strictObject({ algos: z.array(oid) }),
        signature_formats: z.strictObject({
          formats: z.array(z.string()).max(0),
          envelope_properties: z.array(z.string()).max(0),
        }),
        conformance_levels: z.array(z.string()).max(0),
        supportedHashTypes: z.array(z.literal('DTBSR')),
      })
      .meta({ id: 'CscInfo' }),
  },
  refusal,
  errors: [],
});

export const cscListCredentials = operation({
  id: 'cscListCredentials',
  method: 'post',
  path: '/csc/v2/credentials/list',
  tag: 'Remote signing',
  summary: 'The seals that the caller may sign with remotely',
  description:
    'Of a person those of the organisation they act for, under a mandate to use them; of a system those that were let to it.',
  access: ['service'],
  reads: true,
  json: z
    .object({
      userID: z.string().max(255).nullish().meta({ description: 'Follows from the token: no other is taken' }),
      maxResults: z.int().min(1).max(1000).nullish().meta({ description: '20 when nothing is said, at most 100' }),
      pageToken: z.string().max(64).nullish().meta({ description: 'nextPageToken of the page before' }),
      credentialInfo: z.boolean().nullish(),
      onlyValid: z.boolean().nullish(),
      ...shown,
    })
    .meta({ id: 'CscListRequest' }),
  success: {
    status: 200,
    json: z
      .strictObject({
        credentialIDs: z.array(credentialID),
        credentialInfos: z.array(z.strictObject({ credentialID, ...credential })).optional(),
        onlyValid: z.boolean().optional(),
        nextPageToken: z.string().optional(),
      })
      .meta({ id: 'CscList' }),
  },
  refusal,
  errors: ['cursor-invalid'],
});

export const cscCredentialInfo = operation({
  id: 'cscCredentialInfo',
  method: 'post',
  path: '/csc/v2/credentials/info',
  tag: 'Remote signing',
  summary: 'One seal with its certificates',
  description: 'With the scope `service`, or `credential` for the seal that the token is about.',
  access: [],
  reads: true,
  json: z.object({ credentialID, ...shown }).meta({ id: 'CscCredentialRequest' }),
  success: { status: 200, json: z.strictObject(credential).meta({ id: 'CscCredential' }) },
  refusal,
  errors: ['seal-not-found'],
});

export const cscSignHash = operation({
  id: 'cscSignHash',
  method: 'post',
  path: '/csc/v2/signatures/signHash',
  tag: 'Remote signing',
  summary: 'Sign digests of documents that stay with the caller',
  description:
    'With the scope `credential`. Each digest that a person allowed is signed once; all digests of a call or none. `hash` and `hashAlgo` are the names of version 1.',
  access: [],
  json: z
    .object({
      credentialID,
      SAD: z
        .string()
        .max(8192)
        .nullish()
        .meta({ description: 'The token with the scope `credential`, beside one with `service`' }),
      hashes: z.array(base64).nullish(),
      hash: z.array(base64).nullish(),
      hashAlgorithmOID: oid.nullish(),
      hashAlgo: oid.nullish(),
      signAlgo: oid,
      signAlgoParams: base64.nullish().meta({ description: 'Of no algorithm here' }),
      operationMode: z.enum(['S', 'A']).nullish().meta({ description: '`S` alone: answers are at once' }),
      clientData,
    })
    .meta({ id: 'CscSignHashRequest' }),
  success: {
    status: 200,
    json: z
      .strictObject({ signatures: z.array(base64).meta({ description: 'ECDSA-Sig-Value (RFC 3279, 2.2.3), base64' }) })
      .meta({ id: 'CscSignatures' }),
  },
  refusal,
  errors: [
    'seal-not-found',
    'seal-not-active',
    'seal-expired',
    'forbidden',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'quota-exhausted',
    'approval-required',
    'algorithm-not-supported',
    'stamping-in-doubt',
    'key-unavailable',
  ],
});
