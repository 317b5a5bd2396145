// Builds the factors from what the identity room has: one place that knows how they hang together.

import { TrustError } from '../../kernel/errors.ts';
import type { Expiring } from '../housekeeping.ts';
import type { SignInLimits } from '../sign-in/sign-in-limits.ts';
import { FactorGate } from './factor-gate.ts';
import { FactorStore } from './factor-store.ts';
import { Factors, type FactorsOptions } from './factors.ts';
import { Passkeys, type PasskeysOptions } from './passkeys.ts';
import { RecoveryCodes } from './recovery-codes.ts';
import { SmsCodes } from './sms-codes.ts';
import type { SmsGateway } from './sms-gateway.ts';
import { SmsProofs } from './sms-proofs.ts';
import { Totp } from './totp.ts';

export interface FactorsGround
  extends Pick<FactorsOptions, 'database' | 'audit' | 'cipher' | 'clock' | 'accounts'>,
    Pick<PasskeysOptions, 'publicUrl' | 'log'> {
  readonly limits: SignInLimits;
  readonly sms: SmsOptions | undefined;
}

export interface SmsOptions {
  readonly gateway: SmsGateway;
  /** Messages that the whole service sends in a day at most. */
  readonly maxPerDay: number;
}

export interface FactorServices {
  readonly factors: Factors;
  readonly smsProofs: SmsProofs;
  readonly expiring: readonly Expiring[];
}

/** Without a gateway no message leaves, and who needs one hears so in the log. */
const noSms: SmsOptions = {
  maxPerDay: 0,
  gateway: {
    send: async () => {
      throw new TrustError('sms-unavailable', 'there is no SMS gateway');
    },
  },
};

export function createFactors({ limits, sms = noSms, ...ground }: FactorsGround): FactorServices {
  const { accounts, audit, clock } = ground;
  const store = new FactorStore(ground);
  const gate = new FactorGate({ limits, audit, clock });
  const smsCodes = new SmsCodes({ ...ground, ...sms, limits });
  const passkeys = new Passkeys({ ...ground, store, gate });
  const factors = new Factors({
    ...ground,
    store,
    totp: new Totp({ ...ground, store, gate }),
    passkeys,
    smsCodes,
    recoveryCodes: new RecoveryCodes({ ...ground, gate }),
  });
  return {
    factors,
    smsProofs: new SmsProofs({ accounts, factors, smsCodes, audit, clock }),
    expiring: [smsCodes, passkeys],
  };
}
