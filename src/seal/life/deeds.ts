// The life of a seal (印章生命周期) as one table: each deed, from which states to which, and who may do it; GB/T 33481-2016, 国办发〔2025〕33号.

/** 申请, 审批通过, 不予批准, 撤回: what comes before there is a seal. */
export type ApplicationState = 'applied' | 'approved' | 'refused' | 'withdrawn';

/** 制作, 备案, 使用, 停用, 挂失, 撤销 or 吊销, 缴销. */
export type SealState = 'made' | 'filed' | 'active' | 'suspended' | 'lost' | 'revoked' | 'cancelled';

export type LifeState = 'none' | ApplicationState | SealState;

/**
 * `house`: this service itself. `organisation`: a person under a mandate with `seal:apply`. `office`: a seal administrator.
 * `either`: one of both. `two`: proposed by either, approved by a seal administrator who is somebody else.
 */
export type Doer = 'house' | 'organisation' | 'office' | 'either' | 'two';

interface Deed {
  readonly from: readonly LifeState[];
  readonly to: LifeState;
  readonly by: Doer;
}

const inForce = ['active', 'suspended', 'lost'] as const;

/** The table seal.life_step holds the same steps, and no program can store another; a test compares the two. */
export const sealDeeds = {
  /** Entered ready for use, as at the first start and in the sandbox. */
  enter: { from: ['none'], to: 'active', by: 'house' },
  apply: { from: ['none'], to: 'applied', by: 'organisation' },
  withdraw: { from: ['applied', 'approved'], to: 'withdrawn', by: 'organisation' },
  approve: { from: ['applied'], to: 'approved', by: 'office' },
  refuse: { from: ['applied', 'approved'], to: 'refused', by: 'office' },
  make: { from: ['approved'], to: 'made', by: 'office' },
  file: { from: ['made'], to: 'filed', by: 'office' },
  publish: { from: ['filed'], to: 'active', by: 'office' },
  renew: { from: ['active'], to: 'active', by: 'office' },
  /** At once and by one: what was stopped wrongly can be resumed. */
  stop: { from: ['active'], to: 'suspended', by: 'either' },
  resume: { from: ['suspended', 'lost'], to: 'active', by: 'office' },
  'report-lost': { from: ['active', 'suspended'], to: 'lost', by: 'either' },
  /** Never undone, and so by two, also when the seal was stopped before. */
  revoke: { from: inForce, to: 'revoked', by: 'two' },
  cancel: { from: ['made', 'filed', ...inForce], to: 'cancelled', by: 'two' },
} as const satisfies Readonly<Record<string, Deed>>;
export type SealDeed = keyof typeof sealDeeds;

export function isStep(deed: SealDeed, from: LifeState): boolean {
  return sealDeeds[deed].from.some((state) => state === from);
}

/** 吊销, 撤销, 挂失, by the numbers of the status feed. */
export const invalidTypes = { withdrawn: 0, revoked: 1, lost: 2 } as const;
/** `withdrawn` (吊销): taken away by the authority; `revoked` (撤销): by decision of its organisation or the office. */
export type RevocationKind = 'withdrawn' | 'revoked';
export type InvalidType = 0 | 1 | 2;
