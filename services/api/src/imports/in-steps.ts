const STEP = 50;

/** Maps many items, and lets other work in between: judging 250 rows at once would hold up a frame on its way. */
export async function mapInSteps<A, B>(items: readonly A[], map: (item: A, index: number) => B): Promise<B[]> {
  const results: B[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % STEP === 0) await new Promise((resolve) => setImmediate(resolve));
    results.push(map(item, index));
  }
  return results;
}
