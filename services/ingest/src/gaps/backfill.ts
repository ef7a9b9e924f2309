/** Topic of frames that were fetched from a network's storage; their readings carry BACKFILLED. */
export const BACKFILL_TOPIC = 'backfill/';
