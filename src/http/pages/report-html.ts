// Draws a verification report without JavaScript; src/web/report draws the same view with the same classes.

import type { Language, Words } from '../../kernel/words/language.ts';
import type { Check, Fact, FactValue, FindingLine, ReportPart, ReportView } from '../../kernel/words/report-view.ts';
import { outcomeWords, reportWords, severityWords } from '../../kernel/words/report-words.ts';
import { timeText } from '../../kernel/words/time.ts';
import { documentVerdictWords } from '../../kernel/words/verdicts.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';

export function reportHtml(view: ReportView, language: Language): SafeHtml {
  return html`<section class="report" aria-labelledby="verdict">
<div class="verdict verdict-${view.verdict}">
<span class="verdict-sign" aria-hidden="true">${view.words.sign}</span>
<div><h2 id="verdict" class="verdict-word" tabindex="-1">${bothWords(view.words.word, language)}</h2>
<p>${view.words.meaning[language]}</p></div>
</div>
${findingsHtml(view.findings, language)}
${factsHtml(view.facts, language)}
${view.parts.map((part) => partHtml(part, language))}
${view.verificationId !== undefined && html`<p class="hint">${reportWords.number[language]} <code>${view.verificationId}</code></p>`}
</section>`;
}

function bothWords(text: Words, language: Language): SafeHtml {
  const other: Language = language === 'en' ? 'zh-CN' : 'en';
  return html`${text[language]} <span class="verdict-other" lang="${other}">${text[other]}</span>`;
}

function partHtml(part: ReportPart, language: Language): SafeHtml {
  const { sign, word } = documentVerdictWords[part.verdict];
  return html`<section class="card">
<h3>${part.title[language]} <span class="badge badge-${part.verdict}"><span aria-hidden="true">${sign}</span> ${word[language]}</span></h3>
${factsHtml(part.facts, language)}
<ul class="checks">${part.checks.map((check) => checkHtml(check, language))}</ul>
${findingsHtml(part.findings, language)}
<details><summary>${reportWords.details[language]}</summary>${factsHtml(part.details, language)}</details>
</section>`;
}

function checkHtml(check: Check, language: Language): SafeHtml {
  const outcome = outcomeWords[check.outcome];
  return html`<li class="check check-${check.outcome}"><span class="check-sign" aria-hidden="true">${outcome.sign}</span> <span><strong>${check.question[language]}</strong> <span class="visually-hidden">${outcome.words[language]}</span> <span class="check-answer">${check.answer[language]}</span></span></li>`;
}

function findingsHtml(findings: readonly FindingLine[], language: Language): SafeHtml | false {
  return (
    findings.length > 0 &&
    html`<ul class="findings" aria-label="${reportWords.findings[language]}">${findings.map((line) => findingHtml(line, language))}</ul>`
  );
}

function findingHtml(line: FindingLine, language: Language): SafeHtml {
  const severity = severityWords[line.severity];
  return html`<li class="finding finding-${line.severity}"><span class="finding-sign" aria-hidden="true">${severity.sign}</span> <span><span class="visually-hidden">${severity.words[language]} </span>${line.words[language]} <code class="finding-code">${line.code}</code></span></li>`;
}

function factsHtml(facts: readonly Fact[], language: Language): SafeHtml | false {
  return (
    facts.length > 0 &&
    html`<dl class="facts">${facts.map((fact) => html`<dt>${fact.label[language]}</dt><dd>${valueHtml(fact.value, language)}${fact.note !== undefined && html` <span class="fact-note">${fact.note[language]}</span>`}</dd>`)}</dl>`
  );
}

function valueHtml(value: FactValue, language: Language): SafeHtml {
  if (value.kind === 'words') return html`${value.words[language]}`;
  if (value.kind === 'text') return html`${value.text}`;
  if (value.kind === 'code') return html`<code>${value.text}</code>`;
  return html`<time datetime="${value.iso}">${timeText(value.iso, language)}</time>`;
}
