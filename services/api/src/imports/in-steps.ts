import { createBreath } from '@ronde/kit';

/** Maps many items, and lets other work in between: judging 250 rows at once would hold up a frame on its way. */
export async function mapInSteps<A, B>(items: readonly A[], map: (item: A, index: number) => B): Promise<B[]> {
  const breathe = createBreath();
  const results: B[] = [];
  for (const [index, item] of items.entries()) {
    await breathe();
    results.push(map(item, index));
  }
  return results;
}
