// The office of seals (印章管理), put together: applications, deeds on seals, and deeds of two people.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Authority } from '../../authority/authority.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { drawSealFace } from '../picture/seal-face.ts';
import type { SealMaker } from '../seal-maker.ts';
import { SystemGrantOffice } from '../system-grants.ts';
import type { SealRegister } from '../seals.ts';
import { ApplicationPictures } from './application-pictures.ts';
import { SealApplications } from './applications.ts';
import { PublicStatus } from './public-status.ts';
import { SealLife } from './seal-life.ts';
import { SealProposals } from './seal-proposals.ts';
import { StatusFeed } from './status-feed.ts';
import { UsePolicies } from '../use/use-policies.ts';

export interface SealOfficeOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly authority: Authority;
  readonly seals: SealRegister;
  readonly maker: SealMaker;
  /** Whether two accounts are one person's; the identity room knows. */
  readonly isSamePerson: (accountId: string, other: string) => Promise<boolean>;
}

export interface SealOffice {
  readonly applications: SealApplications;
  readonly pictures: ApplicationPictures;
  readonly life: SealLife;
  readonly proposals: SealProposals;
  readonly systems: SystemGrantOffice;
  readonly usePolicies: UsePolicies;
  readonly feed: StatusFeed;
  readonly publicStatus: PublicStatus;
}

export function createSealOffice(options: SealOfficeOptions): SealOffice {
  const applications = new SealApplications({ ...options, faceOf: drawSealFace });
  const application = applications.get.bind(applications);
  return {
    applications,
    pictures: new ApplicationPictures({ ...options, faceOf: drawSealFace, application }),
    life: new SealLife({ ...options, faceOf: drawSealFace }),
    proposals: new SealProposals(options),
    systems: new SystemGrantOffice(options),
    usePolicies: new UsePolicies(options),
    feed: new StatusFeed(options),
    publicStatus: new PublicStatus(options),
  };
}
