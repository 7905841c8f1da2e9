// Contributed commands whose effect is in the view.

import type { ViewAction } from '../../src/protocol/view.ts';
import type { ScanModel } from './model.ts';

export function act(model: ScanModel, action: ViewAction): void {
  switch (action.kind) {
    case 'step': return model.step('axial', action.slices);
    case 'preset': return model.preset(action.key);
    case 'view': return model.setView(action.view === 'toggle' ? (model.view === 'human' ? 'model' : 'human') : action.view);
    case 'toggle': return model.toggle(action.what);
    case 'clue': return void model.selectClue(action.clueId);
    case 'nextClue': return model.nextClue(action.step);
    case 'goTo': return model.pick(action.point, true);
    case 'reset': return model.reset();
  }
}
