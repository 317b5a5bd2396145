// A report of the offline checker in words, for those who asked in a terminal.

import { auditActions, auditOutcomes } from '../audit/events.ts';
import { actionWords, auditOutcomeWords } from '../http/pages/text/admin.ts';
import type { AuditReport, ExitStatus, ProvenDeed } from './audit-report.ts';
import { onTerminal, printFindings } from './command.ts';

const verdicts: Record<ExitStatus, string> = { 0: 'good', 1: 'BAD', 2: 'could not judge' };

export function printAuditReport(report: AuditReport): void {
  const { exitStatus, findings, origin, size, index, firstBadEntry, firstBadEntryId, deed } = report;
  const about = [
    origin,
    size === undefined ? undefined : `${size} entries`,
    index === undefined ? undefined : `entry ${index}`,
    firstBadEntry === undefined
      ? undefined
      : `first bad entry ${[firstBadEntry, firstBadEntryId].filter(Boolean).join(' ')}`,
  ].filter((part) => part !== undefined);
  console.log(onTerminal(`${verdicts[exitStatus]}${about.length > 0 ? `: ${about.join(', ')}` : ''}`));
  if (deed !== undefined) for (const line of deedLines(deed)) console.log(onTerminal(line));
  printFindings(findings, '  ');
}

function deedLines({ entryId, at, action, outcome, object, sha256, entry, opened, cosignedBy }: ProvenDeed): string[] {
  const knownAction = auditActions.find((name) => name === action);
  const knownOutcome = auditOutcomes.find((name) => name === outcome);
  const said = Object.entries(opened).flatMap(([name, part]) => `  opened (${name})  ${JSON.stringify(part)}`);
  return [
    `  what    ${knownAction === undefined ? action : `${actionWords[knownAction]['zh-CN']} ${actionWords[knownAction].en} (${action})`}`,
    `  outcome ${knownOutcome === undefined ? outcome : `${auditOutcomeWords[knownOutcome]['zh-CN']} ${auditOutcomeWords[knownOutcome].en}`}`,
    `  when    ${at}`,
    `  object  ${object ?? 'not told'}`,
    ...(sha256 === undefined ? [] : [`  digest  SHA-256 ${sha256}`]),
    `  id      ${entryId}`,
    ...said,
    `  entry   ${JSON.stringify(entry)}`,
    `  seen by ${cosignedBy.length === 0 ? 'no witness that was asked for' : cosignedBy.map(({ witness, at: seen }) => `${witness} at ${seen}`).join(', ')}`,
  ];
}
