// Small pieces of markup that several components use. Widths are SVG attributes, not style attributes: the page's policy
// allows no inline styles.

import { html, svg, type TemplateResult } from 'lit';
import type { ErrorInfo } from '../../src/protocol/error.ts';
import { fixed } from './format.ts';

/** A value beside its null on one scale from 0 to `most`. */
export function gauge(value: number, nullValue: number, most: number): TemplateResult {
  const at = (v: number): string => `${fixed(100 * Math.min(1, Math.max(0, v / (most || 1))), 1).replace('\u2212', '-')}%`;
  return html`<svg class="gauge" role="img" aria-label="${fixed(value, 2)}, null ${fixed(nullValue, 2)}">
    ${svg`<rect class="bg" y="3" width="100%" height="4"></rect><rect class="value" y="3" width=${at(value)} height="4"></rect>
      <line class="null" x1=${at(nullValue)} x2=${at(nullValue)} y1="0" y2="10"></line>`}
  </svg>`;
}

export function errorNotice(error: ErrorInfo, action: TemplateResult | string = ''): TemplateResult {
  return html`<div class="notice error" role="alert"><p class="what">${error.message}</p><p class="fix">${error.fix}</p>${action}</div>`;
}

/** A switch in a column head; `key` is its keyboard shortcut. */
export function toggle(label: string, on: boolean, press: () => void, title: string): TemplateResult {
  return html`<button class="toggle" aria-pressed=${on ? 'true' : 'false'} title=${title} @click=${press}>${label}</button>`;
}
