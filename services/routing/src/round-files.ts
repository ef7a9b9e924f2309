import type { Depot, LatLon, Round, Stop } from '@ronde/contracts';
import type { TravelPath } from '@ronde/travel';

/** A round with the line that it drives, for files that leave Ronde. */
export interface RoundOnMap {
  round: Round;
  vehicleName: string;
  depot: Depot | undefined;
  /** Depot, stops, depot; the depot only where it is known. */
  positions: LatLon[];
  paths: TravelPath[];
  /** Whose map the streets are from. */
  credit?: string | undefined;
}

/** Writes a round as GPX 1.1: a waypoint per stop, described in the reader's language, and one track. */
export function toGpx({ round, vehicleName, paths, credit }: RoundOnMap, language: 'nl' | 'en'): string {
  const waypoints = round.stops.map(
    (stop) =>
      `  <wpt lat="${stop.lat}" lon="${stop.lon}"><time>${stop.eta}</time><name>${escapeXml(`${stop.seq}. ${nameOf(stop)}`)}</name><desc>${escapeXml(inShort(stop, language))}</desc><type>${stop.kind}</type></wpt>`,
  );
  const segments = paths.map(
    ({ line }) =>
      `    <trkseg>${line.coordinates.map(([lon, lat]) => `<trkpt lat="${lat}" lon="${lon}"/>`).join('')}</trkseg>`,
  );
  const title = escapeXml(`${vehicleName} ${round.startsAt.slice(0, 10)} v${round.version}`);
  const rights = credit === undefined ? '' : `<copyright author="${escapeXml(credit)}"/>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="Ronde" xmlns="http://www.topografix.com/GPX/1/1">',
    `  <metadata><name>${title}</name>${rights}<time>${round.startsAt}</time></metadata>`,
    ...waypoints,
    `  <trk><name>${title}</name>`,
    ...segments,
    '  </trk>',
    '</gpx>',
    '',
  ].join('\n');
}

/** Writes a round as a GeoJSON feature collection (RFC 7946): a point per stop and a line per leg. */
export function toGeoJson({ round, vehicleName, paths, credit }: RoundOnMap): object {
  const stops = round.stops.map((stop) => ({
    type: 'Feature',
    id: stop.id,
    geometry: { type: 'Point', coordinates: [stop.lon, stop.lat] },
    properties: {
      seq: stop.seq,
      kind: stop.kind,
      name: nameOf(stop),
      assetIds: stop.assetIds,
      eta: stop.eta,
      status: stop.status,
      reason: stop.reason,
    },
  }));
  const legs = paths.map(({ line, distanceM, durationS }, index) => ({
    type: 'Feature',
    geometry: line,
    properties: { leg: index + 1, distanceM, durationS },
  }));
  const { id, version, vehicleId, startsAt, endsAt, distanceM } = round;
  return {
    type: 'FeatureCollection',
    properties: { roundId: id, version, vehicleId, vehicleName, startsAt, endsAt, distanceM, credit },
    features: [...stops, ...legs],
  };
}

/** What a stop is for, in a few words: navigation devices have room for no more. */
function inShort({ kind, why, reason }: Stop, language: 'nl' | 'en'): string {
  if (kind === 'disposal') return PRINT[language][why?.code === 'charge' ? 'charge' : 'tip'];
  return why?.fill === undefined ? reason : `${Math.round(why.fill * 100)} % ${PRINT[language].full}`;
}

const PRINT = {
  nl: {
    title: 'Ronde',
    version: 'versie',
    stops: 'stops',
    end: 'einde',
    tip: 'lading storten',
    charge: 'accu laden',
    full: 'vol',
    rest: 'Pauze',
    headers: ['Nr', 'Tijd', 'Plaats', 'Vol', 'Gedaan'],
    ended: { done: 'geleegd', skipped: 'overgeslagen', problem: 'probleem' },
  },
  en: {
    title: 'Round',
    version: 'version',
    stops: 'stops',
    end: 'end',
    tip: 'tip the load',
    charge: 'charge the battery',
    full: 'full',
    rest: 'Break',
    headers: ['No', 'Time', 'Place', 'Full', 'Done'],
    ended: { done: 'emptied', skipped: 'skipped', problem: 'problem' },
  },
} as const;

/**
 * Writes a round as a page to print: what a crew needs when its tablet is broken. No script, nothing from elsewhere. Opened
 * from the screen it falls under the screen's content policy, which allows no style within a page: so the table has its lines
 * and widths by attributes too.
 */
export function toPrint(
  { round, vehicleName }: RoundOnMap,
  { language, timeZone }: { language: 'nl' | 'en'; timeZone: string },
): string {
  const words = PRINT[language];
  const clock = new Intl.DateTimeFormat(language, { timeZone, hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'full' });
  const time = (at: string): string => clock.format(Date.parse(at));
  const km = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(round.distanceM / 1000);
  const rowOf = (cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<td>${escapeXml(cell)}</td>`).join('')}</tr>`;
  const restsAt = (stop: Stop, place: 'before' | 'after'): string[] =>
    (round.breaks ?? [])
      .filter((rest) => rest.stopId === stop.id && rest.place === place)
      .map(({ startsAt, endsAt, taken }) =>
        rowOf(['', time(startsAt), `${words.rest} – ${time(endsAt)}`, '', taken ? '☑' : '☐']),
      );
  const rows = round.stops.flatMap((stop) => {
    const done = stop.status === 'planned' || stop.status === 'arrived' ? '☐' : `☑ ${words.ended[stop.status]}`;
    const fill = stop.why?.fill === undefined ? '' : `${Math.round(stop.why.fill * 100)} %`;
    const cells = [String(stop.seq), time(stop.eta), nameOf(stop), fill, done];
    return [...restsAt(stop, 'before'), rowOf(cells), ...restsAt(stop, 'after')];
  });
  const title = escapeXml(`${words.title}: ${vehicleName}, ${day.format(Date.parse(round.startsAt))}`);
  const facts = `${words.version} ${round.version} · ${round.stops.length} ${words.stops} · ${km} km · ${words.end} ${time(round.endsAt)}`;
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<title>${title}</title>
<style>
  body { font: 11pt/1.35 sans-serif; margin: 1.5cm; color: #000; background: #fff }
  table { border-collapse: collapse; width: 100% }
  th, td { border-bottom: 1px solid #777; padding: 4px 6px; text-align: left; vertical-align: top }
  thead { display: table-header-group } tr { break-inside: avoid }
</style>
<h1>${title}</h1>
<p>${escapeXml(facts)}</p>
<table border="1" cellpadding="4" cellspacing="0" width="100%">
<thead><tr>${words.headers.map((header) => `<th scope="col">${header}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</html>
`;
}

function nameOf(stop: Stop): string {
  return stop.name ?? stop.assetIds[0] ?? stop.siteId ?? stop.id;
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // characters that no XML may hold (XML 1.0, §2.2) cannot be escaped either
  const allowed = text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/gu, (sign) => (sign.length > 1 ? sign : ''));
  return allowed.replace(/[&<>"]/g, (sign) => entities[sign]!);
}
