/** Reads a distribution given by points [share, value], both growing, with straight lines between them. */
export function quantile(points: readonly (readonly [number, number])[], share: number): number {
  const upper = Math.max(
    1,
    points.findIndex(([at]) => at >= share),
  );
  const [toAt, to] = points[upper]!;
  const [fromAt, from] = points[upper - 1]!;
  return from + ((to - from) * (share - fromAt)) / (toAt - fromAt);
}
