/** One broken rule. */
export interface Violation {
  readonly code:
    | 'LEG_UNREACHABLE'
    | 'TIME_INCONSISTENT'
    | 'WINDOW_MISSED'
    | 'SHIFT_EXCEEDED'
    | 'DURATION_EXCEEDED'
    | 'BREAK_MISSING'
    | 'BEFORE_RELEASE'
    | 'OVER_CAPACITY'
    | 'OVERLOAD_RISK'
    | 'NO_COMPARTMENT'
    | 'BATTERY_EMPTY'
    | 'AREA_NEGLECTED'
    | 'QUIET_BROKEN'
    | 'TOO_LATE'
    | 'TOO_UNFAMILIAR'
    | 'NO_SITE_FOR_FRACTION'
    | 'VEHICLE_NOT_ALLOWED'
    | 'SERVED_TWICE'
    | 'STOP_LOST'
    | 'REQUIRED_UNSERVED'
    | 'LOCK_BROKEN'
    | 'VEHICLE_UNKNOWN'
    | 'COST_WRONG';
  /** such as "vehicle 2, visit 5" */
  readonly where: string;
  readonly message: string;
}

/** Notes a broken rule. */
export type Report = (code: Violation['code'], where: string, message: string) => void;

/** Absorbs the rounding of sums of fractional numbers. */
export const TOLERANCE = 1e-6;
