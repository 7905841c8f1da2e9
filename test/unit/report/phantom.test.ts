// Round trip: what a phantom's report says, read back, is what the phantom has. Truth comes from the plan of the case.

import assert from 'node:assert/strict';
import type { Side } from '../../../src/protocol/clue.ts';
import { findingSet } from '../../../src/report/compare.ts';
import { extractClues } from '../../../src/report/extract.ts';
import { headCase } from '../../../src/synth/head/index.ts';
import { planCase } from '../../../src/synth/head/plan.ts';
import { plannedReport } from '../../../src/synth/head/reword.ts';

function truth(findings: readonly { finding: string; side: Side }[]): string[] {
  return findings.flatMap(({ finding, side }) => (side === 'bilateral' ? ['left', 'right'] : [side]).map((s) => `${finding}|${s}`)).sort();
}

describe('phantom reports read back', () => {
  it('give the findings and sides of 1,000 planned cases', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 1000; seed++) {
      const expected = truth(planCase(seed).findings);
      const text = plannedReport(seed);
      const clues = extractClues(text, 'reference');
      assert.deepEqual([...findingSet(clues)].sort(), [...new Set(expected)], `seed ${seed}:\n${text}`);
      const denied = clues.filter((clue) => clue.polarity === 'absent' && expected.some((label) => label.startsWith(`${clue.finding}|`)));
      assert.deepEqual(denied.map((clue) => clue.text), [], `seed ${seed}:\n${text}`);
      for (const label of expected) seen.add(label.split('|')[0]!);
    }
    assert.equal(seen.size, 16);
  });

  it('give the findings of rendered cases', () => {
    const grid = { dims: [64, 64, 16], spacing: [3.3, 3.3, 10] } as const;
    for (let seed = 0; seed < 8; seed++) {
      const made = headCase(seed, { grid: { dims: [...grid.dims], spacing: [...grid.spacing] } });
      assert.deepEqual([...findingSet(extractClues(made.report, 'reference'))].sort(), truth(made.findings), made.report);
    }
  });
});
