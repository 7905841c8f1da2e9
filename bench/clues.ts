// Clue extraction on text that nobody here wrote, from the shared data folder beside the repository: negation on the NegEx
// rows (triggers were tuned on odd rows only), polarity on the CheXpert example labels, and the share of the FORTE and
// HeadCT-ONE terms that the lexicon knows (it was extended after reading both lists, so this is coverage, not a test of
// generality). Misses are listed in out/clues-misses.txt for a person to read.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRow } from '../src/protocol/run.ts';
import { RoomError } from '../src/protocol/error.ts';
import { conceptPolarity } from '../src/report/concept.ts';
import { extractClues } from '../src/report/extract.ts';
import { bestMs, row } from './index.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Accuracy of Negated against Affirmed; rows are numbered from 1 after the header. */
function negex(path: string, misses: string[]): BenchRow[] {
  const rows = readFileSync(path, 'utf8').split(/\r?\n/).slice(1).filter((line) => line !== '');
  const right = [0, 0];
  const all = [0, 0];
  const baseline = [0, 0];
  rows.forEach((line, i) => {
    const [, concept = '', sentence = '', label = ''] = line.split('\t');
    if (label !== 'Negated' && label !== 'Affirmed') return;
    const odd = (i + 1) % 2;
    const { polarity } = conceptPolarity(sentence, concept);
    all[odd]!++;
    if (label === 'Affirmed') baseline[odd]!++;
    if ((polarity === 'absent') === (label === 'Negated')) right[odd]!++;
    else misses.push(`NegEx row ${i + 1} (${odd ? 'odd, tuned on' : 'even'}): ${label}, read as ${polarity}: [${concept}] ${sentence}`);
  });
  return ([['odd rows, tuned on', 1], ['even rows, not tuned on', 0]] as const).flatMap(([name, at]) => [
    row(`NegEx accuracy, ${name}`, right[at]! / all[at]!, 'share', 'to reach', 0.95),
    row(`NegEx accuracy, ${name}, against always affirmed`, right[at]! / all[at]!, 'share', 'always affirmed', baseline[at]! / all[at]!),
  ]);
}

/** Minimal CSV: quoted fields with line breaks, doubled quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const ch = text[i]!;
    if (quoted) {
      if (ch === '"' && text[i + 1] === '"') (field += '"'), i++;
      else if (ch === '"') quoted = false;
      else field += ch;
    } else if (ch === '"') quoted = true;
    else if (ch === ',' || ch === '\n') {
      rows.at(-1)!.push(field.replace(/\r$/, ''));
      field = '';
      if (ch === '\n') rows.push([]);
    } else field += ch;
  }
  rows.at(-1)!.push(field);
  return rows.filter((cells) => cells.length > 1);
}

/** Words that stand for a CheXpert label in its example reports. */
const CHEXPERT: Readonly<Record<string, readonly string[]>> = {
  Cardiomegaly: ['cardiomegaly'], Edema: ['edema'], Consolidation: ['consolidation'], Pneumonia: ['pneumonia'], Atelectasis: ['atelectasis'],
  'Pleural Effusion': ['pleural effusion', 'effusion'], 'Lung Opacity': ['airspace disease'],
};

function chexpert(path: string, misses: string[]): BenchRow {
  const [head = [], ...reports] = parseCsv(readFileSync(path, 'utf8'));
  let right = 0;
  let all = 0;
  for (const cells of reports) {
    const text = cells[0] ?? '';
    head.forEach((label, column) => {
      const value = cells[column];
      const word = CHEXPERT[label]?.find((w) => text.toLowerCase().includes(w));
      if (column === 0 || word === undefined || value === undefined || value === '') return;
      const expected = value === '1.0' ? 'present' : value === '0.0' ? 'absent' : 'uncertain';
      const { polarity } = conceptPolarity(text, word);
      all++;
      if (polarity === expected) right++;
      else misses.push(`CheXpert ${label}: ${expected}, read as ${polarity}: ${text.replace(/\s+/g, ' ')}`);
    });
  }
  return row('CheXpert example labels, three-way polarity', right / all, `share of ${all}`, 'CheXpert labeller', 1);
}

function coverage(name: string, terms: readonly string[], misses: string[]): BenchRow {
  const known = terms.filter((term) => {
    const found = extractClues(`There is ${term}.`, 'derived').length > 0;
    if (!found) misses.push(`${name}: no clue in "${term}"`);
    return found;
  });
  return row(`${name}, terms known`, known.length / terms.length, `share of ${terms.length}`, 'all terms', 1);
}

/** All rows; writes the list of misses to out/clues-misses.txt. Throws RoomError when the shared data is missing. */
export async function cluesBench(): Promise<BenchRow[]> {
  const data = resolve(here, '../../shared/data/text');
  if (!existsSync(data)) throw new RoomError('not-found', `${data} is missing.`, 'Put the shared data folder beside the repository.');
  const misses: string[] = [];
  const rows = negex(`${data}/negex/rsAnnotations_open.tsv`, misses);
  rows.push(chexpert(`${data}/chexpert/labeled_reports.csv`, misses));
  const forte = JSON.parse(readFileSync(`${data}/brain_ct_reports/FORTE_brain.json`, 'utf8')) as Record<string, Record<string, string[]>>;
  const impressions = Object.keys(forte['impression'] ?? {}).map((term) => term.trim()).filter((term) => !/^(recommend|dementia|aging|cataract)$/.test(term));
  rows.push(coverage('FORTE brain CT impressions', impressions, misses));
  const ontology = parseCsv(readFileSync(`${data}/headct_one/finding_ontology_0821.csv`, 'utf8')).slice(1);
  const terms = ontology.filter(([, device]) => device !== 'yes').flatMap(([finding = '', , synonyms = '']) => [finding, ...synonyms.split(',')]);
  rows.push(coverage('HeadCT-ONE findings without devices', terms.map((term) => term.trim()).filter((term) => term !== ''), misses));
  const text = readFileSync(`${data}/brain_ct_reports/radreportparser/CT-Brain-01.txt`, 'utf8');
  rows.push(row('extraction from a head-CT report', await bestMs(50, () => extractClues(text, 'derived')), 'ms', 'budget', 5));
  const out = resolve(here, '../out');
  mkdirSync(out, { recursive: true });
  writeFileSync(`${out}/clues-misses.txt`, misses.join('\n') + '\n');
  return rows;
}
