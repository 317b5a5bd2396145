// A hardware token with a pool of sessions: calls wait in a bounded queue, a lost token fails fast (circuit breaker), and one that is back is found by itself.

import { monotonicMs } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Handle } from './pkcs11-library.ts';
import { Pkcs11Library, pinIsRefused, reasonOf, sessionsAreUsedUp, tokenIsLost } from './pkcs11-library.ts';

export interface Pkcs11TokenOptions {
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  readonly pin: string;
  readonly log: Log;
  readonly maxSessions?: number;
  /** Calls that may wait for a session; the next one is refused, because the queue would outlast every caller's patience. */
  readonly maxWaiting?: number;
  /** How long one call may take, the waiting included. */
  readonly callTimeoutMs?: number;
}

export interface Session {
  readonly library: Pkcs11Library;
  readonly handle: Handle;
  /** Handles of private keys by their CKA_ID; they hold as long as the connection does. */
  readonly keys: Map<string, Handle>;
}

/** One log-in, and everything that holds only as long as it does. */
interface Connection {
  readonly slot: Handle;
  readonly keys: Map<string, Handle>;
  readonly idle: Session[];
  opened: number;
}

/** Somebody waits for a session: one comes, the connection is gone and all must begin again, or the time is up. */
interface Waiting {
  take(session: Session): void;
  again(): void;
}

const leastPauseMs = 250;
const greatestPauseMs = 2000;
const defaults = { maxSessions: 4, maxWaiting: 256, callTimeoutMs: 10_000 };

/** One token a process: a library knows one log-in, and starting it anew would break everybody else's sessions. */
let present: { readonly id: string; readonly token: Promise<Pkcs11Token> } | undefined;

export class Pkcs11Token {
  readonly label: string;
  readonly #library: Pkcs11Library;
  readonly #options: Required<Pkcs11TokenOptions>;
  readonly #waiting: Waiting[] = [];
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #taking = 0;
  #inFlight = 0;
  #pauseMs = leastPauseMs;
  #openUntilMs = 0;
  /** A refused PIN is never tried again: after a few tries a token locks itself for good. */
  #pinRefused = false;

  private constructor(library: Pkcs11Library, options: Required<Pkcs11TokenOptions>) {
    this.#library = library;
    this.#options = options;
    this.label = options.token;
  }

  /**
   * The token need not be there yet, but when it is, its PIN must be right.
   * Throws `configuration-invalid`: no binding, no such library, PIN refused, or another token is in use in this process.
   */
  static async open(options: Pkcs11TokenOptions): Promise<Pkcs11Token> {
    const id = JSON.stringify([options.module, options.token]);
    if (present !== undefined && present.id !== id)
      throw new TrustError('configuration-invalid', 'a process uses one hardware token');
    present ??= { id, token: Pkcs11Token.#start(options) };
    try {
      return await present.token;
    } catch (error) {
      present = undefined;
      throw error;
    }
  }

  static async #start(options: Pkcs11TokenOptions): Promise<Pkcs11Token> {
    const token = new Pkcs11Token(await Pkcs11Library.load(options.module), { ...defaults, ...options });
    try {
      await token.#connect();
    } catch (error) {
      if (token.#pinRefused) {
        token.#library.stop();
        throw new TrustError('configuration-invalid', 'PKCS11_PIN_FILE: the token refuses the PIN');
      }
      options.log.warn({ token: options.token, reason: reasonOf(error) }, 'the hardware token is away');
    }
    return token;
  }

  /** For tests and the end of the process. No call may be in flight. */
  close(): void {
    this.#connection = undefined;
    this.#library.stop();
    present = undefined;
  }

  /**
   * Does `work` on a session of its own. When what was known of the token does not hold any more, it is connected to anew and the
   * work is done once more: a signature that nobody has seen can be made again. Throws `key-unavailable`.
   */
  async run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.#take();
      let lost = false;
      try {
        const result = await this.#timed(work(session));
        this.#pauseMs = leastPauseMs;
        return result;
      } catch (error) {
        lost = tokenIsLost(error) || error instanceof NoAnswer;
        if (lost && (attempt === 2 || error instanceof NoAnswer)) throw this.#trip(error);
        if (isTrustError(error)) throw error;
        if (!lost) throw this.#refused(error);
      } finally {
        this.#giveBack(session, lost);
      }
    }
  }

  async #take(): Promise<Session> {
    if (this.#taking >= this.#options.maxWaiting) throw unavailable('too many signatures wait for the hardware token');
    this.#taking++;
    try {
      for (;;) {
        if (monotonicMs() < this.#openUntilMs) throw unavailable('the hardware token is away');
        const connection = this.#connection ?? (await this.#connectOnce());
        const session = connection.idle.pop() ?? this.#openSession(connection) ?? (await this.#wait());
        if (session === undefined) continue;
        this.#inFlight++;
        return session;
      }
    } finally {
      this.#taking--;
    }
  }

  #wait(): Promise<Session | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        leave();
        reject(unavailable('the hardware token is too slow'));
      }, this.#options.callTimeoutMs);
      const leave = () => {
        clearTimeout(timer);
        const at = this.#waiting.indexOf(waiting);
        if (at >= 0) this.#waiting.splice(at, 1);
      };
      const waiting: Waiting = {
        take: (session) => {
          leave();
          resolve(session);
        },
        again: () => {
          leave();
          resolve(undefined);
        },
      };
      this.#waiting.push(waiting);
    });
  }

  #giveBack(session: Session, lost: boolean): void {
    this.#inFlight--;
    if (lost && this.#connection?.keys === session.keys) this.#connection = undefined;
    if (this.#connection?.keys !== session.keys) {
      // Those who wait would wait for sessions that are no more.
      for (const waiting of this.#waiting.slice()) waiting.again();
      return;
    }
    const next = this.#waiting[0];
    if (next === undefined) this.#connection.idle.push(session);
    else next.take(session);
  }

  /** `undefined` when there are as many as there may be. */
  #openSession(connection: Connection): Session | undefined {
    if (connection.opened >= this.#options.maxSessions) return undefined;
    const { api, constants } = this.#library;
    try {
      const flags = constants.CKF_SERIAL_SESSION | constants.CKF_RW_SESSION;
      const handle = api.C_OpenSession(connection.slot, flags);
      connection.opened++;
      return { library: this.#library, handle, keys: connection.keys };
    } catch (error) {
      if (sessionsAreUsedUp(error) && connection.opened > 0) return undefined;
      if (tokenIsLost(error) && this.#connection === connection) this.#connection = undefined;
      throw this.#refused(error);
    }
  }

  async #connectOnce(): Promise<Connection> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    try {
      return await this.#connecting;
    } catch (error) {
      throw this.#trip(error);
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#pinRefused) throw unavailable('the hardware token refuses the PIN');
    // The library forgets everything when it is started anew; a call in flight would be left with nothing under it.
    for (const beganMs = monotonicMs(); this.#inFlight > 0; ) {
      if (monotonicMs() - beganMs > this.#options.callTimeoutMs)
        throw unavailable('the hardware token does not answer');
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    this.#library.restart();
    const { api, constants } = this.#library;
    const slot = api.C_GetSlotList(true).find((one) => api.C_GetTokenInfo(one).label.trim() === this.label);
    if (slot === undefined) throw unavailable(`there is no hardware token ${this.label}`);
    const connection: Connection = { slot, keys: new Map(), idle: [], opened: 0 };
    const session = this.#openSession(connection);
    if (session === undefined) throw unavailable('the hardware token gives no session');
    try {
      api.C_Login(session.handle, constants.CKU_USER, this.#options.pin);
    } catch (error) {
      this.#pinRefused = pinIsRefused(error);
      throw error;
    }
    connection.idle.push(session);
    this.#connection = connection;
    return connection;
  }

  /** From now on callers are refused at once, until it is time to look whether the token is back. */
  #trip(error: unknown): TrustError {
    this.#openUntilMs = monotonicMs() + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, greatestPauseMs);
    this.#options.log.warn({ token: this.label, reason: reasonOf(error) }, 'the hardware token is away');
    return isTrustError(error) ? error : unavailable('the hardware token is away');
  }

  /** The token is there and says no. Its words are for the log, not for callers. */
  #refused(error: unknown): TrustError {
    this.#options.log.error({ token: this.label, reason: reasonOf(error) }, 'the hardware token refused');
    return unavailable('the hardware token refused');
  }

  /** A call that does not come back keeps its session and is waited for before the library is started anew. */
  async #timed<T>(work: Promise<T>): Promise<T> {
    this.#inFlight++;
    const settled = work.finally(() => {
      this.#inFlight--;
    });
    settled.catch(() => undefined); // told to the caller below, or late to nobody
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new NoAnswer('key-unavailable', 'the hardware token does not answer')),
        this.#options.callTimeoutMs,
      );
    });
    try {
      return await Promise.race([settled, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A call whose time is up: its session is in use until it settles, if ever. */
class NoAnswer extends TrustError {}

function unavailable(message: string): TrustError {
  return new TrustError('key-unavailable', message);
}
