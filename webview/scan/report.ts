// <rr-report>: the report by sections. Clues are underlined: solid supported, wavy unsupported, dashed missed (shown as
// the reference has them), dotted absent or normal, double contradicted. Beside each sentence stands the geometric mean of
// its tokens' probabilities. The selected clue's card opens under its sentence.

import { css, html, svg, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { fixed } from '../shared/format.ts';
import { toggle } from '../shared/parts.ts';
import { base } from '../shared/styles.ts';
import { ModelView } from '../shared/view.ts';
import './clue-card.ts';
import { ghostOf, layoutReport, lookOf, LOOK_WORD, type ClueEntry, type Ghost, type Look, type Run, type Section, type Sentence } from './clues.ts';
import { metricRows } from './metrics.ts';
import './model-view.ts';
import type { ScanModel, Topic } from './model.ts';
import './place-card.ts';

const LEGEND: Look[] = ['supported', 'unsupported', 'missed', 'contradicted', 'normal', 'present', 'uncertain', 'absent'];

@customElement('rr-report')
export class Report extends ModelView<Topic, ScanModel> {
  static override styles = [
    base,
    css`
      :host { display: flex; flex-direction: column; min-height: 0; height: 100%; }
      .legend { display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 7px 14px 6px; font-size: 11px; color: var(--rr-dim); line-height: 16px; flex: none; }
      .legend > span { white-space: nowrap; }
      .text { flex: 1; min-height: 60px; overflow: auto; padding: 0 14px 10px; }
      h3 { font-size: 11px; line-height: 16px; font-weight: 600; color: var(--rr-dim); margin: 9px 0 2px; }
      .sentence { display: grid; grid-template-columns: minmax(0, 1fr) 62px; column-gap: 10px; font-size: 13.5px; line-height: 21px; color: var(--rr-strong); padding: 1px 0; overflow-wrap: break-word; }
      .sentence.ghost { color: var(--rr-dim); }
      .confidence { display: flex; align-items: center; gap: 6px; justify-content: flex-end; font-size: 10.5px; color: var(--rr-dim); height: 21px; }
      .confidence svg { width: 26px; height: 2px; display: block; } .confidence .bg { fill: color-mix(in srgb, var(--vscode-foreground) 18%, transparent); } .confidence .value { fill: var(--rr-dim); }
      .reference { color: var(--rr-missed); font-size: 10.5px; text-align: right; }
      .clue { text-decoration: underline 1.5px; text-underline-offset: 3.5px; text-decoration-skip-ink: none; cursor: pointer; }
      .clue.supported { text-decoration-color: var(--rr-supported); --cc: var(--rr-supported); }
      .clue.present { text-decoration-color: var(--vscode-textLink-foreground); --cc: var(--vscode-textLink-foreground); }
      .clue.unsupported { text-decoration-style: wavy; text-decoration-thickness: 1px; text-decoration-color: var(--rr-unsupported); --cc: var(--rr-unsupported); }
      .clue.missed { text-decoration-style: dashed; text-decoration-color: var(--rr-missed); --cc: var(--rr-missed); }
      .clue.contradicted { text-decoration-style: double; text-decoration-color: var(--rr-contradicted); --cc: var(--rr-contradicted); }
      .clue.absent, .clue.normal { text-decoration-style: dotted; text-decoration-color: var(--rr-absent); --cc: var(--rr-absent); }
      .sentence .clue.absent, .sentence .clue.normal { color: var(--vscode-foreground); }
      .clue.uncertain { text-decoration-style: dashed; text-decoration-thickness: 1px; text-decoration-color: var(--rr-absent); --cc: var(--rr-absent); }
      .clue:hover { background: color-mix(in srgb, var(--cc) 10%, transparent); }
      .clue[aria-pressed='true'] { background: color-mix(in srgb, var(--cc) 20%, transparent); color: var(--rr-strong); border-radius: 2px; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
      .driven { background: color-mix(in srgb, var(--rr-token) 22%, transparent); border-radius: 1px; }
      .driven.picked { outline: 1px solid var(--rr-token); outline-offset: 1px; }
      rr-clue-card { display: block; margin: 5px 0 8px; }
      rr-place-card { display: block; margin: 6px 14px 8px; flex: none; }
      rr-model-view { flex: none; max-height: 58%; overflow: auto; border-bottom: 1px solid var(--rr-line); }
      .foot { flex: none; border-top: 1px solid var(--rr-line); min-height: 34px; display: flex; flex-wrap: wrap; align-items: center; gap: 2px 18px; padding: 4px 14px; font-size: 11.5px; color: var(--rr-dim); }
      .foot b { color: var(--rr-strong); font-weight: 400; margin-left: 5px; } .foot span { white-space: nowrap; }
    `,
  ];
  protected readonly topics = ['reading', 'clue', 'place', 'layout'] as const;
  private laidOut: { id: string; sections: Section[] } | undefined;

  private get against(): boolean {
    return this.model.show.reference && this.model.open?.reading.reference !== undefined;
  }

  private sections(): Section[] {
    const open = this.model.open!;
    if (this.laidOut?.id !== open.readingId) this.laidOut = { id: open.readingId, sections: layoutReport(open.reading, this.model.clues) };
    return this.laidOut.sections;
  }

  protected override updated(): void {
    this.renderRoot.querySelector('[data-scroll]')?.scrollIntoView({ block: 'nearest' });
  }

  /** Text of a span, with the words that the selected place drove marked. */
  private words([start, end]: readonly [number, number]): (TemplateResult | string)[] {
    const text = this.model.open!.reading.text;
    const { place, picked } = this.model;
    const out: (TemplateResult | string)[] = [];
    let at = start;
    const driven = [...(place?.words ?? [])].sort((a, b) => a.span[0] - b.span[0]);
    for (const word of driven) {
      const a = Math.max(at, word.span[0]);
      const b = Math.min(end, word.span[1]);
      if (b <= a) continue;
      if (a > at) out.push(text.slice(at, a));
      const on = picked !== undefined && picked.start === word.span[0] && picked.end === word.span[1];
      out.push(html`<span class="driven ${on ? 'picked' : ''}" ?data-scroll=${on} title="driven by the selected token: ${fixed(word.strength, 2)} nats">${text.slice(a, b)}</span>`);
      at = b;
    }
    if (at < end) out.push(text.slice(at, end));
    return out;
  }

  private clueButton(entry: ClueEntry, content: unknown): TemplateResult {
    const { model } = this;
    const look = lookOf(entry, this.against);
    const on = model.clueKey === entry.key;
    const press = (): void => void model.selectClue(on ? undefined : entry.key);
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      press();
    };
    return html`<span class="clue ${look}" role="button" tabindex="0" data-testid="clue" data-clue=${entry.key} data-look=${look} aria-pressed=${on ? 'true' : 'false'} ?data-scroll=${on} title=${LOOK_WORD[look]} @click=${press} @keydown=${key}>${content}</span>`;
  }

  private run(run: Run): unknown {
    const words = this.words(run.span);
    return run.entry ? this.clueButton(run.entry, words) : words;
  }

  private sentence(sentence: Sentence): TemplateResult {
    const { model } = this;
    const selected = sentence.runs.some((r) => r.entry && r.entry.key === model.clueKey);
    const p = sentence.confidence;
    return html`<div class="sentence"><span>${sentence.runs.map((r) => this.run(r))}</span>${
      p === undefined
        ? html`<span></span>`
        : html`<span class="confidence" title="Geometric mean of the probabilities of this sentence's tokens"><svg aria-hidden="true">${svg`<rect class="bg" width="100%" height="2"></rect><rect class="value" width="${(100 * p).toFixed(1)}%" height="2"></rect>`}</svg>${fixed(p, 2)}</span>`
    }</div>${selected ? html`<rr-clue-card .model=${model}></rr-clue-card>` : ''}`;
  }

  /** A clue that only the reference has, in the reference's own sentence. */
  private ghost({ entry, span: [start, end] }: Ghost): TemplateResult {
    const { model } = this;
    const text = model.open!.reading.reference?.text ?? '';
    const [a, b] = entry.clue.span;
    return html`<div class="sentence ghost"><span>${text.slice(start, a)}${this.clueButton(entry, text.slice(a, b))}${text.slice(b, end)}</span><span class="reference">reference</span></div>
      ${model.clueKey === entry.key ? html`<rr-clue-card .model=${model}></rr-clue-card>` : ''}`;
  }

  private legend(): TemplateResult {
    const { model } = this;
    const count = (look: Look): number => model.clues.filter((e) => (this.against || e.inModel) && lookOf(e, this.against) === look).length;
    return html`<div class="legend">
      ${LEGEND.filter((look) => count(look) > 0).map((look) => html`<span title=${LOOK_WORD[look]}><span class="clue ${look}">${look}</span> ${count(look)}</span>`)}
      <span class="grow"></span><span>confidence</span>
    </div>`;
  }

  protected override render(): unknown {
    const { model } = this;
    const open = model.open;
    if (!open) return '';
    const { reading } = open;
    const generation = reading.stages.find((s) => s.kind === 'language-model');
    const speed = generation && generation.ms > 0 ? `, ${fixed((1000 * reading.tokens.length) / generation.ms, 0)} tok/s` : '';
    const facts = `${reading.bundle.name}, ${reading.tokens.length} tokens${speed}, ${reading.settings.decoding}${reading.finish === 'length' ? ', cut at the token limit' : ''}`;
    const missed = this.against ? model.clues.filter((e) => !e.inModel) : [];
    const sections = this.sections();
    const waiting = new Set(missed.map((e) => ghostOf(e, reading.reference?.text ?? '')));
    const take = (themes: Set<string>): Ghost[] =>
      [...waiting].filter((g) => themes.has(g.title.toLowerCase()) || themes.has(g.entry.clue.theme.toLowerCase())).map((g) => (waiting.delete(g), g));
    const body = sections.map((s) => html`<h3>${s.title || 'Report'}</h3>${s.sentences.map((x) => this.sentence(x))}${take(s.themes).map((g) => this.ghost(g))}`);
    const rest = [...new Set([...waiting].map((g) => g.title))].map((title) => html`<h3>${title || 'Only in the reference'}</h3>${[...waiting].filter((g) => g.title === title).map((g) => this.ghost(g))}`);
    return html`
      <div class="head"><h2>Report</h2><span class="dim" title="${facts}\n${reading.bundle.path}">${facts}</span><span class="grow"></span>
        ${reading.reference ? toggle('Against reference', model.show.reference, () => model.toggle('reference'), reading.reference.path) : html`<span class="dim">no reference report</span>`}
      </div>
      ${model.view === 'model' ? html`<rr-model-view .model=${model}></rr-model-view>` : ''}
      ${this.legend()}
      <div class="text" data-testid="report" tabindex="0" role="document" aria-label="Report">
        ${body}${rest}
      </div>
      ${model.placeState === 'none' ? '' : html`<rr-place-card .model=${model}></rr-place-card>`}
      ${reading.reference
        ? html`<div class="foot" data-testid="metrics">${metricRows(reading.reference).map((m) => html`<span title=${m.says}>${m.label}<b>${fixed(m.value, 2)}</b></span>`)}</div>`
        : ''}
    `;
  }
}
