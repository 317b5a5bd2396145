// What a mandate (授权) can allow an agent (经办人) of an organisation (法人): a closed list, of which rooms, tokens and pages speak.

/**
 * `seal:use`, `seal:approve` and `seal:apply` contain `seal:read`. `organisation:manage` lets an agent appoint further agents, who cannot appoint any.
 * What this service has no deed for (`licence:apply`, `licence:receive`) is read from the token by the systems that have.
 */
export const mandateScopes = [
  'seal:read',
  'seal:use',
  'seal:approve',
  'seal:apply',
  'licence:apply',
  'licence:receive',
  'organisation:manage',
] as const;
export type MandateScope = (typeof mandateScopes)[number];

/** 法定代表人 (legal representative, proven by a register) and 经办人 (agent, appointed). */
export const mandateRoles = ['representative', 'agent'] as const;
export type MandateRole = (typeof mandateRoles)[number];

const scopeNames: ReadonlySet<string> = new Set(mandateScopes);

export function isMandateScope(text: string): text is MandateScope {
  return scopeNames.has(text);
}
