// Takes one file: chosen with a button, or dropped anywhere on the page.

import { useEffect, useRef, useState } from 'react';
import type { Language, Words } from '../../kernel/words/language.ts';
import { verifyPageWords as text } from '../../kernel/words/verify-page.ts';

interface FileDropProps {
  readonly language: Language;
  readonly maxDocumentBytes: number;
  readonly onFile: (file: File) => void;
}

export function FileDrop({ language, maxDocumentBytes, onFile }: FileDropProps) {
  const [over, setOver] = useState(false);
  const [fault, setFault] = useState<Words>();
  const input = useRef<HTMLInputElement>(null);

  function take(files: FileList | null | undefined): void {
    const [file, ...more] = files ?? [];
    if (file === undefined) return;
    if (more.length > 0) setFault(text.oneFile);
    else if (file.size === 0) setFault(text.emptyFile);
    else onFile(file);
  }

  const latest = useRef(take);
  latest.current = take;

  useEffect(() => {
    // On the whole window: a file that misses the box would otherwise replace the page.
    const drag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === 'dragover');
    };
    const drop = (event: DragEvent) => {
      drag(event);
      latest.current(event.dataTransfer?.files);
    };
    addEventListener('dragover', drag);
    addEventListener('dragleave', drag);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', drag);
      removeEventListener('dragleave', drag);
      removeEventListener('drop', drop);
    };
  }, []);

  return (
    <section className={over ? 'card drop drop-over' : 'card drop'} aria-labelledby="file-title">
      <h2 id="file-title">{text.file[language]}</h2>
      <p className="hint" id="file-hint">
        {over ? text.dropHere[language] : text.fileHint[language]} · {text.limit[language]}{' '}
        {Math.floor(maxDocumentBytes / 1_048_576)}&nbsp;MB
      </p>
      {fault !== undefined && (
        <p className="field-error" role="alert">
          {fault[language]}
        </p>
      )}
      <input
        ref={input}
        hidden
        type="file"
        accept=".pdf,.ofd,application/pdf,application/ofd"
        onChange={(event) => take(event.target.files)}
      />
      <button className="button" type="button" aria-describedby="file-hint" onClick={() => input.current?.click()}>
        {text.chooseFile[language]}
      </button>
    </section>
  );
}
