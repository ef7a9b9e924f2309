import type { Problem, Stop, Vehicle } from '../problem.ts';

function isAble({ needs = [], atLeast = [] }: Stop, { skills = [], measures = [] }: Vehicle): boolean {
  return (
    needs.every((skill) => skills.includes(skill)) && atLeast.every((least, k) => (measures[k] ?? -Infinity) >= least)
  );
}

/** Leaves each stop to the vehicles that have all it needs: lift, licence, crew, and enough reach and lifting power. */
export function withSkills(problem: Problem): Problem {
  if (!problem.stops.some(({ needs, atLeast }) => needs?.length || atLeast?.length)) return problem;
  const all = problem.vehicles.map((_, vehicle) => vehicle);
  const stops = problem.stops.map((stop): Stop => {
    if (!stop.needs?.length && !stop.atLeast?.length) return stop;
    const may = stop.allowedVehicles ?? all;
    return { ...stop, allowedVehicles: may.filter((vehicle) => isAble(stop, problem.vehicles[vehicle]!)) };
  });
  return { ...problem, stops };
}
