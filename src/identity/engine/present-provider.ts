// The OIDC engine with the token keys of now: it takes its keys once, so a change of keys makes a new engine over the same store.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Log } from '../../kernel/log.ts';
import type { TokenKeys, TokenKeySet } from '../tokens/signing-keys.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Engine {
  readonly keys: TokenKeySet;
  readonly provider: Provider;
  readonly handle: RequestHandler;
}

export class PresentProvider {
  readonly #tokenKeys: TokenKeys;
  readonly #make: (keys: TokenKeySet) => Provider;
  readonly #log: Log;
  #engine: Engine;

  private constructor(
    options: { tokenKeys: TokenKeys; make: (keys: TokenKeySet) => Provider; log: Log },
    keys: TokenKeySet,
  ) {
    this.#tokenKeys = options.tokenKeys;
    this.#make = options.make;
    this.#log = options.log;
    this.#engine = this.#start(keys);
  }

  static async open(options: {
    tokenKeys: TokenKeys;
    make: (keys: TokenKeySet) => Provider;
    log: Log;
  }): Promise<PresentProvider> {
    return new PresentProvider(options, await options.tokenKeys.present());
  }

  /** Sessions, grants and interactions live in the database: any engine of this house reads them. */
  get provider(): Provider {
    return this.#engine.provider;
  }

  /** Requests that an earlier engine has begun are finished by it, with the keys it has. */
  readonly handle: RequestHandler = async (request, response) => {
    const keys = await this.#tokenKeys.present();
    if (keys !== this.#engine.keys) {
      this.#engine = this.#start(keys);
      this.#log.info({ keys: keys.map(({ keyName }) => keyName) }, 'token keys have changed');
    }
    await this.#engine.handle(request, response);
  };

  #start(keys: TokenKeySet): Engine {
    const provider = this.#make(keys);
    return { keys, provider, handle: provider.callback() };
  }
}
