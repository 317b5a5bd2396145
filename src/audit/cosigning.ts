// Lets witnesses cosign the checkpoints, in a loop of its own that nobody waits for, and asks them at the start what they remember; C2SP tlog-witness.

import type { Database } from '../db/database.ts';
import { moment, monotonicMs, systemClock } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { newUuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { type NextRound, Rounds } from '../kernel/rounds.ts';
import { cosignerName, lastCosigned, latestSigned, showCheckpoint, storeCosignature } from './checkpoint-store.ts';
import { consistencyPath, logId, type StoredCheckpoint } from './tree-store.ts';
import { askWitness, type Witness } from './witness-client.ts';

export interface WitnessPolicy {
  readonly witnesses: readonly Witness[];
  /** So many of them must have cosigned a checkpoint before it is shown. */
  readonly cosignatures: number;
}

interface CosigningOptions {
  readonly database: Pick<Database, 'query'>;
  readonly policy: WitnessPolicy;
  /** Name and key id of the log. */
  readonly signer: string;
  /** Signs the checkpoint of the empty tree: the one that contradicts nothing, so it may be shown to learn what others know. */
  readonly emptyTree: () => Promise<StoredCheckpoint>;
  readonly log: Log;
}

interface Asked {
  readonly witness: Witness;
  readonly name: string;
  /** Size that the witness cosigned last, as far as known: from our table, then from its own words. */
  size: number;
  /** It answered this process and agreed. */
  agreed: boolean;
  failures: number;
  notBeforeMs: number;
}

const maxAttempts = 3; // our size, the size it names, and once more where another process was quicker
const pauseMs = 1_000;
const maxBackOffMs = 60_000;
const leaseSeconds = 10; // longer than a round: attempts × time limit of an answer

export class Cosigning {
  readonly #options: CosigningOptions;
  readonly #asked: Asked[];
  readonly #holder = newUuid(systemClock);
  #stop = new AbortController();
  #sizesKnown = false;
  #confirming: Promise<boolean> | undefined;
  #confirmed = false;
  #shownSize = -1;
  readonly #rounds: Rounds;
  #forked: Error | undefined;

  constructor(options: CosigningOptions) {
    this.#options = options;
    const fresh = { size: 0, agreed: false, failures: 0, notBeforeMs: 0 };
    this.#asked = options.policy.witnesses.map((witness) => ({ witness, name: cosignerName(witness.key), ...fresh }));
    this.#rounds = new Rounds({
      round: async () => {
        if (await this.confirm()) await this.round();
        return pauseMs;
      },
      failed: (error) => this.#failed(error),
    });
  }

  /** The witnesses that had to be heard before the first signature of this process were heard, and agreed. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  get forked(): Error | undefined {
    return this.#forked;
  }

  /**
   * Rule 4: nothing is signed before the witnesses were asked what they cosigned last. Of n witnesses of which k must cosign, n-k+1 are
   * enough: one of them saw whatever was shown. Where none must, those that answer. False: too few have answered yet; ask again.
   * `audit-fork`: a witness knows more than this database, or something else.
   */
  async confirm(): Promise<boolean> {
    if (this.#confirmed) return true;
    this.#confirming ??= this.#confirm().finally(() => {
      this.#confirming = undefined;
    });
    return this.#confirming;
  }

  /** Asks every witness that is due about the newest checkpoint, and shows it when it has enough cosignatures. */
  async round(): Promise<void> {
    const { database, signer, policy, log } = this.#options;
    const checkpoint = await latestSigned(database, signer);
    if (checkpoint === undefined) return;
    const now = monotonicMs();
    const due = this.#asked.filter(({ size, notBeforeMs }) => size < checkpoint.size && now >= notBeforeMs);
    // All are asked about the same checkpoint and all are waited for, else slow ones would cosign other sizes than
    // quick ones, and no size would ever have enough.
    if (due.length > 0 && (await this.#holdsLease()))
      await Promise.all(
        due.map(async (asked) => {
          if ((await this.#ask(asked, checkpoint)) === 'contradicts')
            // Only a claim, and the process has seen its own checkpoints itself: no witness can stop a running log.
            log.error({ witness: asked.name }, 'a witness contradicts the audit log: an operator must look');
        }),
      );
    if (policy.cosignatures === 0 || this.#shownSize === checkpoint.size) return;
    // A crash before this line leaves cosignatures that are not counted yet; the next round of any process counts them.
    const cosigners = this.#asked.map(({ name }) => name);
    const place = { size: checkpoint.size, signer };
    if (await showCheckpoint(database, place, { cosignatures: policy.cosignatures, cosigners }))
      this.#shownSize = checkpoint.size;
  }

  start(): void {
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
    this.#rounds.start();
  }

  /** There is a new checkpoint: do not sleep out the pause. */
  nudge(): void {
    this.#rounds.nudge();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#rounds.stop();
  }

  #failed(error: unknown): NextRound {
    const { log } = this.#options;
    const reason = error instanceof Error ? error.message : 'unknown';
    if (isTrustError(error, 'audit-fork')) {
      this.#forked = error;
      log.error({ reason }, 'the audit log is stopped: an operator must decide');
      return 'end';
    }
    log.warn({ reason }, 'asking the witnesses failed, it is tried again');
    return pauseMs;
  }

  async #confirm(): Promise<boolean> {
    const { database, signer, policy, emptyTree, log } = this.#options;
    if (!this.#sizesKnown) {
      const sizes = await lastCosigned(
        database,
        signer,
        this.#asked.map(({ name }) => name),
      );
      for (const asked of this.#asked) asked.size = sizes.get(asked.name) ?? 0;
      this.#sizesKnown = true;
    }
    const checkpoint = (await latestSigned(database, signer)) ?? (await emptyTree());
    const open = this.#asked.filter(({ agreed }) => !agreed);
    const said = await Promise.all(open.map((asked) => this.#ask(asked, checkpoint)));
    for (const [place, answer] of said.entries()) {
      const asked = open[place];
      if (answer !== 'contradicts' || asked === undefined) continue;
      const has = `${asked.name} cosigned size ${asked.size}`;
      throw new TrustError('audit-fork', `restored from an old state, or another log: ${has}, and not of this tree`);
    }
    const agreed = this.#asked.filter((asked) => asked.agreed).length;
    const needed = policy.cosignatures === 0 ? 0 : this.#asked.length - policy.cosignatures + 1;
    if (agreed < needed) log.warn({ agreed, needed }, 'no checkpoint is signed before enough witnesses were heard');
    this.#confirmed = agreed >= needed;
    return this.#confirmed;
  }

  async #ask(asked: Asked, about: StoredCheckpoint): Promise<'agreed' | 'silent' | 'contradicts'> {
    const { database, signer, log } = this.#options;
    let checkpoint = about;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (asked.size > checkpoint.size) {
        // Another process may have signed meanwhile. If none did, the witness knows what this database has forgotten.
        const newer = await latestSigned(database, signer);
        if (newer === undefined || newer.size < asked.size) return this.#backOff(asked, 'contradicts');
        checkpoint = newer;
      }
      const proof = await consistencyPath(database, asked.size, checkpoint.size);
      const request = { oldSize: asked.size, proof, checkpoint: checkpoint.note };
      const answer = await askWitness(asked.witness, request, this.#stop.signal);
      if (answer.kind === 'cosigned') {
        // A crash here loses the line; the witness tells the size by a 409 and cosigns the same size again.
        const at = moment(answer.epochSeconds * 1000);
        const place = { size: checkpoint.size, signer, cosigner: asked.name };
        if (checkpoint.size > 0) await storeCosignature(database, { ...place, line: answer.line, at });
        Object.assign(asked, { size: checkpoint.size, agreed: true, failures: 0, notBeforeMs: 0 });
        return 'agreed';
      }
      if (answer.kind === 'inconsistent') return this.#backOff(asked, 'contradicts');
      if (answer.kind === 'unusable') {
        const failures = asked.failures + 1;
        log.warn({ witness: asked.name, reason: answer.reason, failures }, 'a witness did not cosign');
        return this.#backOff(asked, 'silent');
      }
      asked.size = answer.size;
    }
    return this.#backOff(asked, 'silent');
  }

  #backOff<T>(asked: Asked, outcome: T): T {
    asked.failures += 1;
    asked.notBeforeMs = monotonicMs() + Math.min(maxBackOffMs, pauseMs * 2 ** asked.failures);
    return outcome;
  }

  /** By the clock of the database, so that nodes need not agree on the time. Losing it in a round costs double work, nothing else. */
  async #holdsLease(): Promise<boolean> {
    const { rowCount } = await this.#options.database.query({
      name: 'audit-asking-lease',
      text: `UPDATE audit.log_asking SET holder = $2, until = now() + make_interval(secs => $3)
             WHERE log_id = $1 AND (holder = $2 OR until < now())`,
      values: [logId, this.#holder, leaseSeconds],
    });
    return rowCount === 1;
  }
}
