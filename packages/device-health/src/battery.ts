import { airtimeMs } from './airtime.ts';

/** What a device's cell holds and what its parts draw; a sensor type's manifest may give better numbers. */
export interface EnergyModel {
  capacityMah: number;
  sleepUa: number;
  txMa: number;
  /** Charge of one measurement, milliampere seconds. */
  measureMas: number;
  /** Share of the cell lost by itself each year. */
  selfDischargePerYear: number;
}

/** A D-size lithium thionyl chloride cell and an SX1276 at 14 dBm with an ultrasonic head: the usual bin sensor. */
export const USUAL_ENERGY: EnergyModel = {
  capacityMah: 9000,
  sleepUa: 15,
  txMa: 44,
  measureMas: 12,
  selfDischargePerYear: 0.01,
};

// Two receive windows of a class A device: about 50 ms each at 11 mA when nothing comes.
const RECEIVE_MAS = 2 * 0.05 * 11;
const YEAR_S = 365.25 * 86_400;
/** A lithium cell hands out the last part only at room temperature. */
const USABLE_SHARE = 0.9;

export interface EnergyUse {
  /** Since the cell was put in, seconds. */
  ageS: number;
  /** Uplinks sent since then, those that never arrived included. */
  uplinks: number;
  /** Now and then: bytes and spreading factor of a usual uplink. */
  payloadBytes: number;
  spreadingFactor: number;
  /** How often it sends, seconds. */
  intervalS: number | null;
}

/**
 * Gives the charge left and how long it lasts by what the device has done. A lithium cell's voltage stays flat until
 * the end (measured: −20 mV a year, upwards as often as down), so voltage says nothing before it is too late.
 */
export function batteryByEnergy(model: EnergyModel, use: EnergyUse): { charge: number; daysLeft: number | null } {
  const capacityMas = model.capacityMah * 3600 * USABLE_SHARE;
  const perUplinkMas = chargePerUplinkMas(model, use);
  const idleMa = model.sleepUa / 1000 + (model.selfDischargePerYear * capacityMas) / YEAR_S;
  const usedMas = use.ageS * idleMa + use.uplinks * perUplinkMas;
  const charge = Math.max(0, Math.min(1, 1 - usedMas / capacityMas));
  if (use.intervalS === null || use.intervalS <= 0) return { charge, daysLeft: null };
  const drawMa = idleMa + perUplinkMas / use.intervalS;
  return { charge, daysLeft: Math.floor((charge * capacityMas) / drawMa / 86_400) };
}

/** Charge of measuring, sending and listening once, milliampere seconds. */
export function chargePerUplinkMas(
  { txMa, measureMas }: EnergyModel,
  { payloadBytes, spreadingFactor }: Pick<EnergyUse, 'payloadBytes' | 'spreadingFactor'>,
): number {
  return measureMas + (airtimeMs({ payloadBytes, spreadingFactor }) / 1000) * txMa + RECEIVE_MAS;
}
