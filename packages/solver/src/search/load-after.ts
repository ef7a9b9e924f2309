import type { Model } from '../model.ts';

/** What is aboard behind a node, per dimension. */
export function loadAfter(model: Model, node: number, before: readonly number[]): number[] {
  if (node >= model.stopCount) return before.map(() => 0);
  return before.map((amount, k) => amount + model.load[node * model.dims + k]!);
}
