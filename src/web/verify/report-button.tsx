// Fetches the report on a document as a PDF and hands it to the browser's downloads.

import { useState } from 'react';
import type { Language } from '../../kernel/words/language.ts';
import { verifyPageWords as text } from '../../kernel/words/verify-page.ts';
import { printedReport } from './ask-server.ts';

type State = 'idle' | 'making' | 'failed';

export function ReportButton({ language, file, number }: { language: Language; file: File; number: string }) {
  const [state, setState] = useState<State>('idle');

  async function fetchReport(): Promise<void> {
    setState('making');
    const report = await printedReport(file, language);
    if (report !== undefined) download(report, `${number}.pdf`);
    setState(report === undefined ? 'failed' : 'idle');
  }

  return (
    <>
      <button
        className="button button-plain"
        type="button"
        disabled={state === 'making'}
        onClick={() => void fetchReport()}
      >
        {(state === 'making' ? text.reportMaking : text.report)[language]}
      </button>
      {state === 'failed' && (
        <span className="field-error" role="alert">
          {text.reportFailed[language]}
        </span>
      )}
    </>
  );
}

function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the file after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
