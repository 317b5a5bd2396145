// Initial access tokens with which systems register themselves, as administrators make them; RFC 7591 section 3.

import { z } from 'zod';
import { scopes } from '../kernel/principal.ts';
import { levelFloor } from './clients.ts';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Business systems';
const shape = {
  name: z.string().min(1).max(100).meta({ description: 'For whom it is; administrators read it' }),
  uses: z.number().int().min(1).max(1000),
  apiScopes: z
    .array(z.enum(scopes))
    .max(scopes.length)
    .meta({ description: 'What a system may register at most; none that takes two administrators' }),
  levelFloor: levelFloor.meta({ description: 'The floor of every system that is registered with it' }),
  hosts: z
    .array(z.string().min(1).max(253))
    .max(20)
    .meta({ description: 'Host names that addresses of the system may lie on', example: ['housing.example'] }),
};

const token = z
  .strictObject({
    registrationTokenId: idSchema('registrationToken'),
    ...shape,
    usesLeft: z.number().int().min(0),
    createdAt: moment,
    expiresAt: moment,
    endedAt: moment.nullable(),
  })
  .meta({ id: 'RegistrationToken' });

export const makeRegistrationToken = operation({
  id: 'makeRegistrationToken',
  method: 'post',
  path: '/api/v1/registration-tokens',
  tag,
  summary: 'Make an initial access token (RFC 7591)',
  description: 'It opens the registration endpoint where `DYNAMIC_REGISTRATION` is `token`.',
  access: ['identity.manage'],
  json: z.strictObject({ ...shape, lifetimeSeconds: z.number().int().min(60).max(7_776_000) }),
  success: {
    status: 201,
    json: z.strictObject({ token, secret: z.string().meta({ description: 'Shown here and never again' }) }),
  },
  errors: ['forbidden', 'approval-required'],
});

export const listRegistrationTokens = operation({
  id: 'listRegistrationTokens',
  method: 'get',
  path: '/api/v1/registration-tokens',
  tag,
  summary: 'Initial access tokens, newest first',
  access: ['identity.read'],
  query: z.strictObject(pageQuery),
  success: { status: 200, json: pageOf(token) },
  errors: ['cursor-invalid'],
});

export const endRegistrationToken = operation({
  id: 'endRegistrationToken',
  method: 'post',
  path: '/api/v1/registration-tokens/{registrationTokenId}/end',
  tag,
  summary: 'Nobody registers with it any more; who did, stays',
  access: ['identity.manage'],
  params: z.strictObject({ registrationTokenId: idSchema('registrationToken') }),
  success: { status: 200, json: token },
  errors: ['forbidden', 'registration-token-not-found'],
});
