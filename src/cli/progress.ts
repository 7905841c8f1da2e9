// Progress on stderr. On a terminal one line is rewritten at most ten times a second; elsewhere a line is printed at most
// once a second, and always when a stage ends, so that logs stay short and still show where the time went.

import type { EngineEvent } from '../protocol/engine.ts';

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export class Progress {
  private readonly out: Terminal;
  private last = 0;
  private shown = false;
  private tokens = '';

  constructor(out: Terminal) {
    this.out = out;
  }

  event(event: EngineEvent): void {
    switch (event.type) {
      case 'progress': {
        const share = event.total > 0 ? `${event.done}/${event.total}` : `${event.done}`;
        this.line(`${event.stage} ${share}${event.detail === undefined ? '' : ` ${event.detail}`}`, event.done >= event.total);
        return;
      }
      case 'token':
        this.tokens = (this.tokens + event.text).slice(-60);
        this.line(`text ...${this.tokens.replaceAll('\n', ' ')}`);
        return;
      case 'run': {
        const { state, step, steps, headline, secondsLeft } = event.status;
        const metric = headline === undefined ? '' : ` ${headline.name} ${headline.value.toPrecision(4)}`;
        const left = secondsLeft === undefined ? '' : `, ${Math.round(secondsLeft)} s left`;
        this.line(`${state} step ${step}/${steps}${metric}${left}`, state !== 'running');
        return;
      }
      case 'log':
        this.clear();
        if (event.level !== 'info') this.out.write(`${event.level}: ${event.message}\n`);
        return;
    }
  }

  line(text: string, important = false): void {
    const now = performance.now();
    const tty = this.out.isTTY === true;
    if (now - this.last < (tty ? 100 : 1000) && !important) return;
    this.last = now;
    if (!tty) {
      this.out.write(`${text}\n`);
      return;
    }
    const width = (this.out.columns ?? 80) - 1;
    this.out.write(`\r\x1b[2K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) this.out.write('\r\x1b[2K');
    this.shown = false;
  }
}
