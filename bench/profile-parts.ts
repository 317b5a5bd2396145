// What parts of the program took the processor, from the profiles that `node --cpu-prof` writes: own time of each function, by its file.

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Largest first; without the first `skipMs` of each process, and without the time in which nothing ran. */
export function partsOfProfile(texts: readonly string[], skipMs: number): { part: string; share: number }[] {
  const microseconds = new Map<string, number>();
  for (const text of texts) {
    const profile: Profile = JSON.parse(text);
    const parts = new Map(profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
    let atMs = 0;
    for (const [place, id] of profile.samples.entries()) {
      atMs += (profile.timeDeltas[place] ?? 0) / 1000;
      if (atMs < skipMs) continue;
      const part = parts.get(id) ?? 'other';
      if (part === 'idle') continue;
      microseconds.set(part, (microseconds.get(part) ?? 0) + (profile.timeDeltas[place] ?? 0));
    }
  }
  const all = [...microseconds.values()].reduce((sum, value) => sum + value, 0);
  return [...microseconds]
    .map(([part, value]) => ({ part, share: value / all }))
    .filter(({ share }) => share >= leastShare)
    .toSorted((one, other) => other.share - one.share);
}

const leastShare = 0.005;

function partOf({ functionName, url }: { functionName: string; url: string }): string {
  if (functionName === '(idle)' || functionName === '(program)')
    return functionName === '(idle)' ? 'idle' : 'system calls';
  if (functionName === '(garbage collector)') return 'garbage';
  const own = /\/dist\/src\/(.+)$/.exec(url)?.[1];
  if (own !== undefined) return own;
  const foreign = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (foreign !== undefined) return foreign;
  return url.startsWith('node:') ? url : functionName || 'other';
}
