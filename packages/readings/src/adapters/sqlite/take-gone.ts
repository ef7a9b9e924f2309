import { transact, type WriteParts } from './append.ts';
import { prepareRaiseFloor } from './expire.ts';
import { createHourStore } from './hours.ts';
import type { NewPlaces } from './place-numbers.ts';

/** What is left of readings that are gone, as a copy brings it. */
export interface GoneColumns {
  newPlaces: NewPlaces;
  hours: { place: number; hour: number; min: number; max: number; sum: number; count: number }[];
  floors: [quantity: string, floorMs: number][];
}

/** Creates the taking in of hours and floors; `expire` goes over what lies below the floors the next time. */
export function createTakeGone(parts: WriteParts): (gone: GoneColumns) => void {
  const { db, names } = parts;
  const hourStore = createHourStore(db);
  const raise = prepareRaiseFloor(db);
  return ({ newPlaces, hours, floors }) => {
    names.learn(newPlaces);
    transact(parts, false, () => {
      for (const [place, own] of Map.groupBy(hours, (one) => one.place))
        hourStore.add(
          names.place(place).mounting,
          new Map(own.map(({ hour, min, max, sum, count }) => [hour, { min, max, sum, rest: 0, count }])),
        );
      for (const [quantity, floorMs] of floors) raise.run(quantity, floorMs);
    });
  };
}
