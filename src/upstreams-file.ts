// The platforms that people may come from, as UPSTREAMS_FILE names them: read once at start, strictly, and never shown with its secrets.

import { z } from 'zod';
import type { UpstreamSource } from './identity/upstream/upstream-source.ts';

const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const claimName = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);

const source = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,31}$/),
    name: z.string().min(1).max(60),
    nameEn: z.string().min(1).max(60),
    issuer: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1).max(200),
    clientSecret: z.string().min(16).max(500),
    scopes: z
      .array(z.string().regex(/^[!#-[\]-~]{1,64}$/))
      .max(20)
      .default([]),
    idTokenAlg: z.enum(['RS256', 'PS256', 'ES256']).default('RS256'),
    levels: z.record(z.string().max(200), level).default({}),
    otherwise: level.default(1),
    person: z.strictObject({ name: claimName, idNumber: claimName }).optional(),
    evidenceDays: z.number().int().min(1).max(366).default(90),
  })
  .refine((one) => one.otherwise <= 3, 'otherwise: a login of which the platform says nothing stands for 3 at most');

const file = z.array(source).max(20);

/** The platforms, or what is wrong with the text; never with a value out of it, since it holds secrets. */
export function readUpstreams(text: string, options: { https: boolean }): UpstreamSource[] | string {
  const parsed = file.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `is not a list of platforms: ${issue?.path.join('.') ?? ''} ${issue?.code ?? ''}`.trim();
  }
  const ids = parsed.data.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return 'names one id twice';
  if (options.https && parsed.data.some(({ issuer }) => !issuer.startsWith('https:'))) return 'production needs https';
  return parsed.data.map(({ levels, person, ...one }) => ({
    ...one,
    scopes: [...new Set(['openid', ...one.scopes])],
    levels: new Map(Object.entries(levels)),
    ...(person === undefined ? {} : { person }),
  }));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
