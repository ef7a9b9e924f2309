/** Notes a fault of a field. */
export type Report = (field: string, message: string) => void;
