// Text messages through an HTTP gateway of the operator (docs/accounts.md has its JSON): one POST each, asked twice, left alone while it is down.

import { type OutgoingRules, postOut } from '../../audit/alerts/outgoing-post.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { Circuit } from '../circuit.ts';
import type { SmsGateway, SmsMessage } from './sms-gateway.ts';

export interface HttpSmsGatewayOptions {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token: string;
  readonly rules: OutgoingRules;
  readonly log: Log;
}

/** The gateway knows a message that is sent again by its `messageId`. */
const tries = 2;

export class HttpSmsGateway implements SmsGateway {
  readonly #options: HttpSmsGatewayOptions;
  readonly #circuit = new Circuit();

  constructor(options: HttpSmsGatewayOptions) {
    this.#options = options;
  }

  async send(message: SmsMessage): Promise<void> {
    for (let attempt = 1; attempt <= tries && this.#circuit.admits(); attempt++) {
      const fault = await this.#post(message);
      if (fault === undefined) {
        this.#circuit.succeeded();
        return;
      }
      this.#circuit.failed();
      // Neither number nor text: what is in a log is read by many.
      this.#options.log.warn(
        { fault, messageId: message.messageId, attempt },
        'the SMS gateway did not take a message',
      );
    }
    throw new TrustError('sms-unavailable', 'the SMS gateway does not answer');
  }

  /** What went wrong. */
  async #post({ to, text, messageId }: SmsMessage): Promise<string | undefined> {
    const { url, token, rules } = this.#options;
    const outcome = await postOut(
      {
        url,
        headers: { authorization: `Bearer ${token}`, 'user-agent': 'yinxin' },
        body: JSON.stringify({ messageId, to, text }),
        signal: new AbortController().signal,
      },
      rules,
    );
    if ('fault' in outcome) return outcome.fault;
    return outcome.status >= 200 && outcome.status < 300 ? undefined : `status ${outcome.status}`;
  }
}
