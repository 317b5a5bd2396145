// The OIDC engine (oidc-provider) as it is loaded here: its word about Node 20 becomes a line of our log, not noise on the console.

type Engine = typeof import('oidc-provider');

const mark = 'oidc-provider WARNING: ';

/** What the engine had to say while it was loaded; createIdentity writes it to the log. */
export const engineNotices: string[] = [];

/**
 * The engine warns with console.warn at load that it wants Node 22. It works on Node 20, which our tests show, and we say so in
 * the documentation; every other line of every other module passes through.
 */
async function loadEngine(): Promise<Engine> {
  const warn = console.warn;
  console.warn = (...parts: unknown[]) => {
    const [first] = parts;
    if (typeof first === 'string' && first.includes(mark)) {
      engineNotices.push(first.slice(first.indexOf(mark) + mark.length));
    } else {
      warn.apply(console, parts);
    }
  };
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}

export const { Provider, errors, interactionPolicy, ExternalSigningKey } = await loadEngine();
