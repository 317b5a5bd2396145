// The tour's report: one aligned line a step, a mark, and a count at the end.

const labelWidth = 50;
const detailWidth = 76;

/** A step that cannot be tried on this machine. */
export class Skipped extends Error {}

export class Outcomes {
  #good = 0;
  #bad = 0;
  #skipped = 0;

  /** A chapter ends at its first step that throws; the next chapter is tried all the same. */
  async chapter(title, work) {
    console.log(`\n${title}`);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StepFailed)) {
        this.#bad++;
        this.#line('✗', 'went on', describe(error));
      }
    }
  }

  /** `work` gives `[value, detail]` or throws; the value is handed back. A failed step ends its chapter. */
  async step(label, work) {
    try {
      const [value, detail] = await work();
      this.#good++;
      this.#line('✓', label, detail);
      return value;
    } catch (error) {
      if (error instanceof Skipped) {
        this.#skipped++;
        this.#line('-', label, error.message);
        return undefined;
      }
      this.#bad++;
      this.#line('✗', label, describe(error));
      throw new StepFailed(label, { cause: error });
    }
  }

  close() {
    const skipped = this.#skipped === 0 ? '' : `, ${this.#skipped} skipped`;
    console.log(`\n${this.#good} steps good, ${this.#bad} failed${skipped}`);
    process.exitCode = this.#bad === 0 ? 0 : 1;
  }

  #line(mark, label, detail = '') {
    console.log(`  ${mark} ${label.padEnd(labelWidth)} ${shortened(detail)}`.trimEnd());
  }
}

class StepFailed extends Error {}

/** Fails a step with a sentence. */
export function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

function describe(error) {
  return error.cause === undefined ? error.message : `${error.message} (${error.cause.message ?? error.cause})`;
}

function shortened(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > detailWidth ? `${line.slice(0, detailWidth - 1)}…` : line;
}
