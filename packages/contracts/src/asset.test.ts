import { expect, test } from 'vitest';
import { AssetInput } from './asset.ts';
import { Vehicle } from './fleet.ts';

test.each(['Hoist licence', 'sleutel_3', '', '-x', 'x'.repeat(41)])(
  'a need "%s" that no vehicle could meet is told by field',
  (need) => {
    const asked = AssetInput.shape.needs.safeParse(['hoist-licence', need]);
    const offered = Vehicle.shape.skills.safeParse(['hoist-licence', need]);
    const fault = { path: [1], message: 'a skill is lower-case letters, digits and "-"' };
    expect(asked.error?.issues).toMatchObject([fault]);
    expect(offered.error?.issues).toMatchObject([fault]);
  },
);
