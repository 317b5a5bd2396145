// Identity checks by an HTTP gateway of the authority (docs/levels.md has its JSON): asked through the guarded outgoing post, answers read strictly.

import { type OutgoingRules, postOut } from '../../audit/alerts/outgoing-post.ts';
import { fromUtf8 } from '../../kernel/bytes.ts';
import type { Log } from '../../kernel/log.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import { Circuit } from '../circuit.ts';
import type { CheckedPerson, IdentityVerifier } from './identity-verifier.ts';
import type { OrganisationRegister, RegisterAnswer } from '../mandates/organisation-register.ts';

export interface IdentityGatewayOptions {
  /** Address without a slash at its end. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token: string;
  /** Names the source of evidence. */
  readonly source: string;
  /** Origins of the pages where people show their face. */
  readonly pageOrigins: readonly string[];
  readonly rules: OutgoingRules;
  readonly log: Log;
  readonly circuit?: Circuit;
}

/** Asked twice where asking twice changes nothing: the gateway knows a repeated request by its id. */
const triesOfSafeCall = 2;
const referencePattern = /^[\x21-\x7e]{1,128}$/;
const maxPageUrlLength = 2000;
const maxOrganisationName = 200;

interface Call {
  readonly path: string;
  readonly body: Readonly<Record<string, string>> & { readonly requestId: string };
  readonly tries: number;
  /** Exactly the members that a good answer has, beside `requestId`. */
  readonly members: readonly string[];
}

export class IdentityGateway implements IdentityVerifier, OrganisationRegister {
  readonly source: string;
  readonly #options: IdentityGatewayOptions;
  readonly #circuit: Circuit;

  constructor(options: IdentityGatewayOptions) {
    this.source = options.source;
    this.#options = options;
    this.#circuit = options.circuit ?? new Circuit();
  }

  async matchRegister({ name, idNumber }: CheckedPerson, requestId: string) {
    return resultOf(
      await this.#ask({
        path: '/v1/register-checks',
        body: { requestId, name, idNumber },
        tries: triesOfSafeCall,
        members: ['reference', 'result'],
      }),
    );
  }

  /** Asked once: a second start would be a second check, with a page of its own. */
  async startFaceCheck(
    { name, idNumber }: CheckedPerson,
    { requestId, returnUrl }: { requestId: string; returnUrl: string },
  ) {
    const answer = await this.#ask({
      path: '/v1/face-checks',
      body: { requestId, name, idNumber, returnUrl },
      tries: 1,
      members: ['reference', 'pageUrl'],
    });
    const reference = referenceIn(answer);
    const url = this.#pageIn(answer);
    if (reference === undefined || url === undefined) return { result: 'unavailable' } as const;
    return { result: 'started', reference, stage: { kind: 'page', url } } as const;
  }

  async faceResult({ reference, requestId }: { reference: string; requestId: string }) {
    const answer = await this.#ask({
      path: '/v1/face-checks/result',
      body: { requestId, reference },
      tries: triesOfSafeCall,
      members: ['reference', 'result'],
    });
    // The result of another check must never count for this one.
    if (answer !== undefined && textAt(answer, 'reference') !== reference) return { result: 'unavailable' } as const;
    return textAt(answer, 'result') === 'pending' ? ({ result: 'pending' } as const) : resultOf(answer);
  }

  /** The register of legal persons behind the same gateway (docs/mandates.md). */
  async representative(uscc: string, { name, idNumber }: CheckedPerson, requestId: string): Promise<RegisterAnswer> {
    const answer = await this.#ask({
      path: '/v1/representative-checks',
      body: { requestId, uscc, name, idNumber },
      tries: triesOfSafeCall,
      members: ['organisationName', 'reference', 'result'],
    });
    const checked = resultOf(answer);
    if (checked.result !== 'match') return checked;
    const registered = textAt(answer, 'organisationName')?.normalize('NFC').trim() ?? '';
    if (registered === '' || registered.length > maxOrganisationName) return { result: 'unavailable' };
    return { result: 'representative', name: registered, reference: checked.reference };
  }

  /** The members of a good answer; `undefined` for everything else. Neither names nor numbers are logged. */
  async #ask(call: Call): Promise<ReturnType<typeof asObject>> {
    if (!this.#circuit.admits()) return undefined;
    for (let attempt = 1; ; attempt++) {
      const { fault, answer } = await this.#post(call);
      if (fault === undefined) {
        this.#circuit.succeeded();
        return answer;
      }
      this.#circuit.failed();
      const { path, body, tries } = call;
      this.#options.log.warn(
        { fault, requestId: body.requestId, path, attempt },
        'the identity gateway did not answer',
      );
      if (attempt >= tries || !this.#circuit.admits()) return undefined;
    }
  }

  async #post({ path, body, members }: Call): Promise<{ fault?: string; answer?: ReturnType<typeof asObject> }> {
    const { url, token, rules } = this.#options;
    const outcome = await postOut(
      {
        url: `${url}${path}`,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'yinxin' },
        body: JSON.stringify(body),
        signal: new AbortController().signal,
        keepAnswer: true,
      },
      rules,
    );
    if ('fault' in outcome) return { fault: outcome.fault };
    if (outcome.status !== 200) return { fault: `status ${outcome.status}` };
    const answer = asObject(parsed(outcome.answer ?? new Uint8Array()));
    const expected = ['requestId', ...members].sort().join();
    const right = answer !== undefined && Object.keys(answer).sort().join() === expected;
    if (!right || textAt(answer, 'requestId') !== body.requestId) return { fault: 'answer not understood' };
    return { answer };
  }

  /** People are sent to the gateway's own pages only, whatever an answer says. */
  #pageIn(answer: ReturnType<typeof asObject>): string | undefined {
    const text = textAt(answer, 'pageUrl');
    if (text === undefined || text.length > maxPageUrlLength || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    return this.#options.pageOrigins.includes(url.origin) ? url.href : undefined;
  }
}

function resultOf(answer: ReturnType<typeof asObject>) {
  const reference = referenceIn(answer);
  const result = textAt(answer, 'result');
  if (result === 'mismatch') return { result } as const;
  if (result === 'match' && reference !== undefined) return { result, reference } as const;
  return { result: 'unavailable' } as const;
}

function referenceIn(answer: ReturnType<typeof asObject>): string | undefined {
  const reference = textAt(answer, 'reference');
  return reference !== undefined && referencePattern.test(reference) ? reference : undefined;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '');
  } catch {
    return undefined;
  }
}
