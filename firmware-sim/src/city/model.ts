import type {
  Area,
  AssetInput,
  Calendar,
  Crew,
  Depot,
  DeviceInput,
  DisposalSite,
  Fraction,
  LatLon,
  Vehicle,
} from '@ronde/contracts';
import type { NetworkId } from '../networks/model.ts';

/** How fast a chamber fills: the generator's own facts, unknown to the platform. */
export interface ChamberDemand {
  assetId: string;
  areaId: string;
  chamber: string;
  fraction: Fraction;
  volumeL: number;
  /** Days to fill from empty at the mean rate. */
  cycleDays: number;
  /** Mean size of one deposit, litres. */
  depositL: number;
  profile: DemandProfile;
  /** Days between visits of the fixed schedule that makes the history, and the hour of the day. */
  visitEveryDays: number;
  visitHour: number;
  /** Vehicle that empties it. */
  vehicleId: string;
}
export type DemandProfile = 'street' | 'shopping' | 'park' | 'home' | 'recycling' | 'airport';

/** A device with what only the simulator knows of it. */
export interface CityDevice extends DeviceInput {
  /** How it reaches the platform. */
  link: NetworkId;
  /** Type whose quantities it sends by name, where the platform knows it as a plain device. */
  standsFor?: string;
  /** True: own devices behind a radio that loses messages. */
  lossy?: boolean;
  position: LatLon;
  intervalMs: number;
  /** Interval of the generated history, ms. */
  historyIntervalMs: number;
}

/** Gives what the platform is told of a device. */
export function deviceInputOf({
  link: _link,
  standsFor: _type,
  lossy: _lossy,
  position: _position,
  intervalMs: _interval,
  historyIntervalMs: _history,
  ...input
}: CityDevice): DeviceInput {
  return input;
}

/** A whole generated city. */
export interface City {
  seed: number;
  name: string;
  areas: Area[];
  assets: AssetInput[];
  devices: CityDevice[];
  demand: ChamberDemand[];
  depots: Depot[];
  disposalSites: DisposalSite[];
  vehicles: Vehicle[];
  crews: Crew[];
  calendar: Calendar;
}

export const AIRPORT = 'airport-terminal';
