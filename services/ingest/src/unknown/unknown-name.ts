import { createHash } from 'node:crypto';
import { Id, type DeviceName, type UnknownDevice } from '@ronde/contracts';
import type { Opened } from '../steps/item.ts';

type NameKind = UnknownDevice['nameKind'];

/** Gives the name by which a network knows a device. */
export function nameOf(device: DeviceName): { nameKind: NameKind; name: string } {
  const [nameKind, name] = Object.entries(device).find(([key]) => key !== 'orDeviceId') as [NameKind, string];
  return { nameKind, name };
}

/** Gives the id under which a device that nobody registered is collected: the same for every frame of it from one network. */
export function unknownIdOf({ uplink, frame }: Pick<Opened, 'uplink' | 'frame'>): string {
  const { name } = nameOf(uplink.device);
  const plain = `${frame.source}-${name}`;
  // names with other characters than an id may have, or too many
  return Id.safeParse(plain).success
    ? plain
    : `${frame.source}-${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
}
