// The verify page (核验): one place to drop a file, one to scan or paste a QR text, and the report in their stead when it is there.

import { useEffect, useRef, useState } from 'react';
import { failedView } from '../../kernel/words/failed-view.ts';
import type { Language } from '../../kernel/words/language.ts';
import { reportWords } from '../../kernel/words/report-words.ts';
import type { ReportView } from '../../kernel/words/report-view.ts';
import { verifyPageWords as text } from '../../kernel/words/verify-page.ts';
import { Report } from '../report/report.tsx';
import { type Asking, askAboutDocument, askAboutLicence } from './ask-server.ts';
import { ReportButton } from './report-button.tsx';
import { CodeForm } from './code-form.tsx';
import { FileDrop } from './file-drop.tsx';

type State =
  | { readonly step: 'asking' }
  | { readonly step: 'working'; readonly name: string; readonly share: number | undefined; readonly asking: Asking }
  | { readonly step: 'done'; readonly name: string; readonly view: ReportView; readonly file?: File };

export function VerifyPage({ language, maxDocumentBytes }: { language: Language; maxDocumentBytes: number }) {
  const [state, setState] = useState<State>({ step: 'asking' });
  const verdict = useRef<HTMLHeadingElement>(null);
  const start = useRef<HTMLHeadingElement>(null);

  function follow(asking: Asking, name: string, file?: File): void {
    setState({ step: 'working', name, share: undefined, asking });
    void asking.answer.then((view) =>
      // A cancelled or overtaken question no longer counts.
      setState((now) =>
        now.step === 'working' && now.asking === asking ? { step: 'done', name, view, ...(file && { file }) } : now,
      ),
    );
  }

  function checkFile(file: File): void {
    if (file.size > maxDocumentBytes) {
      setState({ step: 'done', name: file.name, view: failedView('document', 'request-too-large') });
      return;
    }
    const asking = askAboutDocument(file, (share) =>
      setState((now) => (now.step === 'working' && now.asking === asking ? { ...now, share } : now)),
    );
    follow(asking, file.name, file);
  }

  function checkText(code: string): void {
    follow(askAboutLicence(code), '');
  }

  function again(): void {
    if (state.step === 'working') state.asking.cancel();
    if (location.hash !== '') history.replaceState(null, '', '/verify');
    setState({ step: 'asking' });
  }

  useEffect(() => {
    const open = () => {
      // Only /v is what a QR opens; elsewhere a fragment is a place on the page.
      if (location.pathname === '/v' && location.hash.length > 1) checkText(`${location.origin}/v${location.hash}`);
    };
    open();
    addEventListener('hashchange', open);
    return () => removeEventListener('hashchange', open);
  }, []);

  const { step } = state;
  const shown = useRef(step);
  useEffect(() => {
    if (step === 'done') verdict.current?.focus();
    if (step === 'asking' && shown.current !== 'asking') start.current?.focus();
    shown.current = step;
  }, [step]);

  return (
    <>
      <h1 tabIndex={-1} ref={start}>
        {text.title[language]}
      </h1>
      <p className="visually-hidden" role="status">
        {state.step === 'working' && text.working[language]}
        {state.step === 'done' && `${reportWords.result[language]} ${state.view.words.word[language]}`}
      </p>
      {state.step === 'asking' && (
        <>
          <p className="lead">{text.lead[language]}</p>
          <FileDrop language={language} maxDocumentBytes={maxDocumentBytes} onFile={checkFile} />
          <CodeForm language={language} onText={checkText} />
        </>
      )}
      {state.step === 'working' && (
        <Working language={language} name={state.name} share={state.share} onCancel={again} />
      )}
      {state.step === 'done' && (
        <>
          {state.name !== '' && <p className="file-name">{state.name}</p>}
          <Report view={state.view} language={language} headingRef={verdict} />
          <p className="actions">
            <button className="button" type="button" onClick={again}>
              {text.another[language]}
            </button>
            {state.file !== undefined && state.view.verificationId !== undefined && (
              <ReportButton language={language} file={state.file} number={state.view.verificationId} />
            )}
            <button className="button button-plain" type="button" onClick={() => print()}>
              {text.print[language]}
            </button>
          </p>
        </>
      )}
    </>
  );
}

interface WorkingProps {
  readonly language: Language;
  readonly name: string;
  readonly share: number | undefined;
  readonly onCancel: () => void;
}

function Working({ language, name, share, onCancel }: WorkingProps) {
  const uploading = share !== undefined && share < 1;
  const label = uploading ? text.uploading[language] : text.working[language];
  return (
    <div className="card working">
      {name !== '' && <p className="file-name">{name}</p>}
      <p>
        {label}
        {uploading && ` ${Math.floor(share * 100)} %`}
      </p>
      <progress aria-label={label} max={1} {...(uploading && { value: share })} />
      <p className="actions">
        <button className="button button-plain" type="button" onClick={onCancel}>
          {text.cancel[language]}
        </button>
      </p>
    </div>
  );
}
