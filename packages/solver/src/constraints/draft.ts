let draft = new Int32Array(128);

/** Writes a sequence with a, and then b unless negative, in a gap; overwritten by the next call. */
export function withInserted(
  { seq, len }: { seq: Int32Array; len: number },
  gap: number,
  a: number,
  b: number,
): Int32Array {
  const added = b < 0 ? 1 : 2;
  if (draft.length < len + added) draft = new Int32Array((len + added) * 2);
  for (let i = 0; i < gap; i++) draft[i] = seq[i]!;
  draft[gap] = a;
  if (b >= 0) draft[gap + 1] = b;
  for (let i = gap; i < len; i++) draft[i + added] = seq[i]!;
  return draft;
}
