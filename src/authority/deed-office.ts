// Who does a deed that two administrators have agreed on: the office of certificates, or the register of trust anchors.

import type { Principal } from '../kernel/principal.ts';
import type { AnchorRegister } from './anchor-register.ts';
import type { AuthorityDeed } from './authority-deed.ts';
import { isAnchorDeed } from './authority-deed.ts';
import type { CertificateOffice } from './certificate-office.ts';
import type { DeedTie } from './deed-tie.ts';

export interface DeedOfficeOptions {
  readonly certificates: Pick<CertificateOffice, 'checkDeed' | 'execute'>;
  readonly anchors: Pick<AnchorRegister, 'checkDeed' | 'execute'>;
}

export class DeedOffice {
  readonly #options: DeedOfficeOptions;

  constructor(options: DeedOfficeOptions) {
    this.#options = options;
  }

  /** Throws when the deed could not be done now, so that nobody is asked to approve what must fail. */
  checkDeed(deed: AuthorityDeed): Promise<void> {
    const { certificates, anchors } = this.#options;
    return isAnchorDeed(deed) ? anchors.checkDeed(deed) : certificates.checkDeed(deed);
  }

  /** Does a deed that was approved; nobody else calls this. Returns what came of it, for the record. */
  execute(principal: Principal, deed: AuthorityDeed, tie: DeedTie): Promise<string> {
    const { certificates, anchors } = this.#options;
    return isAnchorDeed(deed) ? anchors.execute(principal, deed, tie) : certificates.execute(principal, deed, tie);
  }
}
