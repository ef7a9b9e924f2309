import { z } from 'zod';

/** Points [distance from the sensor face in metres, fill 0…1], measured on the container itself or taken from its drawing. */
const FillTable = z
  .array(z.tuple([z.number().min(0).max(20), z.number().min(0).max(1)]))
  .min(2)
  .max(50)
  .refine((points) => points.every(([m], i) => i === 0 || m > points[i - 1]![0]), 'distances must grow from row to row')
  .refine(
    (points) => points.every(([, fill], i) => i === 0 || fill <= points[i - 1]![1]),
    'fill must not grow with distance',
  );

/**
 * How a container's volume runs between its empty and its full mark. Absent means upright: walls straight up, so
 * that half the height is half the volume.
 */
export const ContainerShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('upright') }),
  /** A cylinder on its side; empty and full mark are bottom and top of the circle. */
  z.object({ kind: z.literal('lying-cylinder') }),
  /** Cone, funnel or tapered box: `bottomWidth` is the width at the empty mark as a share of that at the full mark. */
  z.object({ kind: z.literal('tapered'), bottomWidth: z.number().min(0).max(5) }),
  /** Igloo and other globes; `cutBottom`, `cutTop`: shares of the globe's height that lie outside the marks. */
  z.object({
    kind: z.literal('sphere'),
    cutBottom: z.number().min(0).max(0.45).optional(),
    cutTop: z.number().min(0).max(0.45).optional(),
  }),
  /** Underground bag: a round bottom that takes `sag` of the depth, straight above it. */
  z.object({ kind: z.literal('bag'), sag: z.number().min(0).max(1).optional() }),
  z.object({ kind: z.literal('table'), points: FillTable }),
]);
export type ContainerShape = z.infer<typeof ContainerShape>;
