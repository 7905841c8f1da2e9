// A reading as one HTML page that needs nothing else: no scripts, no network, pictures inside. All text that comes from the
// scan, the model or files is escaped; of paths only the last part is printed, since folders are often named after patients.
// The status of a clue is told by its underline and a word, and by colour only besides.

import { basename } from 'node:path';
import type { Clue, ClueStatus, ComparedClue } from '../protocol/clue.ts';
import type { Reading } from '../protocol/reading.ts';
import { Pictures, type Picture, type SliceSource } from './export-pictures.ts';
import type { OpenReading } from './reading-store.ts';

const LEVELS = [0.3, 0.42, 0.54, 0.66, 0.78];
const MOST_REGIONS = 16;

export async function exportHtml(open: OpenReading, readingId: string, source: SliceSource | undefined): Promise<string> {
  const { reading } = open;
  const pictures = new Pictures(open, readingId, source);
  const rows: string[] = [];
  for (const level of LEVELS) rows.push(`<div class="row">${(await pictures.triple(level)).map(figure).join('')}</div>`);
  const status = statuses(reading);
  const clues: string[] = [];
  for (const clue of reading.clues) clues.push(await clueArticle(clue, status.get(clue.id), open, pictures, clues.length < MOST_REGIONS));
  const { reference, probe } = reading;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escape(basename(reading.scan.path))} read by ${escape(reading.bundle.name)}</title>
<style>${STYLE}</style></head><body>
<header><h1>${escape(basename(reading.scan.path))}</h1>
<p>Read by <b>${escape(reading.bundle.name)}</b> on ${escape(reading.created.slice(0, 16).replace('T', ' '))} UTC, device ${escape(reading.settings.device)}.</p>
<p class="note">Research tool. Written by a model to be debugged, not to diagnose.</p></header>
<section><h2>Report</h2><p class="report">${highlighted(reading.text, reading.clues, status)}</p>${legend(reference !== undefined)}
${reading.finish === 'length' ? '<p class="note">The text ended at the limit of new tokens.</p>' : ''}</section>
${reference === undefined ? '' : `<section><h2>Reference report</h2><p class="report">${highlighted(reference.text, reference.clues, new Map())}</p>${comparison(reference.compared)}${numbers(reference.metrics)}</section>`}
<section><h2>${probe === undefined ? 'Slices' : 'Scan, reconstruction, null'}</h2>
${probe === undefined ? '' : '<p>The reconstruction is what a probe recovers from the visual tokens. The null comes from a probe trained on shuffled tokens: what it shows is not evidence.</p>'}
${pictures.ofScan ? '' : '<p class="note">The scan was not found any more; pictures show the input of the model.</p>'}
${rows.join('\n')}${probeTable(reading)}</section>
<section><h2>Clues</h2>${clues.length === 0 ? '<p>The text holds no clues.</p>' : clues.join('\n')}</section>
<section><h2>How it was made</h2>${stageTable(reading)}<h3>Steps that lost information</h3><ol>${reading.lossy.map((step) => `<li>${escape(step.what)}</li>`).join('')}</ol>
<h3>Record</h3><table>${Object.entries(record(reading)).map(([name, value]) => `<tr><th scope="row">${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table></section>
</body></html>
`;
}

function statuses(reading: Reading): Map<string, ComparedClue> {
  const found = new Map<string, ComparedClue>();
  for (const compared of reading.reference?.compared ?? []) if (compared.clue !== undefined) found.set(compared.clue.id, compared);
  return found;
}

/** The text with its clues marked. Where clues overlap the first one is marked. */
function highlighted(text: string, clues: readonly Clue[], status: ReadonlyMap<string, ComparedClue>): string {
  let at = 0;
  let html = '';
  for (const clue of [...clues].sort((a, b) => a.span[0] - b.span[0])) {
    if (clue.span[0] < at) continue;
    const compared = status.get(clue.id);
    const kind: ClueStatus | Clue['polarity'] = compared?.status ?? clue.polarity;
    const title = compared === undefined ? clue.polarity : `${compared.status}: ${compared.why}`;
    html += `${escape(text.slice(at, clue.span[0]))}<mark class="${escape(kind)}" title="${escape(title)}">${escape(text.slice(clue.span[0], clue.span[1]))}</mark>`;
    at = clue.span[1];
  }
  return html + escape(text.slice(at));
}

async function clueArticle(clue: Clue, compared: ComparedClue | undefined, open: OpenReading, pictures: Pictures, withPicture: boolean): Promise<string> {
  const links = open.reading.links.filter((link) => link.clueId === clue.id);
  const lines = links.map((link) =>
    link.tokens.length === 0
      ? `<li>${escape(link.method)}: no support found (strength ${number(link.strength)}, null ${number(link.nullStrength)})</li>`
      : `<li>${escape(link.method)}: strength ${number(link.strength)} against null ${number(link.nullStrength)}, ${link.tokens.length} visual token(s)</li>`,
  );
  const region = open.region(clue.id, 'occlusion');
  const picture = withPicture && region !== undefined ? figure(await pictures.region(region, clue.text)) : '';
  const kind = compared?.status ?? clue.polarity;
  const facts = [clue.finding?.replaceAll('-', ' '), clue.side === 'none' ? undefined : clue.side, clue.polarity, clue.acuity, clue.entity].filter((fact) => fact !== undefined);
  return `<article>${picture}<div><h3><mark class="${escape(kind)}">${escape(clue.text)}</mark> <small>${escape(kind)}</small></h3><p>${escape(facts.join(', '))}</p>${
    compared === undefined ? '' : `<p>${escape(compared.why)}</p>`
  }<ul>${lines.join('')}</ul></div></article>`;
}

function comparison(compared: readonly ComparedClue[]): string {
  const missed = compared.filter((entry) => entry.status === 'missed');
  if (missed.length === 0) return '<p>No clue of the reference was missed.</p>';
  return `<h3>Missed</h3><ul>${missed.map((entry) => `<li><mark class="missed">${escape(entry.reference?.text ?? '')}</mark> ${escape(entry.why)}</li>`).join('')}</ul>`;
}

function legend(compared: boolean): string {
  const kinds = compared ? ['supported', 'unsupported', 'contradicted', 'missed', 'normal'] : ['present', 'uncertain', 'absent'];
  return `<p class="legend">${kinds.map((kind) => `<mark class="${kind}">${kind}</mark>`).join(' ')}</p>`;
}

function probeTable({ probe }: Reading): string {
  if (probe === undefined) return '';
  const row = (name: string, scores: { r2: number; psnr: number; ssim: number }): string =>
    `<tr><th scope="row">${name}</th><td>${number(scores.r2)}</td><td>${number(scores.psnr)} dB</td><td>${number(scores.ssim)}</td></tr>`;
  return `<table><caption>Probe ${escape(probe.name)} on ${escape(probe.tap)}, ${number(probe.steps)} steps, HU ${number(probe.range[0])} to ${number(probe.range[1])}</caption><tr><th></th><th scope="col">R²</th><th scope="col">PSNR</th><th scope="col">SSIM</th></tr>${row('probe', probe.probe)}${row('null', probe.null)}</table>`;
}

function stageTable({ stages }: Reading): string {
  const rows = stages.map((stage) => `<tr><th scope="row">${escape(stage.name)}</th><td>${escape(stage.kind)}</td><td>${escape(stage.shape.join(' × '))}</td><td>${number(stage.ms)} ms</td></tr>`);
  return `<table><tr><th scope="col">stage</th><th scope="col">kind</th><th scope="col">output</th><th scope="col">time</th></tr>${rows.join('')}</table>`;
}

function numbers(metrics: Record<string, number>): string {
  return `<p>${Object.entries(metrics).map(([name, value]) => `${escape(name)} ${number(value)}`).join(', ')}</p>`;
}

function record(reading: Reading): Record<string, string> {
  return {
    scan: `${reading.scan.format}, ${reading.scan.dims.join(' x ')}, sha256 ${reading.scan.storedSha256}`,
    bundle: `${reading.bundle.name}, sha256 ${reading.bundle.sha256}`,
    prompt: reading.prompt,
    settings: Object.entries(reading.settings).map(([name, value]) => `${name} ${value}`).join(', '),
    versions: Object.entries(reading.versions).map(([name, value]) => `${name} ${value}`).join(', '),
  };
}

function figure({ uri, width, height, aspect, alt }: Picture): string {
  const shown = 256;
  return `<figure><img src="${uri}" alt="${escape(alt)}" width="${shown}" height="${Math.round(shown * aspect)}"><figcaption>${escape(alt)} <small>${width} × ${height}</small></figcaption></figure>`;
}

function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'none';
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--text:#1f2328;--back:#fff;--line:#d0d7de;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--mute:#59636e}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--line:#3d444d;--good:#3fb950;--bad:#f85149;--warn:#d29922;--mute:#9198a1}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;border-bottom:1px solid var(--line);margin-top:2rem}h3{font-size:1rem;margin:.5rem 0}
.report{white-space:pre-wrap}.note{color:var(--mute)}.row{display:flex;gap:.5rem;flex-wrap:wrap}
figure{margin:.25rem 0}img{display:block;background:#000}figcaption{font-size:.8rem;color:var(--mute)}
article figure{flex:none;width:256px}
article{display:flex;gap:1rem;border-top:1px solid var(--line);padding:.75rem 0}
table{border-collapse:collapse;margin:.75rem 0}th,td{border:1px solid var(--line);padding:.2rem .6rem;text-align:left;overflow-wrap:anywhere}caption{text-align:left;color:var(--mute)}
mark{background:none;color:inherit;text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:3px}
mark.supported,mark.present{text-decoration-style:solid;text-decoration-color:var(--good)}
mark.unsupported,mark.uncertain{text-decoration-style:wavy;text-decoration-color:var(--warn)}
mark.contradicted{text-decoration-style:double;text-decoration-color:var(--bad)}
mark.missed{text-decoration-style:dashed;text-decoration-color:var(--bad)}
mark.normal,mark.absent{text-decoration-style:dotted;text-decoration-color:var(--mute)}`;
