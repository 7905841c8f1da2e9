// A Lit element that redraws itself when its model says that one of its topics changed.

import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import type { Emitter } from './emitter.ts';

export abstract class ModelView<Topic extends string, Model extends { changed: Emitter<Topic> }> extends LitElement {
  @property({ attribute: false }) model!: Model;
  /** Topics that cause `changed`, by default a re-render. */
  protected abstract readonly topics: readonly Topic[];
  private off: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.off = this.model.changed.on((topic) => {
      if (this.topics.includes(topic)) this.modelChanged(topic);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.off?.();
  }

  protected modelChanged(_topic: Topic): void {
    this.requestUpdate();
  }
}
