// Draws a verification report; src/http/pages/report-html.ts draws the same view with the same classes without JavaScript.

import type { ReactNode, Ref } from 'react';
import type { Language } from '../../kernel/words/language.ts';
import type { Check, Fact, FactValue, FindingLine, ReportPart, ReportView } from '../../kernel/words/report-view.ts';
import { outcomeWords, reportWords, severityWords } from '../../kernel/words/report-words.ts';
import { timeText } from '../../kernel/words/time.ts';
import { documentVerdictWords } from '../../kernel/words/verdicts.ts';

interface Spoken {
  readonly language: Language;
}

/** `headingRef`: the verdict, so that focus can be moved to it when it appears. */
export function Report({
  view,
  language,
  headingRef,
}: Spoken & { view: ReportView; headingRef?: Ref<HTMLHeadingElement> }) {
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  return (
    <section className="report" aria-labelledby="verdict">
      <div className={`verdict verdict-${view.verdict}`}>
        <span className="verdict-sign" aria-hidden="true">
          {view.words.sign}
        </span>
        <div>
          <h2 id="verdict" className="verdict-word" tabIndex={-1} ref={headingRef}>
            {view.words.word[language]}{' '}
            <span className="verdict-other" lang={other}>
              {view.words.word[other]}
            </span>
          </h2>
          <p>{view.words.meaning[language]}</p>
        </div>
      </div>
      <Findings lines={view.findings} language={language} />
      <Facts facts={view.facts} language={language} />
      {view.parts.map((part) => (
        <Part key={part.title.en} part={part} language={language} />
      ))}
      {view.verificationId !== undefined && (
        <p className="hint">
          {reportWords.number[language]} <code>{view.verificationId}</code>
        </p>
      )}
    </section>
  );
}

function Part({ part, language }: Spoken & { part: ReportPart }) {
  const { sign, word } = documentVerdictWords[part.verdict];
  return (
    <section className="card">
      <h3>
        {part.title[language]}{' '}
        <span className={`badge badge-${part.verdict}`}>
          <span aria-hidden="true">{sign}</span> {word[language]}
        </span>
      </h3>
      <Facts facts={part.facts} language={language} />
      <ul className="checks">
        {part.checks.map((check) => (
          <CheckItem key={check.question.en} check={check} language={language} />
        ))}
      </ul>
      <Findings lines={part.findings} language={language} />
      <details>
        <summary>{reportWords.details[language]}</summary>
        <Facts facts={part.details} language={language} />
      </details>
    </section>
  );
}

function CheckItem({ check, language }: Spoken & { check: Check }) {
  const outcome = outcomeWords[check.outcome];
  return (
    <li className={`check check-${check.outcome}`}>
      <span className="check-sign" aria-hidden="true">
        {outcome.sign}
      </span>
      <span>
        <strong>{check.question[language]}</strong> <span className="visually-hidden">{outcome.words[language]}</span>{' '}
        <span className="check-answer">{check.answer[language]}</span>
      </span>
    </li>
  );
}

function Findings({ lines, language }: Spoken & { lines: readonly FindingLine[] }) {
  if (lines.length === 0) return null;
  return (
    <ul className="findings" aria-label={reportWords.findings[language]}>
      {lines.map((line) => (
        <li key={line.code} className={`finding finding-${line.severity}`}>
          <span className="finding-sign" aria-hidden="true">
            {severityWords[line.severity].sign}
          </span>
          <span>
            <span className="visually-hidden">{severityWords[line.severity].words[language]} </span>
            {line.words[language]} <code className="finding-code">{line.code}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Facts({ facts, language }: Spoken & { facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <dl className="facts">
      {facts.flatMap((fact) => [
        <dt key={`${fact.label.en} label`}>{fact.label[language]}</dt>,
        <dd key={fact.label.en}>
          {valueOf(fact.value, language)}
          {fact.note !== undefined && (
            <>
              {' '}
              <span className="fact-note">{fact.note[language]}</span>
            </>
          )}
        </dd>,
      ])}
    </dl>
  );
}

function valueOf(value: FactValue, language: Language): ReactNode {
  if (value.kind === 'words') return value.words[language];
  if (value.kind === 'text') return value.text;
  if (value.kind === 'code') return <code>{value.text}</code>;
  return <time dateTime={value.iso}>{timeText(value.iso, language)}</time>;
}
