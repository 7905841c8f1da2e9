// The recipes that `train` and `probe train` know, by the `recipe` field of their config. Each is loaded when it is asked
// for, so that the process that serves slices never loads training code.

import type { Recipe } from '../papers/recipe.ts';
import { RoomError } from '../protocol/error.ts';

type Loader = () => Promise<Recipe<never>>;

const LOADERS: Record<string, Loader> = {
  baseline: async () => (await import('../papers/baseline/recipe.ts')).recipe,
  'r-probe': async () => (await import('../papers/rprobe/recipe.ts')).recipe,
};

export function recipeNames(): string[] {
  return Object.keys(LOADERS);
}

export async function loadRecipe(name: string, file: string): Promise<Recipe> {
  const load = LOADERS[name];
  if (load === undefined) {
    throw new RoomError('invalid', `${file}: recipe '${name}' is not known`, `Set "recipe" to one of: ${recipeNames().join(', ')}.`);
  }
  // A recipe checks its own config by its schema before `run` sees it, so the config's type is erased here.
  return (await load()) as unknown as Recipe;
}
