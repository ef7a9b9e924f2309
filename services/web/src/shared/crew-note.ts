/** The tablet's note beside "not full" when the crew found a bin empty that its sensor called full. */
export const BIN_IS_EMPTY = 'sensor: bin is empty';
