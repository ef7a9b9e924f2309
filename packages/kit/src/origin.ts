import { RondeError } from '@ronde/contracts';
import type { HttpRequest } from './http.ts';

/**
 * Guards a WebSocket upgrade: browsers always send their page's origin, which must be the host asked for or PUBLIC_URL;
 * programs send none.
 * @throws RondeError ROLE_INSUFFICIENT for pages of another origin
 */
export function checkOrigin(request: Pick<HttpRequest, 'headers' | 'host'>, publicUrl?: string): void {
  const { origin } = request.headers;
  if (origin === undefined || isOurs(origin, request.host, publicUrl)) return;
  throw new RondeError(
    'ROLE_INSUFFICIENT',
    'pages of this origin may not open live connections; set PUBLIC_URL if it is ours',
  );
}

function isOurs(origin: string, host: string, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { host: originHost, origin: normal } = new URL(origin);
  return (
    originHost === host || (publicUrl !== undefined && URL.canParse(publicUrl) && normal === new URL(publicUrl).origin)
  );
}
