import type { Constraint } from './constraint.ts';

/** Keeps stops with the vehicles that can serve them: lift, fraction, width, licence. */
export const access: Constraint = {
  name: 'access',
  curedByDisposal: false,
  supports: (model) => model.allowed !== undefined,
  wholeRoute: () => true,
  refresh: () => undefined,
  admits(model, route, _gap, a, b) {
    const stop = a < model.stopCount ? a : b;
    return model.allowed![stop * model.vehicles.length + route.vehicle] === 1;
  },
  mayExchange: (model, { vehicle }, _leaving, joining) =>
    model.allowed![joining * model.vehicles.length + vehicle] === 1,
  holds(model, vehicle, seq, len) {
    const width = model.vehicles.length;
    for (let i = 0; i < len; i++) {
      if (seq[i]! < model.stopCount && model.allowed![seq[i]! * width + vehicle] === 0) return false;
    }
    return true;
  },
  shortfalls(model, vehicle, seq, len) {
    const width = model.vehicles.length;
    const barred = seq
      .subarray(0, len)
      .filter((node) => node < model.stopCount && model.allowed![node * width + vehicle] === 0);
    return barred.length ? [{ code: 'VEHICLE_NOT_ALLOWED', amount: barred.length, unit: 'visits' }] : [];
  },
};
