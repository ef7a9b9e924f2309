import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openOsrm } from './adapters/osrm.ts';
import { straightLineLeg } from './adapters/straight-line.ts';
import { decodePolyline6, openValhalla } from './adapters/valhalla.ts';
import { UNREACHABLE, openTravel } from './index.ts';

const SPEED = { speedKmh: 30 };
const PLACES = Array.from({ length: 23 }, (_, i) => ({ lat: 52 + i * 0.001, lon: 5 + (i % 5) * 0.001 }));

interface Asked {
  url: URL;
  body: Record<string, unknown>;
}
type Answer = { status?: number; body: unknown; headers?: Record<string, string> };

/** A server on loopback that speaks as it is told, over real HTTP. */
async function serve(answer: (asked: Asked, count: number) => Answer): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one = { url: new URL(request.url!, 'http://host'), body };
      asked.push(one);
      const { status = 200, body: content, headers = {} } = answer(one, asked.length);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof content === 'string' ? content : JSON.stringify(content));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => new Promise<void>((done) => (server.closeAllConnections(), server.close(() => done()))));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
}

interface Place {
  lat: number;
  lon: number;
}
const placesOf = (url: URL): Place[] =>
  url.pathname
    .split('/')
    .at(-1)!
    .split(';')
    .map((pair) => pair.split(',').map(Number))
    .map(([lon, lat]) => ({ lat: lat!, lon: lon! }));
const metres = (a: Place, b: Place): number => straightLineLeg(a, b, 30).distanceM;
const isNorth = ({ lat }: Place): boolean => lat > 60;

/** Tables and routes as osrm-routed 5.27 gives them; places in the far north have no road to the others. */
function osrm({ maxTable = 100 } = {}) {
  return ({ url }: Asked): Answer => {
    const places = placesOf(url);
    const pick = (name: string): Place[] =>
      url.searchParams
        .get(name)!
        .split(';')
        .map((i) => places[Number(i)]!);
    if (url.pathname.startsWith('/table/v1/')) {
      const [sources, destinations] = [pick('sources'), pick('destinations')];
      if (sources.length * destinations.length > maxTable ** 2)
        return { status: 400, body: { code: 'TooBig', message: 'Too many table coordinates' } };
      const rows = (of: (a: Place, b: Place) => number) =>
        sources.map((a) => destinations.map((b) => (isNorth(a) !== isNorth(b) ? null : of(a, b))));
      const waypoints = (list: Place[]) =>
        list.map(({ lat, lon }) => ({ distance: isNorth({ lat, lon }) ? 240 : 2.5, location: [lon, lat] }));
      return {
        body: {
          code: 'Ok',
          distances: rows(metres),
          durations: rows((a, b) => metres(a, b) / 10),
          sources: waypoints(sources),
          destinations: waypoints(destinations),
        },
      };
    }
    if (places.some(isNorth) && !places.every(isNorth))
      return { status: 400, body: { code: 'NoRoute', message: 'Impossible route' } };
    const legs = places.slice(1).map((b, i) => {
      const a = places[i]!;
      const middle = [(a.lon + b.lon) / 2, (a.lat + b.lat) / 2];
      const step = (...coordinates: number[][]) => ({ geometry: { type: 'LineString', coordinates } });
      return {
        distance: metres(a, b),
        duration: metres(a, b) / 10,
        steps: [step([a.lon, a.lat], middle), step(middle, [b.lon, b.lat])],
      };
    });
    return { body: { code: 'Ok', routes: [{ legs }] } };
  };
}

test('a matrix from OSRM is put together from tables, and comes in smaller ones where the server wants them', async () => {
  const { url, asked } = await serve(osrm({ maxTable: 8 }));
  const travel = openOsrm(url);
  const { distanceM, durationS, snaps, n } = await travel.matrix(PLACES, SPEED);
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) expect(distanceM[a * n + b]).toBe(a === b ? 0 : metres(PLACES[a]!, PLACES[b]!));
  expect(durationS[1]).toBe(Math.round(distanceM[1]! / 10));
  expect(snaps).toHaveLength(23);
  expect(asked[0]!.url.searchParams.get('annotations')).toBe('duration,distance');
  // 23 and 12 are refused, 6 is taken: sixteen tables
  expect(asked).toHaveLength(2 + 16);
  await travel.matrix(PLACES, SPEED);
  expect(asked).toHaveLength(18 + 16);
});

test('pairs that OSRM finds no way between are unreachable, and a far snap is told', async () => {
  const { url } = await serve(osrm());
  const { distanceM, snaps } = await openOsrm(url).matrix([PLACES[0]!, PLACES[1]!, { lat: 61, lon: 5 }], SPEED);
  expect(distanceM[2]).toBe(UNREACHABLE);
  expect(distanceM[1]).toBeLessThan(UNREACHABLE);
  expect(snaps!.map(({ state }) => state)).toEqual(['road', 'road', 'far']);
});

test('lines from OSRM come leg by leg, with a straight one where there is no way', async () => {
  const { url } = await serve(osrm());
  const travel = await openTravel(`osrm+${url}?profile=truck`);
  onTestFinished(() => travel.close());
  const paths = await travel.paths([PLACES[0]!, PLACES[7]!, { lat: 61, lon: 5 }], SPEED);
  expect(paths.map(({ line }) => line.coordinates.length)).toEqual([4, 2]);
  expect(paths[0]!.distanceM).toBe(metres(PLACES[0]!, PLACES[7]!));
});

test('approach on the kerb is asked of OSRM as curb', async () => {
  const { url, asked } = await serve(osrm());
  await openOsrm(url).matrix(PLACES.slice(0, 2), { ...SPEED, approach: 'kerb' });
  expect(asked[0]!.url.searchParams.get('approaches')).toBe('curb;curb');
});

test('a server in trouble is asked again, at the time that it says', async () => {
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  const { url } = await serve((asked, count) =>
    count === 1
      ? { status: 503, body: '' }
      : count === 2
        ? { status: 429, body: '', headers: { 'retry-after': '3' } }
        : osrm()(asked),
  );
  const { distanceM } = await openOsrm(url, { wait }).matrix(PLACES.slice(0, 2), SPEED);
  expect(distanceM[1]).toBe(metres(PLACES[0]!, PLACES[1]!));
  expect(waits).toEqual([200, 3000]);
});

test('a server that stays away is told as unreachable, with its address and what to do', async () => {
  const wait = async (): Promise<void> => undefined;
  const matrix = openOsrm('http://127.0.0.1:9', { wait }).matrix(PLACES, SPEED);
  await expect(matrix).rejects.toMatchObject({ code: 'TRAVEL_UNREACHABLE' });
  await expect(matrix).rejects.toThrow(/OSRM at http:\/\/127\.0\.0\.1:9 .*4 times; start it, or correct TRAVEL_URL/);
  const { url } = await serve(() => ({ body: '<html>hello</html>' }));
  await expect(openOsrm(url, { wait }).matrix(PLACES, SPEED)).rejects.toThrow(/no JSON.*is it the right server\?/);
});

test('a refusal names what to change at the server', async () => {
  const { url } = await serve(() => ({ status: 400, body: { code: 'InvalidService', message: 'nope' } }));
  await expect(openOsrm(url).matrix(PLACES, SPEED)).rejects.toMatchObject({ code: 'TRAVEL_REFUSED' });
  const small = await serve(osrm({ maxTable: 0 }));
  await expect(openOsrm(small.url).matrix(PLACES, SPEED)).rejects.toThrow(/--max-table-size/);
});

/** Matrices and routes as Valhalla gives them, with its limits. */
function valhalla({ pairs = 2500, verbose = false } = {}) {
  return ({ url, body }: Asked): Answer => {
    if (url.pathname === '/sources_to_targets') {
      const [sources, targets] = [body.sources as Place[], body.targets as Place[]];
      if (sources.length * targets.length > pairs)
        return { status: 400, body: { error_code: 150, error: 'Exceeded max locations', status_code: 400 } };
      if ([...sources, ...targets].some(isNorth))
        return { status: 400, body: { error_code: 171, error: 'No suitable edges near location', status_code: 400 } };
      const rows = (of: (a: Place, b: Place) => number) => sources.map((a) => targets.map((b) => of(a, b)));
      const km = (a: Place, b: Place): number => metres(a, b) / 1000;
      return verbose
        ? {
            body: {
              sources_to_targets: sources.map((a) =>
                targets.map((b) => ({ distance: km(a, b), time: metres(a, b) / 10 })),
              ),
            },
          }
        : { body: { sources_to_targets: { distances: rows(km), durations: rows((a, b) => metres(a, b) / 10) } } };
    }
    const places = body.locations as Place[];
    const legs = places
      .slice(1)
      .map((b, i) => ({ shape: '_p~iF~ps|U_ulLnnqC', summary: { length: metres(places[i]!, b) / 1000, time: 60 } }));
    return { body: { trip: { legs } } };
  };
}

test.each([true, false])(
  'a matrix from Valhalla in its long form (%s) is put together within its limit of pairs',
  async (verbose) => {
    const { url, asked } = await serve(valhalla({ pairs: 64, verbose }));
    const { distanceM, n } = await openValhalla(`${url}?pairs=64`).matrix(PLACES, SPEED);
    for (let a = 0; a < n; a++)
      for (let b = 0; b < n; b++) expect(distanceM[a * n + b]).toBe(a === b ? 0 : metres(PLACES[a]!, PLACES[b]!));
    expect(asked).toHaveLength(9);
  },
);

test('the vehicle and closed areas go to Valhalla with the question', async () => {
  const { url, asked } = await serve(valhalla());
  const ring: [number, number][] = [
    [5, 52],
    [5.1, 52],
    [5.1, 52.1],
    [5, 52],
  ];
  const travel = await openTravel(`valhalla+${url}`);
  onTestFinished(() => travel.close());
  await travel.matrix(PLACES.slice(0, 2), {
    ...SPEED,
    dimensions: { heightM: 3.6, weightT: 18 },
    closures: [{ geometry: { type: 'Polygon', coordinates: [ring] } }],
  });
  expect(asked[0]!.body).toMatchObject({
    costing: 'truck',
    costing_options: { truck: { height: 3.6, weight: 18 } },
    exclude_polygons: [ring],
  });
});

test('one place without a road costs Valhalla only its own pairs', async () => {
  const { url } = await serve(valhalla());
  const { distanceM, n } = await openValhalla(url).matrix([...PLACES.slice(0, 6), { lat: 61, lon: 5 }], SPEED);
  expect(distanceM[1]).toBe(metres(PLACES[0]!, PLACES[1]!));
  expect(distanceM[6]).toBe(UNREACHABLE);
  expect(distanceM[5 * n]).toBe(metres(PLACES[5]!, PLACES[0]!));
});

test('lines from Valhalla are unpacked', async () => {
  // the first two points of the example in the description of the format, read with six digits
  expect(decodePolyline6('_p~iF~ps|U_ulLnnqC')).toEqual([
    [-12.02, 3.85],
    [-12.095, 4.07],
  ]);
  const { url } = await serve(valhalla());
  const paths = await openValhalla(url).paths(PLACES, SPEED);
  expect(paths).toHaveLength(22);
  expect(paths[21]!.distanceM).toBe(metres(PLACES[21]!, PLACES[22]!));
});

test('a real OSRM gives a matrix and lines', async () => {
  const url = process.env.OSRM_URL;
  if (!url) {
    process.stderr.write('skipped: OSRM_URL names no server\n');
    return;
  }
  // places in Heidelberg; another extract may have no road near them, but must answer
  const positions = [
    { lat: 49.4094, lon: 8.6947 },
    { lat: 49.4034, lon: 8.6757 },
  ];
  const travel = openOsrm(url);
  const { distanceM } = await travel.matrix(positions, SPEED);
  const [path] = await travel.paths(positions, SPEED);
  expect(distanceM[0]).toBe(0);
  expect(Math.abs(path!.distanceM - distanceM[1]!)).toBeLessThanOrEqual(1);
});
