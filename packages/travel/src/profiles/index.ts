import { createDriving, type DrivingKind } from './driving.ts';
import type { Profile, ProfileSettings } from './profile.ts';
import { createWalking } from './walking.ts';

// Means of undisturbed driving in built-up areas, not limits: the limit of a street, when it is mapped, lowers them
const TRUCK: DrivingKind = {
  accessKeys: ['access', 'vehicle', 'motor_vehicle', 'hgv'],
  speedKmh: {
    motorway: 80,
    motorway_link: 45,
    trunk: 70,
    trunk_link: 40,
    primary: 45,
    primary_link: 35,
    secondary: 40,
    secondary_link: 30,
    tertiary: 35,
    tertiary_link: 28,
    unclassified: 30,
    residential: 25,
    road: 25,
    living_street: 10,
    service: 12,
    track: 10,
    pedestrian: 8,
  },
  turnNames: ['hgv'],
  maxspeedKeys: ['maxspeed', 'maxspeed:hgv'],
  signalS: 12,
  barrierS: 15,
  // to reverse a large vehicle takes a look round, a helper or both
  reverseS: 60,
  turnS: { near: 4, across: 8, sharp: 15 },
};

const CAR: DrivingKind = {
  accessKeys: ['access', 'vehicle', 'motor_vehicle', 'motorcar'],
  speedKmh: {
    motorway: 110,
    motorway_link: 60,
    trunk: 90,
    trunk_link: 50,
    primary: 60,
    primary_link: 45,
    secondary: 55,
    secondary_link: 40,
    tertiary: 45,
    tertiary_link: 35,
    unclassified: 40,
    residential: 30,
    road: 30,
    living_street: 12,
    service: 15,
    track: 12,
    pedestrian: 8,
  },
  turnNames: ['motorcar'],
  maxspeedKeys: ['maxspeed'],
  signalS: 8,
  barrierS: 10,
  reverseS: 20,
  turnS: { near: 2, across: 5, sharp: 8 },
};

/** Makes the profile that settings ask for. */
export function createProfile(settings: ProfileSettings): Profile {
  if (settings.profile === 'walking') return createWalking();
  return createDriving(settings.profile === 'truck' ? TRUCK : CAR, settings);
}

export * from './profile.ts';
export type { Dimensions, Moment, ProfileName } from '../port.ts';
