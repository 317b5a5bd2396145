// What can be written into the audit log (审计日志): a union of deeds, typed from their schemas, and the check at run time that belongs to it.

import type { ErrorCode } from '../kernel/errors.ts';
import { TrustError } from '../kernel/errors.ts';
import {
  type AuditOutcome,
  auditOutcomes,
  type EventSchema,
  eventSchemas,
  type FactType,
  type ObjectKind,
  objectKinds,
} from './event-schemas.ts';

type Schemas = typeof eventSchemas;
export type AuditAction = keyof Schemas;
export type { AuditOutcome };
export { auditOutcomes };

export const auditActions = Object.keys(eventSchemas).filter(isAction);

interface FactTypes {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
}

/** Where nothing may be said, nothing is the only value: the type without members would let everything pass. */
type FactsOf<F extends Readonly<Record<string, FactType>>> = [keyof F] extends [never]
  ? never
  : { readonly [K in keyof F]?: FactTypes[F[K]] };
type PersonalOf<N extends string> = [N] extends [never] ? never : Readonly<Partial<Record<N, string>>>;

/** One deed, as its schema says. What the schema does not know is a compile error. */
export interface EventOf<A extends AuditAction> {
  readonly action: A;
  readonly outcome: Schemas[A]['outcomes'][number];
  /** Public spelling of what was acted on; in the leaf only when its kind is impersonal. */
  readonly objectId?: [Schemas[A]['object'][number]] extends [never] ? never : string;
  readonly objectSha256?: Schemas[A]['objectSha256'] extends 'none' ? never : Uint8Array;
  /** Whom it is about: an account or a holder of licences, sealed under that person's key, or an organisation. */
  readonly subjectId?: string;
  /** Why, in the caller's words. People write names here, so it is sealed with the caller's part. */
  readonly purpose?: string;
  readonly code?: ErrorCode;
  /** Stands in the public leaf for ever: never personal data, never a secret. */
  readonly facts?: FactsOf<Schemas[A]['facts']>;
  /** Sealed under the key of the person it is about; the leaf holds a salted commitment to it. */
  readonly personal?: PersonalOf<Schemas[A]['personal'][number]>;
}

export type AuditEvent = { [A in AuditAction]: EventOf<A> }[AuditAction];

/** An event as the log handles it, whatever its action. */
export interface AnyEvent {
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly objectId?: string;
  readonly objectSha256?: Uint8Array;
  readonly subjectId?: string;
  readonly purpose?: string;
  readonly code?: ErrorCode;
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly personal?: Readonly<Record<string, string>>;
}

/** Short, and no Chinese names can be spelled in it. */
const factText = /^[\x20-\x7e]{0,512}$/;

export function isAction(text: string): text is AuditAction {
  return Object.hasOwn(eventSchemas, text);
}

/** What an event says that its schema does not allow; empty for a right one. Cheap: it runs at every deed. */
export function faultsOf(event: AnyEvent): string[] {
  const schema: EventSchema = eventSchemas[event.action];
  const faults: string[] = [];
  if (!schema.outcomes.includes(event.outcome)) faults.push(`outcome ${event.outcome}`);
  if (event.objectId !== undefined && kindOf(schema, event.objectId) === undefined) faults.push('objectId');
  if (event.objectSha256 !== undefined && schema.objectSha256 === 'none') faults.push('objectSha256');
  for (const name in event.facts) if (!isFact(schema, name, event.facts[name])) faults.push(`fact ${name}`);
  for (const name in event.personal) if (!schema.personal.includes(name)) faults.push(`personal ${name}`);
  return faults;
}

/**
 * The event, when it is right. When it is wrong: `internal` if `strict`, so that development and tests find it; otherwise the event
 * with its wrong facts left out, because a deed must not fail, and nothing unknown may become public, for a fault of our own.
 */
export function checkedEvent(event: AnyEvent, { strict }: { strict: boolean }): { event: AnyEvent; faults: string[] } {
  const faults = faultsOf(event);
  if (faults.length === 0) return { event, faults };
  if (strict) throw new TrustError('internal', `audit event ${event.action}: ${faults.join(', ')}`);
  const schema: EventSchema = eventSchemas[event.action];
  const facts = Object.fromEntries(
    Object.entries(event.facts ?? {}).filter(([name, value]) => isFact(schema, name, value)),
  );
  return { event: { ...event, facts }, faults };
}

/** Whether the object may be named in the public leaf. One whose kind the schema does not know may not. */
export function isPublicObject(event: AnyEvent, caller: { isPrivate: boolean }): boolean {
  if (event.objectId === undefined) return true;
  const kind = kindOf(eventSchemas[event.action], event.objectId);
  return kind === 'public' || (kind === 'owned' && !caller.isPrivate);
}

/** By its spelling: what has none of the prefixes is a name. */
export function objectKindOf(objectId: string): ObjectKind {
  const kinds = Object.keys(objectKinds).filter((name): name is ObjectKind => name in objectKinds);
  return kinds.find((kind) => objectId.startsWith(objectKinds[kind].prefix)) ?? 'name';
}

function kindOf(schema: EventSchema, objectId: string): 'public' | 'owned' | 'personal' | undefined {
  const kind = schema.object.find((name) => objectId.startsWith(objectKinds[name].prefix));
  return kind === undefined ? undefined : objectKinds[kind].is;
}

function isFact(schema: EventSchema, name: string, value: unknown): boolean {
  switch (Object.hasOwn(schema.facts, name) ? schema.facts[name] : undefined) {
    case 'text':
      return typeof value === 'string' && factText.test(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'flag':
      return typeof value === 'boolean';
    default:
      return false;
  }
}
