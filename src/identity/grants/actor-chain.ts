// Who acts for a person: the chain of systems that a token went through (`act`) and the one that may act next (`may_act`); RFC 8693 sections 4.1 and 4.4.

import { asObject, textAt } from '../../kernel/words/members.ts';

/** A call that went through more systems than this is a loop, or nobody's idea of a business process. */
export const maxActors = 4;

/** `{ sub, act: { sub, … } }` of systems by their client id, the present one outermost. */
export interface Act {
  readonly sub: string;
  readonly act?: Act;
}

/** The claim of a chain, the present actor first; `undefined` when nobody acts for anybody. */
export function actOf(actors: readonly string[]): Act | undefined {
  return actors.reduceRight<Act | undefined>((inner, sub) => ({ sub, ...(inner && { act: inner }) }), undefined);
}

/** The chain of a claim, the present actor first; `undefined` when it is not spelled as ours are or is too long. */
export function actorsIn(claim: unknown): readonly string[] | undefined {
  const actors: string[] = [];
  for (let rest = claim; rest !== undefined; ) {
    const act = asObject(rest);
    const sub = textAt(act, 'sub');
    if (act === undefined || sub === undefined || actors.length === maxActors) return undefined;
    if (Object.keys(act).some((name) => name !== 'sub' && name !== 'act')) return undefined;
    actors.push(sub);
    rest = act['act'];
  }
  return actors;
}

/** The chain when `actor` takes over; a system that hands on to itself is there once. `undefined`: too long. */
export function actorsWith(actor: string, actors: readonly string[]): readonly string[] | undefined {
  const chain = actors[0] === actor ? actors : [actor, ...actors];
  return chain.length > maxActors ? undefined : chain;
}
