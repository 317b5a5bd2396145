// What the alert rules see of an entry of the log: enough to count and compare, and no more of a person than a keyed reference.

export interface AlertEvent {
  /** Leaf index. */
  readonly index: number;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | undefined;
  /** Who did it: equal for equal accounts, meaningless without the key. */
  readonly actor: string | undefined;
  /** Account or organisation it is about, in the same way. */
  readonly subject: string | undefined;
  /** Coarse network it came from, in the same way. */
  readonly network: string | undefined;
  /** Organisation it is about, `org_…`: an organisation is no person. */
  readonly organisationId: string | undefined;
  /** What was acted on, as a keyed reference where it belongs to a person. */
  readonly object: string | undefined;
  /** The same in its public spelling, where it belongs to nobody. */
  readonly objectId: string | undefined;
  readonly code: string | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}
