import type {
  Area,
  AssetInput,
  Calendar,
  Crew,
  Depot,
  DeviceInput,
  DisposalSite,
  Fraction,
  Vehicle,
} from '@ronde/contracts';

/** How a device reaches the platform. */
export type Link = 'things-stack' | 'chirpstack' | 'native';

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
  link: Link;
  intervalMs: number;
  /** Interval of the generated history, ms. */
  historyIntervalMs: number;
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
